/**
 * The loss of classification.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { parseConfig } from "../models/errors.ts";

/** Options of {@linkcode softmaxCrossEntropy}. */
export interface SoftmaxCrossEntropyOptions {
  /**
   * The share of each label that is spread over all classes, the right one included, in [0, 1] (Szegedy et al. 2016).
   * @default {0}
   */
  labelSmoothing?: number;
}

/** The schema of a label smoothing. */
export const labelSmoothingOption: z.ZodType<number, number | undefined> = z.number().min(0).max(1).default(0);
const schema = z.strictObject({ labelSmoothing: labelSmoothingOption });

/**
 * Mean cross entropy of `logits` `[N, classes]` and `labels` `[N]` (int32 class
 * numbers), as `torch.nn.functional.cross_entropy`, label smoothing included.
 *
 * @throws {RangeError} Where the two do not fit, or `labelSmoothing` is out of range.
 *
 * @example
 * ```ts
 * import { softmaxCrossEntropy, useBackend } from "@convbench/convbench";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await useBackend("cpu");
 * const loss = tf.tidy(() => softmaxCrossEntropy(tf.zeros([4, 10]), tf.tensor1d([0, 3, 5, 9], "int32")));
 * assertAlmostEquals((await loss.data())[0] ?? NaN, Math.log(10), 1e-6);
 * loss.dispose();
 * ```
 */
export function softmaxCrossEntropy(
  logits: tf.Tensor,
  labels: tf.Tensor,
  options: SoftmaxCrossEntropyOptions = {},
): tf.Scalar {
  const { labelSmoothing } = parseConfig(schema, options, "softmaxCrossEntropy()");
  const [batch, classes] = logits.shape;
  if (logits.rank !== 2 || batch === undefined || classes === undefined) {
    throw new RangeError(`Expected logits to have shape [batch, classes] but found [${logits.shape}]`);
  }
  if (labels.rank !== 1 || labels.shape[0] !== batch) {
    throw new RangeError(`Expected labels to have shape [${batch}] but found [${labels.shape}]`);
  }
  return tf.tidy(() => {
    const oneHot = tf.oneHot(labels as tf.Tensor1D, classes);
    return tf.losses.softmaxCrossEntropy(oneHot, logits, undefined, labelSmoothing) as tf.Scalar;
  });
}

/**
 * The loss over all `outputs` of a network: each one's by `loss`, times its weight, added up.
 * For use in a `tf.tidy`.
 */
export function totalLoss(
  outputs: readonly tf.Tensor[],
  labels: tf.Tensor,
  loss: (logits: tf.Tensor, labels: tf.Tensor) => tf.Scalar,
  weights: readonly number[],
): tf.Scalar {
  return outputs.map((logits, i) => {
    const weight = weights[i] ?? 1;
    return weight === 1 ? loss(logits, labels) : tf.mul(loss(logits, labels), weight) as tf.Scalar;
  }).reduce((sum, loss) => tf.add(sum, loss));
}

/** What auxiliary classifiers count beside the main one's 1 (GoogLeNet: Szegedy et al. 2015, section 5). */
export function auxiliaryLossWeights(outputs: number): number[] {
  return Array.from({ length: outputs }, (_, i) => i === 0 ? 1 : 0.3);
}
