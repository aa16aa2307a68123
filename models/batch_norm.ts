/**
 * The reference BatchNorm of the book: its scratch function, line by line in
 * meaning (d2l 8.5.4; Ioffe and Szegedy 2015).
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { parseConfig } from "./errors.ts";
import { batchNormTraining } from "./ops/batch_norm_training.ts";
import { movingAverage } from "./ops/moving_average.ts";
import { onlyOutput } from "./ops/op.ts";

/** Options of {@linkcode batchNorm}. */
export interface BatchNormOptions {
  /** Added to the variance before its root is taken. @default {1e-5} */
  eps?: number;
  /** The share of the batch's statistics in the new moving ones. @default {0.1} */
  momentum?: number;
  /** Batch statistics if true, moving ones otherwise. @default {false} */
  training?: boolean;
}

/** What {@linkcode batchNorm} gives; the caller owns all three. */
export interface BatchNormResult {
  /** The normalised input, of its shape. */
  readonly y: tf.Tensor;
  /** The new moving mean, of the old one's shape. */
  readonly movingMean: tf.Tensor;
  /** The new moving variance, of the old one's shape. */
  readonly movingVar: tf.Tensor;
}

const schema = z.strictObject({
  eps: z.number().positive().default(1e-5),
  momentum: z.number().min(0).max(1).default(0.1),
  training: z.boolean().default(false),
});

function checkPerChannel(name: string, tensor: tf.Tensor, channels: number): void {
  if (tensor.size !== channels || tensor.shape[tensor.rank - 1] !== channels) {
    throw new RangeError(
      `Expected ${name} to hold one value for each of ${channels} channels but found shape [${tensor.shape}]`,
    );
  }
}

/**
 * Normalises `x` and scales and shifts it: `gamma · (x - mean) / √(variance + eps) + beta`.
 *
 * In training, mean and biased variance are the batch's, over all axes but the last,
 * and the moving ones come back as `(1 - momentum) · moving + momentum · batch`; in
 * evaluation the moving ones are used and come back as they were. `x`, `gamma` and
 * `beta` have gradients, in training through the batch statistics too; moving
 * statistics are never differentiated through.
 *
 * @param x `[N, C]` or `[N, H, W, C]`.
 * @param gamma Scale, `[C]` (or with leading axes of size one, as in the book).
 * @param beta Shift, as gamma.
 * @param movingMean As gamma.
 * @param movingVar As gamma.
 * @throws {RangeError} Where `x` has not 2 or 4 axes, another argument does not hold C values, or an option is out of range.
 *
 * @example
 * ```ts
 * import { batchNorm, useBackend } from "@convbench/convbench";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend("cpu");
 * const x = tf.tensor2d([[1, 10], [3, 30]]);
 * const [ones, zeros] = [tf.ones([2]), tf.zeros([2])];
 * const { y, movingMean, movingVar } = batchNorm(x, ones, zeros, zeros, ones, { momentum: 0.5, training: true });
 * assertEquals(Array.from(await movingMean.data()), [1, 10]);
 * assertEquals(Array.from(await movingVar.data()), [1, 50.5]);
 * tf.dispose([x, ones, zeros, y, movingMean, movingVar]);
 * ```
 */
export function batchNorm(
  x: tf.Tensor,
  gamma: tf.Tensor,
  beta: tf.Tensor,
  movingMean: tf.Tensor,
  movingVar: tf.Tensor,
  options: BatchNormOptions = {},
): BatchNormResult {
  const { eps, momentum, training } = parseConfig(schema, options, "batchNorm()");
  if (x.rank !== 2 && x.rank !== 4) {
    throw new RangeError(`Expected x to have 2 or 4 axes, channels last, but found shape [${x.shape}]`);
  }
  const channels = x.shape[x.rank - 1] ?? 0;
  for (const [name, tensor] of Object.entries({ gamma, beta, movingMean, movingVar })) {
    checkPerChannel(name, tensor, channels);
  }
  return tf.tidy(() => {
    const move = (old: tf.Tensor, value: tf.Tensor, momentum: number) =>
      onlyOutput(movingAverage({ old, value: tf.reshape(value, old.shape) }, { momentum }));
    // The same values, which no gradient flows through.
    const constant = (tensor: tf.Tensor) => move(tensor, tensor, 0);
    const perChannel = (tensor: tf.Tensor) => tf.reshape(tensor, [channels]) as tf.Tensor1D;
    if (!training) {
      const [mean, variance] = [constant(movingMean), constant(movingVar)];
      const y = tf.batchNorm(
        x as tf.Tensor4D,
        perChannel(mean),
        perChannel(variance),
        perChannel(beta),
        perChannel(gamma),
        eps,
      );
      return { y, movingMean: mean, movingVar: variance };
    }
    const [y, mean, variance] = batchNormTraining({ x, gamma: perChannel(gamma), beta: perChannel(beta) }, { eps });
    if (!y || !mean || !variance) throw new Error("BatchNormTraining gave fewer tensors than it should");
    return { y, movingMean: move(movingMean, mean, momentum), movingVar: move(movingVar, variance, momentum) };
  });
}
