/**
 * Dropout whose mask follows from a seed alone: the gradient draws the mask again
 * instead of keeping it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { uniformValues } from "../random.ts";
import { defineOp, onlyOutput, type Op } from "./op.ts";

/** Attributes of {@linkcode dropoutSeeded}. */
export interface DropoutSeededAttributes {
  /** The share of values that becomes zero, in [0, 1). */
  readonly rate: number;
  /** The mask is a function of it and of the shape. */
  readonly seed: number;
}

/**
 * `DropoutSeeded`: `{ x }` → `[y]`, of x's shape: each value is zero with
 * probability `rate` and divided by `1 - rate` otherwise (Srivastava et al. 2014).
 */
export const dropoutSeeded: Op<{ x: tf.Tensor }, DropoutSeededAttributes> = defineOp({
  kernelName: "DropoutSeeded",
  fallback: ({ x }, { rate, seed }) => {
    const scale = 1 / (1 - rate);
    const mask = uniformValues(x.size, 0, 1, seed).map((value) => value < rate ? 0 : scale);
    return [tf.mul(x, tf.tensor(mask, x.shape))];
  },
  gradient: {
    gradFunc: (dy, _saved, attrs) => ({
      x: () => onlyOutput(dropoutSeeded({ x: dy as tf.Tensor }, attrs as unknown as DropoutSeededAttributes)),
    }),
  },
});
