/**
 * `Conv2DBackpropFilter` for wasm. tfjs has none (tensorflow/tfjs#8474): no
 * convolution could be trained on this backend. The gradient is a product of the
 * unrolled images and dy, given to XNNPACK in pieces that stay in the cache.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import { matMul } from "./batch_mat_mul.ts";
import { columnsOfPlanes } from "./im2col.ts";
import {
  type ConvolutionAttributes,
  convolutionInfo,
  floats,
  type Scope,
  scoped,
  transpose,
  type WasmKernel,
} from "./kernel.ts";

/** Pixels in one product: XNNPACK's panels of that depth stay in the second-level cache. */
const DEPTH = 2048;

/** `gradient += columns · dy[start, start + rows)`. */
function accumulate(
  scope: Scope,
  gradient: tf.TensorInfo,
  columns: tf.TensorInfo,
  dy: tf.TensorInfo,
  { start, rows, filters }: { start: number; rows: number; filters: number },
): void {
  const { backend } = scope;
  const part = scope.make([rows, filters]);
  floats(backend, part).set(floats(backend, dy).subarray(start * filters, (start + rows) * filters));
  const product = matMul(scope, columns, part);
  const [sum, addend] = [floats(backend, gradient), floats(backend, product)];
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (addend[i] as number);
  scope.free(part, product);
}

/** `x` `[N, H, W, C]`, `dy` `[N, oH, oW, F]` → the gradient of the filter, `[kH, kW, C, F]`. */
export const conv2DBackpropFilter: WasmKernel<
  { x: tf.TensorInfo; dy: tf.TensorInfo },
  ConvolutionAttributes & { readonly filterShape: [number, number, number, number] }
> = ({ inputs: { x, dy }, backend, attrs }) => {
  const info = convolutionInfo("Conv2DBackpropFilter", x.shape, attrs.filterShape, attrs);
  const { batchSize, inChannels, inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth, padInfo } = info;
  const filters = info.outChannels;
  const depth = outHeight * outWidth;
  const height = filterHeight * filterWidth * inChannels;
  const isPointwise = filterHeight === 1 && filterWidth === 1 && info.strideHeight === 1 && info.strideWidth === 1 &&
    padInfo.top === 0 && padInfo.left === 0 && outHeight === inHeight && outWidth === inWidth;
  return scoped(backend, (scope) => {
    const gradient = scope.make(attrs.filterShape);
    floats(backend, gradient).fill(0);
    if (isPointwise) {
      const total = batchSize * depth;
      for (let start = 0; start < total; start += DEPTH) {
        const rows = Math.min(DEPTH, total - start);
        const columns = scope.make([height, rows]);
        transpose(floats(backend, x), floats(backend, columns), [rows, inChannels], start * inChannels);
        accumulate(scope, gradient, columns, dy, { start, rows, filters });
        scope.free(columns);
      }
      return gradient;
    }
    const group = Math.max(1, Math.min(batchSize, Math.floor(DEPTH / depth)));
    const pixels = inHeight * inWidth;
    for (let first = 0; first < batchSize; first += group) {
      const count = Math.min(group, batchSize - first);
      const planes = scope.make([inChannels, count * pixels]);
      const columns = scope.make([height, count * depth]);
      const start = first * pixels * inChannels;
      transpose(floats(backend, x), floats(backend, planes), [count * pixels, inChannels], start);
      columnsOfPlanes(floats(backend, planes), floats(backend, columns), count, info);
      accumulate(scope, gradient, columns, dy, { start: first * depth, rows: count * depth, filters });
      scope.free(planes, columns);
    }
    return gradient;
  });
};
