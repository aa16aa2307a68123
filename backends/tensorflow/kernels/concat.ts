/**
 * `Concat`: TensorFlow 2.21 refuses scalars, which tfjs and tfjs-node's own histograms
 * put side by side.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { callUpstream, type TensorFlowKernel } from "./kernel.ts";

/** `Concat`. */
export const concat: TensorFlowKernel<tf.Tensor[], { readonly axis: number }> = (args) => {
  const { inputs } = args;
  if (inputs.every(({ rank }) => rank === 0)) return tf.stack(inputs);
  return callUpstream("Concat", args);
};
