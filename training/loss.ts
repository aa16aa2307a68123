/**
 * The loss of classification.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/**
 * Mean cross entropy of `logits` `[N, classes]` and `labels` `[N]` (int32 class
 * numbers), as `torch.nn.functional.cross_entropy`.
 *
 * @throws {RangeError} Where the two do not fit.
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
export function softmaxCrossEntropy(logits: tf.Tensor, labels: tf.Tensor): tf.Scalar {
  const [batch, classes] = logits.shape;
  if (logits.rank !== 2 || batch === undefined || classes === undefined) {
    throw new RangeError(`Expected logits to have shape [batch, classes] but found [${logits.shape}]`);
  }
  if (labels.rank !== 1 || labels.shape[0] !== batch) {
    throw new RangeError(`Expected labels to have shape [${batch}] but found [${labels.shape}]`);
  }
  return tf.losses.softmaxCrossEntropy(tf.oneHot(labels as tf.Tensor1D, classes), logits) as tf.Scalar;
}
