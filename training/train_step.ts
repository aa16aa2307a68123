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
import {
  allFinite,
  type LossScale,
  lossScaleOption,
  lossScaling,
  restoreUnless,
  scaleTensors,
  variableValues,
} from "./grad_scaler.ts";
import { softmaxCrossEntropy, totalLoss } from "./loss.ts";
import { StatefulOptimizer } from "./optimizer.ts";
import { rateOf } from "./rate.ts";
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
  /**
   * What the loss is multiplied by while its gradients are computed, which are divided by it: a number, or what a
   * {@linkcode GradScaler} says, `dynamic` for one with the defaults. With a scaler a step whose gradients are not all
   * finite changes no weight, no moving statistic, no slot and no count; each step waits for the answer. Where it is
   * left out, dynamic where products may be computed in float16, and 1 otherwise.
   */
  lossScale?: LossScale | undefined;
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
  lossScale: lossScaleOption,
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

/** What tfjs keeps of an optimizer: the steps so far, which a compiled step cannot count. */
interface Kept {
  iterations_: number;
}

/** Rates that a step is compiled for before it is asked whether it takes at least as many steps with each. */
const RATES = 16;
const STEPS_A_RATE = 4;

const isTrue = (flag: tf.Scalar): boolean => flag.dataSync()[0] !== 0;

const mapValues = (tensors: tf.NamedTensorMap, map: (tensor: tf.Tensor) => tf.Tensor): tf.NamedTensorMap =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, map(tensor)]));

/**
 * A function that trains `model` by one step of `optimizer` on a batch: images `[batch, height, width, channels]` and
 * labels `[batch]`, int32. Any optimizer of tfjs' will do. The learning rate may change between steps: a compiled step
 * reads it anew, with SGD, RMSProp and AdamW of this module and with tfjs' own. With an optimizer of yours that has it
 * as a number, a step is compiled again for each rate.
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
  type Taken = { numbers: Numbers; finite: tf.Scalar | undefined };
  const { compile, precision, jit, exact, clipNorm, ...parsed } = parseConfig(schema, options, "trainStep()");
  const lossWeights = lossWeightsOf(model, parsed.lossWeights, "trainStep()");
  const scaling = lossScaling(parsed.lossScale, { compile, precision });
  const scaler = typeof scaling === "number" ? undefined : scaling;
  const scaled = scaling === undefined ? undefined : scaleTensors(scaling);
  const metrics = Object.entries<Measure>(options.metrics ?? {});
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const kept = optimizer as unknown as Kept;
  let taken = 0;

  /** Whether a step makes no variable any more. */
  const isReady = (): boolean => optimizer instanceof StatefulOptimizer ? optimizer.hasSlotsFor(variables) : taken > 0;

  const rate = rateOf(optimizer);
  const rates = new Set<number>();

  const step = (
    images: tf.Tensor,
    labels: tf.Tensor,
    _rate?: tf.Tensor | number,
    hasSlots = true,
  ): Taken =>
    tf.tidy(() => {
      const { iterations } = optimizer;
      const before = scaler && variableValues(model.weights.map((weight) => weight.read() as tf.Variable));
      // Kept beyond the scope of the gradients; the scope of the step gets copies.
      const measured: [string, tf.Scalar][] = [];
      try {
        const { grads } = variableGrads(() => {
          const outputs = [model.apply(images, { training: true }) as tf.Tensor | tf.Tensor[]].flat();
          const [main] = outputs;
          if (main === undefined) throw new RangeError(`Expected ${model.name} to have an output but found none`);
          for (const [name, measure] of metrics) measured.push([name, tf.keep(measure(main, labels))]);
          const total = totalLoss(outputs, labels, loss, lossWeights);
          measured.push(["loss", tf.keep(tf.clone(total))]);
          return scaled ? tf.mul(total, scaled.scale()) : total;
        }, variables);
        const finite = scaler && allFinite(grads);
        // A first step makes slots, of which there is no value to go back to: it is known beforehand.
        if (hasSlots || finite === undefined || isTrue(finite)) {
          const inverse = scaled?.inverse();
          const unscaled = inverse ? mapValues(grads, (gradient) => tf.mul(gradient, inverse)) : grads;
          const gradients = clipNorm === undefined ? unscaled : clipByGlobalNorm(unscaled, clipNorm).gradients;
          rate.during(() => optimizer.applyGradients(gradients));
          kept.iterations_ = iterations;
        }
        if (finite && before) restoreUnless(finite, before);
        const numbers = measured.map(([name, number]) => [name, tf.clone(number)]);
        return { numbers: Object.fromEntries(numbers) as Numbers, finite };
      } finally {
        tf.dispose(measured.map(([, number]) => number));
      }
    });

  const what = `A training step of ${model.name}`;
  let whole = perhapsCompiled(step, what, compile, { precision, jit, exact });

  /** One function a rate is no gain where rates change from step to step. */
  const giveUpOnRates = (rate: number): void => {
    rates.add(rate);
    if (compile !== "auto" || rates.size <= RATES || taken >= STEPS_A_RATE * rates.size || !whole.compiled) return;
    console.warn(`${what} runs op by op: it was compiled anew for each of ${rates.size} learning rates`);
    whole.dispose();
    whole = perhapsCompiled(step, what, false, {});
  };

  const counted = (images: tf.Tensor, labels: tf.Tensor): Numbers => {
    const argument = rate.argument();
    if (typeof argument === "number") giveUpOnRates(argument);
    const { numbers, finite } = isReady() ? whole(images, labels, argument) : step(images, labels, argument, false);
    const isTaken = finite === undefined || isTrue(finite);
    finite?.dispose();
    scaler?.update(isTaken);
    if (isTaken) {
      kept.iterations_ = optimizer.iterations + 1;
      taken++;
    }
    return numbers;
  };
  return Object.defineProperties(Object.assign(counted, { dispose: () => whole.dispose() }), {
    compiled: { get: () => whole.compiled },
    signatures: { get: () => whole.signatures },
  }) as unknown as TrainStep<Metric>;
}
