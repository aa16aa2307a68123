/**
 * Dropout whose mask follows from a seed alone: the gradient draws the mask again
 * instead of keeping it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { hashSeed, uniformValues } from "../random.ts";
import { defineOp, onlyOutput, type Op } from "./op.ts";

/** What counts its draws, so that each is another one. */
export interface DrawSource {
  /** Draws so far. */
  calls: number;
}

/** Attributes of {@linkcode dropoutSeeded}. */
export interface DropoutSeededAttributes {
  /** The share of values that becomes zero, in [0, 1). */
  readonly rate: number;
  /** The mask is a function of it, of `call` and of the shape, for each backend. */
  readonly seed: number;
  /** Which draw of its source this is. @default {0} */
  readonly call?: number;
  /** Whose draw it is: a compiled step goes on counting where the layer stands. */
  readonly source?: DrawSource;
}

/**
 * `DropoutSeeded`: `{ x }` → `[y]`, of x's shape: each value is zero with
 * probability `rate` and divided by `1 - rate` otherwise (Srivastava et al. 2014).
 */
export const dropoutSeeded: Op<{ x: tf.Tensor }, DropoutSeededAttributes> = defineOp({
  kernelName: "DropoutSeeded",
  fallback: ({ x }, { rate, seed, call = 0 }) => {
    const scale = 1 / (1 - rate);
    const mask = uniformValues(x.size, 0, 1, hashSeed(seed, `${call}`)).map((value) => value < rate ? 0 : scale);
    return [tf.mul(x, tf.tensor(mask, x.shape))];
  },
  gradient: {
    gradFunc: (dy, _saved, attrs) => ({
      x: () => onlyOutput(dropoutSeeded({ x: dy as tf.Tensor }, attrs as unknown as DropoutSeededAttributes)),
    }),
  },
});
