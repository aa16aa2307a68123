/**
 * One step of training: forward, gradients, update. Where the backend can, all of it
 * is compiled into one function.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { z } from "zod";
import type { CompiledSignature, Precision } from "../backends/compiler.ts";
import { parseConfig, show } from "../models/errors.ts";
import { clipByGlobalNorm } from "./clip.ts";
import { type CompileChoice, compileOptions, perhapsCompiled } from "./compiled.ts";
import { softmaxCrossEntropy, totalLoss } from "./loss.ts";
import { StatefulOptimizer } from "./optimizer.ts";
import { variableGrads } from "./variable_grads.ts";

/** A number from an output, `[batch, classes]`, and the labels, `[batch]`; called in a `tf.tidy`. */
export type Measure = (logits: tf.Tensor, labels: tf.Tensor) => tf.Scalar;

/** Options of {@linkcode trainStep}. */
export interface TrainStepOptions {
  /** Whether the step is compiled. @default {"auto"} */
  compile?: CompileChoice;
  /** What products of a compiled step are computed in; weights stay float32. @default {"float32"} */
  precision?: Precision;
  /** Whether XLA compiles the step. @default {false} */
  jit?: boolean;
  /** Whether a compiled step keeps each bit of the ops run one by one. @default {false} */
  exact?: boolean;
  /** What the loss of each output is multiplied by, the main one's first; 1 each where left out. */
  lossWeights?: readonly number[] | undefined;
  /** The most that the norm of all gradients, as one vector, may be; no limit where left out. */
  clipNorm?: number | undefined;
  /** What is measured beside the loss, of the main output before the update. */
  metrics?: Readonly<Record<string, Measure>>;
}

/** A step of training. */
export interface TrainStep<Metric extends string = never> {
  /** Takes one; gives the loss before it, over all outputs, and the metrics. The caller owns all of them. */
  (images: tf.Tensor, labels: tf.Tensor): { readonly loss: tf.Scalar } & Readonly<Record<Metric, tf.Scalar>>;
  /** Whether steps are compiled from here on. */
  readonly compiled: boolean;
  /** What has been compiled, one for each size of a batch. */
  readonly signatures: readonly CompiledSignature[];
  /** Frees what has been compiled; the model and the optimizer stay. */
  dispose(): void;
}

const schema = z.object({
  ...compileOptions,
  jit: z.boolean().default(false),
  exact: z.boolean().default(false),
  lossWeights: z.array(z.number().nonnegative()).optional(),
  clipNorm: z.number().positive().optional(),
});

/** What `fit` and `trainStep` take alike: the weights of the losses of `model`'s outputs, 1 each where left out. */
export function lossWeightsOf(model: LayersModel, given: readonly number[] | undefined, caller: string): number[] {
  const { length } = model.outputs;
  if (given === undefined) return Array<number>(length).fill(1);
  if (given.length !== length) {
    const entries = length === 1 ? "1 entry" : `${length} entries`;
    throw new RangeError(
      `Expected lossWeights of ${caller} to have ${entries}, one an output of ${model.name}, but found ${show(given)}`,
    );
  }
  return [...given];
}

/** What tfjs keeps of an optimizer: the steps so far, which a compiled step cannot count, and a rate that is a number. */
interface Kept {
  iterations_: number;
  readonly learningRate?: number;
}

/**
 * A function that trains `model` by one step of `optimizer` on a batch: images `[batch, height, width, channels]` and
 * labels `[batch]`, int32. Any optimizer of tfjs' will do. The learning rate may change between steps; with SGD,
 * RMSProp and AdamW of this module a compiled step reads it anew, with tfjs' own it is compiled again.
 *
 * A compiled step costs a fraction of a second when a size of batch is first met, and then runs as one function of
 * TensorFlow's. What a layer or `loss` computes in JavaScript is done once, when it is compiled. The step in which an
 * optimizer makes its slots is not compiled.
 *
 * @throws {RangeError} Where an option is out of range or does not fit the model.
 * @throws {Error} With `compile: true`, where the backend cannot compile.
 *
 * @example
 * ```ts
 * import { createModel, SGD, trainStep, useBackend } from "@convbench/convbench";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assert } from "@std/assert";
 *
 * await useBackend("cpu");
 * const model = createModel("d2l/lenet", { seed: 1 });
 * const optimizer = new SGD({ learningRate: 0.1 });
 * const step = trainStep(model, optimizer);
 * const [images, labels] = [tf.ones([2, 28, 28, 1]), tf.tensor1d([3, 7], "int32")];
 * const losses = [step(images, labels), step(images, labels)].map(({ loss }) => loss);
 * const [first = 0, second = 0] = await Promise.all(losses.map(async (loss) => (await loss.data())[0]));
 * assert(second < first);
 * step.dispose();
 * tf.dispose([images, labels, losses]);
 * optimizer.dispose();
 * model.dispose();
 * ```
 */
export function trainStep<Metric extends string = never>(
  model: LayersModel,
  optimizer: tf.Optimizer,
  loss: Measure = softmaxCrossEntropy,
  options: TrainStepOptions & { metrics?: Readonly<Record<Metric, Measure>> } = {},
): TrainStep<Metric> {
  type Numbers = { loss: tf.Scalar } & Record<Metric, tf.Scalar>;
  const { compile, precision, jit, exact, clipNorm, ...parsed } = parseConfig(schema, options, "trainStep()");
  const lossWeights = lossWeightsOf(model, parsed.lossWeights, "trainStep()");
  const metrics = Object.entries<Measure>(options.metrics ?? {});
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const kept = optimizer as unknown as Kept;
  let taken = 0;

  /** Whether a step makes no variable any more. */
  const isReady = (): boolean => optimizer instanceof StatefulOptimizer ? optimizer.hasSlotsFor(variables) : taken > 0;

  /** The rate stands among the arguments where it is a constant of what is compiled. */
  const step = (images: tf.Tensor, labels: tf.Tensor, _rate?: number): Numbers =>
    tf.tidy(() => {
      const { iterations } = optimizer;
      // Kept beyond the scope of the gradients; the scope of the step gets copies.
      const measured: [string, tf.Scalar][] = [];
      try {
        const { value, grads } = variableGrads(() => {
          const outputs = [model.apply(images, { training: true }) as tf.Tensor | tf.Tensor[]].flat();
          const [main] = outputs;
          if (main === undefined) throw new RangeError(`Expected ${model.name} to have an output but found none`);
          for (const [name, measure] of metrics) measured.push([name, tf.keep(measure(main, labels))]);
          return totalLoss(outputs, labels, loss, lossWeights);
        }, variables);
        const gradients = clipNorm === undefined ? grads : clipByGlobalNorm(grads, clipNorm).gradients;
        optimizer.applyGradients(gradients);
        kept.iterations_ = iterations;
        const numbers = measured.map(([name, number]) => [name, tf.clone(number)]);
        return { ...Object.fromEntries(numbers), loss: value } as Numbers;
      } finally {
        tf.dispose(measured.map(([, number]) => number));
      }
    });

  const whole = perhapsCompiled(step, `A training step of ${model.name}`, compile, { precision, jit, exact });

  const rate = (): number | undefined => optimizer instanceof StatefulOptimizer ? undefined : kept.learningRate;

  const counted = (images: tf.Tensor, labels: tf.Tensor): Numbers => {
    const numbers = isReady() ? whole(images, labels, rate()) : step(images, labels);
    kept.iterations_ = optimizer.iterations + 1;
    taken++;
    return numbers;
  };
  return Object.defineProperties(Object.assign(counted, { dispose: () => whole.dispose() }), {
    compiled: { get: () => whole.compiled },
    signatures: { get: () => whole.signatures },
  }) as unknown as TrainStep<Metric>;
}
