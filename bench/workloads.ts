/**
 * What is measured: one step of a model, with all of its work forced.
 *
 * A step ends when one number has come back that depends on the output and, in
 * training, on every gradient: a backend that computes lazily has to have run
 * every kernel by then. Inputs are on the device before, and disposal comes after.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type Precision, requireCompiler } from "../backends/compiler.ts";
import type { ModelName } from "../models/catalog.ts";
import { mainOutputShape } from "../models/describe.ts";
import { mainModel } from "../models/main_model.ts";
import { createModel, describeModel } from "../models/registry.ts";
import { syntheticBatch } from "../data/synthetic.ts";
import { auxiliaryLossWeights, softmaxCrossEntropy, totalLoss } from "../training/loss.ts";

/**
 * `forward`: evaluation mode, the main output alone. `train`: training mode, forward
 * and the gradients of all weights, auxiliary classifiers included.
 */
export type Mode = "forward" | "train";
/** Both, in the order in which they are measured. */
export const MODES: readonly Mode[] = ["forward", "train"];

/** A model on the current backend with a batch, ready to be stepped. */
export interface Workload {
  /** One step; gives a number that the whole step went into, and frees what it made. */
  step(): Promise<number>;
  /** The ops of one step, not waited for; frees what it made. */
  submit(): void;
  /** Frees the model and the batch. */
  dispose(): void;
}

/** The most images in a batch where none are asked for. */
const MOST_IMAGES = 128;
/** What a batch of that size may cost at most in a forward pass: about a second on a core, or on a GPU. */
const MOST_MACS = { cpu: 16e9, gpu: 16e12 } as const;
/** And in output elements, all of which training keeps: about a gigabyte with what surrounds them. */
const MOST_ACTIVATIONS = { cpu: 64e6, gpu: 2e9 } as const;

/** Images in a batch where none are asked for: the book's 128, halved until a step takes no more than about a second. */
export function defaultBatch(name: ModelName, device: "cpu" | "gpu" = "cpu"): number {
  const { macs, activations } = describeModel(name);
  let batch = MOST_IMAGES;
  while (batch > 1 && (batch * macs > MOST_MACS[device] || batch * activations > MOST_ACTIVATIONS[device])) batch /= 2;
  return batch;
}

const total = (tensors: tf.Tensor[]): tf.Scalar => tf.addN(tensors.map((tensor) => tf.sum(tensor))) as tf.Scalar;

/** How a step is run. */
export interface Execution {
  /** Whether it is compiled into one function: an error where the backend cannot. @default {false} */
  readonly compiled?: boolean | undefined;
  /** What products of a compiled step are computed in. @default {"float32"} */
  readonly precision?: Precision | undefined;
}

/**
 * Builds the workload; the caller disposes it. A compiled forward pass has the weights as constants.
 *
 * @throws {Error} Where it has to be compiled and the backend cannot.
 */
export function createWorkload(
  name: ModelName,
  mode: Mode,
  batchSize: number,
  { compiled = false, precision = "float32" }: Execution = {},
): Workload {
  const compiler = compiled ? requireCompiler() : undefined;
  const model = createModel(name);
  const description = describeModel(name);
  const [, height, width, channels] = description.inputShape;
  const batch = syntheticBatch({
    batchSize,
    inputShape: [height ?? 1, width ?? 1, channels ?? 1],
    classes: mainOutputShape(description).at(-1) ?? 1,
    seed: 0,
  });
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const main = mainModel(model);
  type Step = (images: tf.Tensor, labels: tf.Tensor) => tf.Tensor;
  const forward: Step = (images) => tf.sum(main.apply(images, { training: false }) as tf.Tensor);
  const loss = (images: tf.Tensor, labels: tf.Tensor) => {
    const outputs = [model.apply(images, { training: true }) as tf.Tensor | tf.Tensor[]].flat();
    return totalLoss(outputs, labels, softmaxCrossEntropy, auxiliaryLossWeights(outputs.length));
  };
  const train: Step = (images, labels) => {
    const { value, grads } = tf.variableGrads(() => loss(images, labels), variables);
    return total([value, ...Object.values(grads)]);
  };
  const plain = mode === "forward" ? forward : train;
  const whole = compiler?.compile(plain, { precision, frozen: mode === "forward" });
  const run = whole ?? ((images, labels) => tf.tidy(() => plain(images, labels)));
  return {
    async step() {
      const result = run(batch.images, batch.labels);
      const [value = NaN] = await result.data();
      result.dispose();
      return value;
    },
    submit() {
      run(batch.images, batch.labels).dispose();
    },
    dispose() {
      whole?.dispose();
      main.dispose();
      model.dispose();
      tf.dispose([batch.images, batch.labels]);
    },
  };
}
