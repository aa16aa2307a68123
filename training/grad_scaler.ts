/**
 * Loss scaling: gradients too small for float16 are computed of a loss that is larger.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { currentCompiler, mayBeFloat16, type Precision } from "../backends/compiler.ts";
import { parseConfig } from "../models/errors.ts";
import { hostScalar } from "../models/ops/host_scalar.ts";
import type { CompileChoice } from "./compiled.ts";

/** Options of {@linkcode GradScaler}; names and defaults are those of `torch.amp.GradScaler`. */
export interface GradScalerConfig {
  /** The scale of the first step. @default {65536} */
  initScale?: number;
  /** What the scale is multiplied by when it grows, over 1. @default {2} */
  growthFactor?: number;
  /** What it is multiplied by after a step that overflowed, in (0, 1). @default {0.5} */
  backoffFactor?: number;
  /** Steps in a row without an overflow after which it grows. @default {2000} */
  growthInterval?: number;
}

const schema = z.strictObject({
  initScale: z.number().positive().default(65536),
  growthFactor: z.number().gt(1).default(2),
  backoffFactor: z.number().positive().lt(1).default(0.5),
  growthInterval: z.int().positive().default(2000),
});

/** How far a {@linkcode GradScaler} has come. */
export interface GradScalerState {
  /** What the loss of the next step is multiplied by. */
  readonly scale: number;
  /** Steps without an overflow since it last changed. */
  readonly goodSteps: number;
}

/**
 * The scale of the loss, as `torch.amp.GradScaler` moves it: halved by a step whose gradients are not all finite, and
 * doubled after 2,000 in a row that were. `trainStep({ lossScale })` and `fit({ lossScale })` take one.
 *
 * @example
 * ```ts
 * import { createModel, GradScaler, SGD, trainStep, useBackend } from "@convbench/convbench";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend("cpu");
 * const model = createModel("d2l/lenet", { seed: 1 });
 * const optimizer = new SGD({ learningRate: 0.1 });
 * const lossScale = new GradScaler();
 * const step = trainStep(model, optimizer, undefined, { lossScale });
 * const [images, labels] = [tf.fill([2, 28, 28, 1], Infinity), tf.tensor1d([3, 7], "int32")];
 * const { loss } = step(images, labels);
 * // Gradients that are not finite: the step is not taken.
 * assertEquals([optimizer.iterations, lossScale.scale], [0, 32768]);
 * tf.dispose([images, labels, loss]);
 * for (const each of [step, optimizer, model]) each.dispose();
 * ```
 */
export class GradScaler {
  readonly #options: z.output<typeof schema>;
  #state: GradScalerState;

  /**
   * Takes options; those left out have their defaults.
   *
   * @throws {RangeError} Where an option is out of range.
   */
  constructor(config: GradScalerConfig = {}) {
    this.#options = parseConfig(schema, config, "GradScaler");
    this.#state = { scale: Math.fround(this.#options.initScale), goodSteps: 0 };
  }

  /** What the loss of the next step is multiplied by. */
  get scale(): number {
    return this.#state.scale;
  }

  /** How far it has come; a checkpoint keeps it. */
  get state(): GradScalerState {
    return this.#state;
  }

  /** Goes on from a checkpoint. */
  restore({ scale, goodSteps }: GradScalerState): void {
    this.#state = { scale, goodSteps };
  }

  /** Moves the scale after a step whose gradients were all finite, or were not. */
  update(wereFinite: boolean): void {
    const { growthFactor, backoffFactor, growthInterval } = this.#options;
    const { scale, goodSteps } = this.#state;
    if (!wereFinite) {
      this.#state = { scale: Math.fround(scale * backoffFactor), goodSteps: 0 };
    } else if (goodSteps + 1 < growthInterval) {
      this.#state = { scale, goodSteps: goodSteps + 1 };
    } else {
      const grown = Math.fround(scale * growthFactor);
      this.#state = { scale: Number.isFinite(grown) ? grown : scale, goodSteps: 0 };
    }
  }
}

/** Whether and how the loss is scaled: as the scaler says, by a number, or not at all. */
export type LossScale = "dynamic" | number | GradScaler;

/** The schema of a loss scale. */
export const lossScaleOption: z.ZodType<LossScale | undefined, LossScale | undefined> = z.union([
  z.literal("dynamic"),
  z.number().positive(),
  z.instanceof(GradScaler),
]).optional();

/** What scales the loss of a step: what was chosen, else a scaler where the step may be computed in float16. */
export function lossScaling(
  chosen: LossScale | undefined,
  { compile, precision }: { compile: CompileChoice; precision: Precision },
): GradScaler | number | undefined {
  const isCompiled = compile !== false && currentCompiler() !== undefined;
  const scale = chosen ?? (isCompiled && mayBeFloat16(precision) ? "dynamic" : undefined);
  return scale === "dynamic" ? new GradScaler() : scale;
}

/** A scale and its inverse as tensors; a compiled step reads a scaler's anew. */
export function scaleTensors(scaling: GradScaler | number): { scale(): tf.Scalar; inverse(): tf.Scalar } {
  const read = (): number => typeof scaling === "number" ? scaling : scaling.scale;
  const readInverse = (): number => 1 / read();
  return { scale: () => hostScalar(read), inverse: () => hostScalar(readInverse) };
}

/** Whether all values of all gradients are finite, a bool; for use in a `tf.tidy`. */
export function allFinite(gradients: tf.NamedTensorMap): tf.Scalar {
  return tf.all(tf.stack(Object.values(gradients).map((gradient) => tf.all(tf.isFinite(gradient))))) as tf.Scalar;
}

/** What `weights` and all variables on the current backend hold; the caller owns it, as in a `tf.tidy`. */
export function variableValues(weights: readonly tf.Variable[]): ReadonlyMap<tf.Variable, tf.Tensor> {
  const { registeredVariables, tensorInfo } = tf.engine().state;
  const backend = tf.backend();
  // A clone would move what lies on another backend here; an optimizer keeps nothing there.
  const here = Object.values(registeredVariables).filter(({ dataId }) => tensorInfo.get(dataId)?.backend === backend);
  return new Map([...weights, ...here].map((variable) => [variable, tf.clone(variable as tf.Tensor)]));
}

/**
 * Puts what has been assigned to since `before` back where `condition` is false: weights, moving statistics and what
 * optimizers keep. For use in a `tf.tidy`; in a compiled step both values are at hand and one is selected.
 */
export function restoreUnless(condition: tf.Scalar, before: ReadonlyMap<tf.Variable, tf.Tensor>): void {
  for (const [variable, value] of before) {
    if (!variable.isDisposed && variable.dataId !== value.dataId) {
      variable.assign(tf.where(condition, variable as tf.Tensor, value));
    }
  }
}
