/**
 * ReLU with a gradient of one operation. tfjs composes it of three (step, cast and
 * product) and keeps the input for it, where the output is kept anyway.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { defineOp, onlyOutput, type Op } from "./op.ts";

const rectifiedLinearGrad: Op<{ dy: tf.Tensor; y: tf.Tensor }, Record<never, never>> = defineOp({
  kernelName: "RectifiedLinearGrad",
  fallback: ({ dy, y }: { dy: tf.Tensor; y: tf.Tensor }) => [tf.mul(dy, tf.step(y))],
});

/** `RectifiedLinear`: `{ x }` → `[max(x, 0)]`; the gradient at 0 is 0. */
export const rectifiedLinear: Op<{ x: tf.Tensor }, Record<never, never>> = defineOp({
  kernelName: "RectifiedLinear",
  fallback: ({ x }: { x: tf.Tensor }) => [tf.relu(x)],
  gradient: {
    outputsToSave: [true],
    gradFunc: (dy, [y]) => {
      if (y === undefined) throw new Error("RectifiedLinear saved fewer tensors than it needs");
      return { x: () => onlyOutput(rectifiedLinearGrad({ dy: dy as tf.Tensor, y }, {})) };
    },
  },
});
