/**
 * `WriteValues`: into the array that tfjs-node keeps of a tensor until an op asks
 * for it, so that TensorFlow's copy is made when the weights are there.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { WriteValuesAttributes } from "../../../models/ops/write_values.ts";
import { writeToArray } from "../../host_arrays.ts";
import type { TensorFlowKernel } from "./kernel.ts";

/** `WriteValues`. */
export const writeValues: TensorFlowKernel<{ x: tf.Tensor }, WriteValuesAttributes> = (
  { inputs: { x }, backend, attrs },
) => {
  const entry = backend.tensorMap.get(x.dataId);
  if (entry.id >= 0 && entry.values == null) {
    backend.binding.deleteTensor(entry.id);
    entry.id = -1;
  }
  const { values } = entry;
  entry.values = writeToArray(x, values instanceof Float32Array ? values : undefined, attrs);
  return [];
};
