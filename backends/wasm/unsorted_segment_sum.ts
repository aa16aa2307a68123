/**
 * `UnsortedSegmentSum` for wasm. tfjs has none (tensorflow/tfjs#8082): the gradient
 * of `gather`, and of all that is built on it, failed.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import { floats, sizeOf, type WasmKernel } from "./kernel.ts";

/** Rows of `x` added up by their `segmentIds` → `[numSegments, …]`; rows with ids out of range count nowhere. */
export const unsortedSegmentSum: WasmKernel<
  { x: tf.TensorInfo; segmentIds: tf.TensorInfo },
  { readonly numSegments: number }
> = ({ inputs: { x, segmentIds }, backend, attrs: { numSegments } }) => {
  const [rows = 0] = segmentIds.shape;
  const length = rows === 0 ? 0 : sizeOf(x.shape) / rows;
  const result = backend.makeOutput([numSegments, ...x.shape.slice(1)], "float32");
  const [sums, values] = [floats(backend, result), floats(backend, x)];
  const ids = backend.typedArrayFromHeap(segmentIds);
  sums.fill(0);
  for (let row = 0; row < rows; row++) {
    const id = ids[row] as number;
    if (id < 0 || id >= numSegments) continue;
    for (let i = 0; i < length; i++) {
      const at = id * length + i;
      sums[at] = (sums[at] as number) + (values[row * length + i] as number);
    }
  }
  return result;
};
