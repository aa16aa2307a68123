/**
 * A bias per channel, as an operation of its own: a backend adds it, and sums its
 * gradient, in one pass each, and may fuse it with the convolution before.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { defineOp, onlyOutput, type Op } from "./op.ts";

/** `BiasAddGrad`: `{ dy: […, C] }` → `[its sum over all other axes: [C]]`. */
export const biasAddGrad: Op<{ dy: tf.Tensor }, Record<never, never>> = defineOp({
  kernelName: "BiasAddGrad",
  fallback: ({ dy }: { dy: tf.Tensor }) => [tf.sum(dy, Array.from({ length: dy.rank - 1 }, (_, axis) => axis))],
});

/** `BiasAdd`: `{ x: […, C], bias: [C] }` → `[x + bias]`. */
export const biasAdd: Op<{ x: tf.Tensor; bias: tf.Tensor }, Record<never, never>> = defineOp({
  kernelName: "BiasAdd",
  fallback: ({ x, bias }: { x: tf.Tensor; bias: tf.Tensor }) => [tf.add(x, bias)],
  gradient: {
    gradFunc: (dys) => {
      const dy = dys as tf.Tensor;
      return { x: () => dy.clone(), bias: () => onlyOutput(biasAddGrad({ dy }, {})) };
    },
  },
});
