/**
 * `Sum` and `Mean` over neighbouring axes that leave the last one, for wasm: what
 * the gradient of a bias, BatchNorm's statistics and global average pooling are.
 * tfjs transposes the whole tensor first; here one pass reads it as it lies.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { floats, type KernelArguments, sizeOf } from "./kernel.ts";
import { upstreamKernel } from "./upstream.ts";

type Arguments = KernelArguments<{ x: tf.TensorInfo }, { axis: number | number[]; keepDims: boolean }>;

function reduceOuter(kernelName: "Sum" | "Mean"): (args: Arguments) => tf.TensorInfo {
  return ({ inputs: { x }, backend, attrs }) => {
    const rank = x.shape.length;
    const axes = tf.util.parseAxisParam(attrs.axis, x.shape).toSorted((a, b) => a - b);
    const [first = rank] = axes;
    const areNeighbours = axes.every((axis, i) => axis === first + i);
    const next = first + axes.length;
    // Over the last axes tfjs' kernel reads the tensor as it lies, too.
    if (x.dtype !== "float32" || !areNeighbours || next >= rank || sizeOf(x.shape) === 0) {
      return upstreamKernel(kernelName)({ inputs: { x }, backend, attrs });
    }
    const [outer, rows, columns] = [x.shape.slice(0, first), x.shape.slice(first, next), x.shape.slice(next)];
    const kept = attrs.keepDims ? [...outer, ...rows.map(() => 1), ...columns] : [...outer, ...columns];
    const result = backend.makeOutput(kept, "float32");
    const [values, output] = [floats(backend, x), floats(backend, result)];
    const [count, length] = [sizeOf(rows), sizeOf(columns)];
    const scale = kernelName === "Mean" ? 1 / count : 1;
    // Long sums: float32 would lose digits.
    const sums = new Float64Array(length);
    for (let block = 0, from = 0; block < sizeOf(outer); block++) {
      sums.fill(0);
      for (let row = 0; row < count; row++) {
        for (let column = 0; column < length; column++) {
          sums[column] = (sums[column] as number) + (values[from++] as number);
        }
      }
      for (let column = 0; column < length; column++) {
        output[block * length + column] = (sums[column] as number) * scale;
      }
    }
    return result;
  };
}

/** `Sum`, in one pass over neighbouring axes that leave the last one. */
export const sumOuter: (args: Arguments) => tf.TensorInfo = reduceOuter("Sum");
/** `Mean`, in one pass over neighbouring axes that leave the last one. */
export const meanOuter: (args: Arguments) => tf.TensorInfo = reduceOuter("Mean");
