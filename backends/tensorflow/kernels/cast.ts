/**
 * `Cast`: tfjs asks for one wherever a type has to be sure, and tfjs-node copies what is of that type already.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import { type TensorFlowKernel, upstreamKernel } from "./kernel.ts";

/** `Cast`. */
export const cast: TensorFlowKernel<{ x: tf.Tensor }, { readonly dtype: tf.DataType }> = (args) => {
  const { inputs: { x }, backend, attrs: { dtype } } = args;
  // An int32 of tfjs' may be uint8 or int64 to TensorFlow.
  if (x.dtype === dtype && dtype === "float32") {
    backend.incRef(x.dataId);
    return { dataId: x.dataId, shape: x.shape, dtype };
  }
  const upstream = upstreamKernel("Cast");
  if (upstream === undefined) throw new Error("Expected tfjs-node to have Cast but found none");
  return upstream(args as unknown as Parameters<tf.KernelFunc>[0]);
};
