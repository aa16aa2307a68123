/**
 * `Cast`: tfjs asks for one wherever a type has to be sure, and tfjs-node copies what is of that type already.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import { callUpstream, type TensorFlowKernel } from "./kernel.ts";

/** `Cast`. */
export const cast: TensorFlowKernel<{ x: tf.Tensor }, { readonly dtype: tf.DataType }> = (args) => {
  const { inputs: { x }, backend, attrs: { dtype } } = args;
  // An int32 of tfjs' may be uint8 or int64 to TensorFlow.
  if (x.dtype === dtype && dtype === "float32") {
    backend.incRef(x.dataId);
    return { dataId: x.dataId, shape: x.shape, dtype };
  }
  return callUpstream("Cast", args);
};
