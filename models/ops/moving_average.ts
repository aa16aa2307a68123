/**
 * Moving averages that no gradient flows through, as `.data` in the book's code.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { defineOp, type Op } from "./op.ts";

/** Attributes of {@linkcode movingAverage}. */
export interface MovingAverageAttributes {
  /** The share of the new value, PyTorch's convention. */
  readonly momentum: number;
}

/** `MovingAverage`: `{ old, value }` → `[(1 - momentum)·old + momentum·value]`; its gradients are zero. */
export const movingAverage: Op<{ old: tf.Tensor; value: tf.Tensor }, MovingAverageAttributes> = defineOp({
  kernelName: "MovingAverage",
  fallback: ({ old, value }, { momentum }) => [tf.add(tf.mul(old, 1 - momentum), tf.mul(value, momentum))],
  gradient: {
    inputsToSave: ["old", "value"],
    gradFunc: (_dy, saved) => {
      const [old, value] = saved;
      if (old === undefined || value === undefined) throw new Error("MovingAverage saved fewer tensors than it needs");
      return { old: () => tf.zerosLike(old), value: () => tf.zerosLike(value) };
    },
  },
});
