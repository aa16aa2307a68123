/**
 * The logistic function with a gradient of one operation, where tfjs composes it of three.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { defineOp, onlyOutput, type Op } from "./op.ts";

/** `LogisticGrad`: `{ dy, y }` → `[dy · y · (1 - y)]`. */
export const logisticGrad: Op<{ dy: tf.Tensor; y: tf.Tensor }, Record<never, never>> = defineOp({
  kernelName: "LogisticGrad",
  fallback: ({ dy, y }: { dy: tf.Tensor; y: tf.Tensor }) => [tf.mul(dy, tf.mul(y, tf.sub(1, y)))],
});

const op: Op<{ x: tf.Tensor }, Record<never, never>> = defineOp({
  kernelName: "Logistic",
  fallback: ({ x }: { x: tf.Tensor }) => [tf.sigmoid(x)],
  gradient: {
    outputsToSave: [true],
    gradFunc: (dy, [y]) => {
      if (y === undefined) throw new Error("Logistic saved fewer tensors than it needs");
      return { x: () => onlyOutput(logisticGrad({ dy: dy as tf.Tensor, y }, {})) };
    },
  },
});

/** `Logistic`: `{ x }` → `[1 / (1 + exp(-x))]`. */
export function logistic(x: tf.Tensor): tf.Tensor {
  return onlyOutput(op({ x }, {}));
}
