/**
 * `Reshape`: tfjs asks for one wherever a rank has to be sure, and mostly the shape is what it was. An op there would
 * stand between a convolution, its BatchNorm and its activation, which TensorFlow then does not fuse.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { callUpstream, type TensorFlowKernel } from "./kernel.ts";

/** `Reshape`. */
export const reshape: TensorFlowKernel<{ x: tf.Tensor }, { readonly shape: number[] }> = (args) => {
  const { inputs: { x }, backend, attrs: { shape } } = args;
  if (!tf.util.arraysEqual(tf.util.inferFromImplicitShape(shape, tf.util.sizeFromShape(x.shape)), x.shape)) {
    return callUpstream("Reshape", args);
  }
  backend.incRef(x.dataId);
  return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
};
