/**
 * `Sum` and `Mean` over all axes but the last, for wasm: what the gradient of a
 * bias is, and BatchNorm's statistics. tfjs transposes the whole tensor first; here
 * one pass reads it as it lies.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { floats, type KernelArguments, sizeOf } from "./kernel.ts";
import { upstreamKernel } from "./upstream.ts";

type Arguments = KernelArguments<{ x: tf.TensorInfo }, { axis: number | number[]; keepDims: boolean }>;

function reduceLeading(kernelName: "Sum" | "Mean"): (args: Arguments) => tf.TensorInfo {
  return ({ inputs: { x }, backend, attrs }) => {
    const rank = x.shape.length;
    const axes = tf.util.parseAxisParam(attrs.axis, x.shape).toSorted((a, b) => a - b);
    const isLeading = rank >= 2 && axes.length === rank - 1 && axes.every((axis, i) => axis === i);
    if (x.dtype !== "float32" || !isLeading) return upstreamKernel(kernelName)({ inputs: { x }, backend, attrs });
    const columns = x.shape[rank - 1] ?? 0;
    const rows = columns === 0 ? 0 : sizeOf(x.shape) / columns;
    const result = backend.makeOutput(
      attrs.keepDims ? [...new Array<number>(rank - 1).fill(1), columns] : [columns],
      "float32",
    );
    const values = floats(backend, x);
    const sums = new Float64Array(columns);
    for (let row = 0, at = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        sums[column] = (sums[column] as number) + (values[at++] as number);
      }
    }
    floats(backend, result).set(kernelName === "Mean" ? sums.map((sum) => sum / rows) : sums);
    return result;
  };
}

/** `Sum`, fast over leading axes. */
export const sumLeading: (args: Arguments) => tf.TensorInfo = reduceLeading("Sum");
/** `Mean`, fast over leading axes. */
export const meanLeading: (args: Arguments) => tf.TensorInfo = reduceLeading("Mean");
