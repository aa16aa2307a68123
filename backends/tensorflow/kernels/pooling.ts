/**
 * Pooling and its gradients, with any padding. What padding adds never wins a
 * maximum, and an average counts what lies inside the input, as everywhere in tfjs.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { ints, type TensorFlowKernel, type } from "./kernel.ts";
import { pad, paddedShape, type Padding, paddingOf, unpad, windowAttributes } from "./windows.ts";

/** Attributes of tfjs' pooling kernels. */
interface PoolingAttributes {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: "valid" | "same" | number | tf.backend_util.ExplicitPadding;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

type Shape4D = [number, number, number, number];
type PoolInfo = ReturnType<typeof tf.backend_util.computePool2DInfo>;

const infoOf = (shape: number[], { filterSize, strides, pad, dimRoundingMode }: PoolingAttributes): PoolInfo =>
  tf.backend_util.computePool2DInfo(shape as Shape4D, filterSize, strides, 1, pad, dimRoundingMode);

const attributesOf = (x: tf.Tensor, info: PoolInfo, padding: Padding) => [
  type("T", x.dtype),
  ints("ksize", [1, info.filterHeight, info.filterWidth, 1]),
  ...windowAttributes(info, padding),
];

/** Less than every value, finite or not. */
const LEAST = -Infinity;

/** `MaxPool`. */
export const maxPool: TensorFlowKernel<{ x: tf.Tensor }, PoolingAttributes> = ({ inputs: { x }, backend, attrs }) =>
  tf.tidy(() => {
    const info = infoOf(x.shape, attrs);
    const padding = paddingOf(info);
    return backend.executeSingleOutput("MaxPool", attributesOf(x, info, padding), [pad(x, padding, LEAST)]);
  });

/** `MaxPoolGrad`. */
export const maxPoolGrad: TensorFlowKernel<
  { dy: tf.Tensor; input: tf.Tensor; output: tf.Tensor },
  PoolingAttributes
> = ({ inputs: { dy, input, output }, backend, attrs }) =>
  tf.tidy(() => {
    const info = infoOf(input.shape, attrs);
    const padding = paddingOf(info);
    const dx = backend.executeSingleOutput(
      "MaxPoolGrad",
      attributesOf(input, info, padding),
      [pad(input, padding, LEAST), output, dy],
    );
    return unpad(dx, padding, input.shape);
  });

/** By how much the average over a whole window falls short of that over what lies inside, for each place of the output. */
function shortfall(info: PoolInfo): tf.Tensor {
  const counts = (outputs: number, stride: number, before: number, extent: number, size: number) =>
    Array.from({ length: outputs }, (_, i) => {
      const start = i * stride - before;
      return Math.max(Math.min(start + extent, size) - Math.max(start, 0), 1);
    });
  const rows = counts(info.outHeight, info.strideHeight, info.padInfo.top, info.filterHeight, info.inHeight);
  const columns = counts(info.outWidth, info.strideWidth, info.padInfo.left, info.filterWidth, info.inWidth);
  const window = info.filterHeight * info.filterWidth;
  const factors = Float32Array.from(rows.flatMap((row) => columns.map((column) => window / (row * column))));
  return tf.tensor(factors, [1, info.outHeight, info.outWidth, 1]);
}

/** `AvgPool`. */
export const avgPool: TensorFlowKernel<{ x: tf.Tensor }, PoolingAttributes> = ({ inputs: { x }, backend, attrs }) =>
  tf.tidy(() => {
    const info = infoOf(x.shape, attrs);
    const padding = paddingOf(info);
    const y = backend.executeSingleOutput("AvgPool", attributesOf(x, info, padding), [pad(x, padding)]);
    return padding.margins === undefined ? y : tf.mul(y, shortfall(info));
  });

/** `AvgPoolGrad`. */
export const avgPoolGrad: TensorFlowKernel<{ dy: tf.Tensor; input: tf.Tensor }, PoolingAttributes> = (
  { inputs: { dy, input }, backend, attrs },
) =>
  tf.tidy(() => {
    const info = infoOf(input.shape, attrs);
    const padding = paddingOf(info);
    const whole = padding.margins === undefined ? dy : tf.mul(dy, shortfall(info));
    const sizes = tf.tensor1d(paddedShape(input.shape, padding), "int32");
    const dx = backend.executeSingleOutput("AvgPoolGrad", attributesOf(dy, info, padding), [sizes, whole]);
    return unpad(dx, padding, input.shape);
  });
