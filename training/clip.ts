/**
 * Gradient clipping.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { parseConfig } from "../models/errors.ts";

/** What {@linkcode clipByGlobalNorm} gives; the caller owns it. */
export interface ClippedGradients {
  /** The gradients, all scaled alike. */
  readonly gradients: tf.NamedTensorMap;
  /** The norm that they had, as if they were one vector. */
  readonly norm: tf.Scalar;
}

const options = z.object({ maxNorm: z.number().nonnegative() });

/**
 * Scales `gradients` down by one factor so that their norm, as if they were one
 * vector, is at most `maxNorm` (Pascanu et al. 2013): `torch.nn.utils.clip_grad_norm_`,
 * whose factor is `maxNorm / (norm + 1e-6)`. The caller keeps `gradients`.
 *
 * @throws {RangeError} Where `maxNorm` is negative or there are no gradients.
 *
 * @example
 * ```ts
 * import { clipByGlobalNorm, useBackend } from "@convbench/convbench";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await useBackend("cpu");
 * const [w, b] = [tf.tensor1d([3, 0]), tf.scalar(4)];
 * const { gradients, norm } = clipByGlobalNorm({ w, b }, 1);
 * assertAlmostEquals((await norm.data())[0] ?? NaN, 5);
 * assertAlmostEquals((await gradients["b"]?.data())?.[0] ?? NaN, 0.8, 1e-6);
 * tf.dispose([w, b, norm, gradients]);
 * ```
 */
export function clipByGlobalNorm(gradients: tf.NamedTensorMap, maxNorm: number): ClippedGradients {
  const { maxNorm: most } = parseConfig(options, { maxNorm }, "clipByGlobalNorm()");
  const entries = Object.entries(gradients);
  if (entries.length === 0) throw new RangeError("Expected gradients to hold at least one tensor but found none");
  return tf.tidy(() => {
    const squares = entries.map(([, gradient]) => tf.sum(tf.square(gradient)));
    const norm = tf.sqrt(tf.sum(tf.stack(squares))) as tf.Scalar;
    const factor = tf.minimum(tf.div(most, tf.add(norm, 1e-6)), 1);
    return {
      gradients: Object.fromEntries(entries.map(([name, gradient]) => [name, tf.mul(gradient, factor)])),
      norm,
    };
  });
}
