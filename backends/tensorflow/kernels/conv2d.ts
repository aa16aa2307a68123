/**
 * Convolutions and their two gradients, with any padding; depthwise too.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { NodeBackend } from "../upstream.ts";
import { bool, type TensorFlowKernel, type } from "./kernel.ts";
import {
  dilationAttribute,
  pad,
  paddedShape,
  type Padding,
  paddingOf,
  unpad,
  windowAttributes,
  type WindowInfo,
} from "./windows.ts";

type Shape4D = [number, number, number, number];
type Pair = number | [number, number];

/** Attributes of tfjs' convolution kernels. */
export interface ConvolutionAttributes {
  readonly strides: Pair;
  readonly pad: "valid" | "same" | number | tf.backend_util.ExplicitPadding;
  readonly dataFormat?: "NHWC" | "NCHW";
  readonly dilations?: Pair | null;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

type Names = "Conv2D" | "DepthwiseConv2dNative";

/** Where the windows of a convolution are; the number of groups does not matter for that. */
function windowsOf(name: Names, inputShape: number[], filterShape: number[], attrs: ConvolutionAttributes): WindowInfo {
  const depthwise = name === "DepthwiseConv2dNative";
  const format = attrs.dataFormat ?? "NHWC";
  const [channels, filterChannels] = [inputShape[format === "NHWC" ? 3 : 1] ?? 0, filterShape[2] ?? 0];
  // tfjs checks that the two agree, which they do not in a convolution in groups.
  const shape = depthwise || channels === filterChannels
    ? inputShape
    : inputShape.map((size, axis) => axis === (format === "NHWC" ? 3 : 1) ? filterChannels : size);
  return tf.backend_util.computeConv2DInfo(
    shape as Shape4D,
    filterShape as Shape4D,
    attrs.strides,
    attrs.dilations ?? 1,
    attrs.pad,
    attrs.dimRoundingMode,
    depthwise,
    tf.backend_util.convertConv2DDataFormat(format),
  );
}

const attributesOf = (x: tf.Tensor, info: WindowInfo, padding: Padding) => [
  type("T", x.dtype),
  ...windowAttributes(info, padding),
  dilationAttribute(info),
];

/** The convolution of `x` and `filter`. */
export function convolve(
  backend: NodeBackend,
  name: Names,
  { x, filter }: { x: tf.Tensor; filter: tf.Tensor },
  attrs: ConvolutionAttributes,
): tf.Tensor {
  return tf.tidy(() => {
    const info = windowsOf(name, x.shape, filter.shape, attrs);
    if (skipsRows(name, x, info)) return convolveColumn(backend, x, filter, info);
    const padding = paddingOf(info);
    return backend.executeSingleOutput(name, attributesOf(x, info, padding), [pad(x, padding), filter]);
  });
}

/**
 * Whether oneDNN gets the forward convolution wrong (TensorFlow 2.21): of one channel into
 * one column, with steps along the width only, it takes the rows that wide apart too.
 */
const skipsRows = (name: Names, x: tf.Tensor, info: WindowInfo): boolean =>
  name === "Conv2D" && info.dataFormat === "channelsLast" && x.shape[3] === 1 && info.outWidth === 1 &&
  info.strideHeight === 1 && info.strideWidth > 1;

/** A convolution into one column: with nothing beside the window, steps along the width mean nothing. */
function convolveColumn(backend: NodeBackend, x: tf.Tensor, filter: tf.Tensor, info: WindowInfo): tf.Tensor {
  const { top, bottom, left, right } = info.padInfo;
  const padded = tf.pad(x, [[0, 0], [top, bottom], [left, right], [0, 0]]);
  const [batch = 1, height = 1] = padded.shape;
  const column = tf.slice(padded, [0, 0, 0, 0], [batch, height, info.effectiveFilterWidth, 1]);
  return backend.executeSingleOutput(
    "Conv2D",
    attributesOf(x, { ...info, strideWidth: 1 }, { name: "VALID" }),
    [column, filter],
  );
}

/** The gradient for the input. */
export function inputGradient(
  backend: NodeBackend,
  name: Names,
  { dy, filter }: { dy: tf.Tensor; filter: tf.Tensor },
  { inputShape, ...attrs }: ConvolutionAttributes & { readonly inputShape: number[] },
): tf.Tensor {
  return tf.tidy(() => {
    const info = windowsOf(name, inputShape, filter.shape, attrs);
    const padding = paddingOf(info);
    const sizes = tf.tensor1d(paddedShape(inputShape, padding), "int32");
    const dx = backend.executeSingleOutput(
      `${name}BackpropInput`,
      attributesOf(dy, info, padding),
      [sizes, filter, dy],
    );
    return unpad(dx, padding, inputShape);
  });
}

/** Whether each value of the output comes from all channels of one pixel. */
const takesPixels = (name: Names, x: tf.Tensor, filterShape: readonly number[], info: WindowInfo): boolean =>
  name === "Conv2D" && info.dataFormat === "channelsLast" && info.effectiveFilterHeight === 1 &&
  info.effectiveFilterWidth === 1 && filterShape[2] === x.shape[3];

/** The pixels that a 1×1 filter takes, side by side. */
function takenPixels(x: tf.Tensor, { padInfo, outHeight, outWidth, strideHeight, strideWidth }: WindowInfo): tf.Tensor {
  const { top, bottom, left, right } = padInfo;
  const padded = top + bottom + left + right > 0 ? tf.pad(x, [[0, 0], [top, bottom], [left, right], [0, 0]]) : x;
  if (strideHeight === 1 && strideWidth === 1) return padded;
  const [batch = 1, , , channels = 1] = x.shape;
  const end = [batch, (outHeight - 1) * strideHeight + 1, (outWidth - 1) * strideWidth + 1, channels];
  return tf.stridedSlice(padded, [0, 0, 0, 0], end, [1, strideHeight, strideWidth, 1]);
}

/**
 * The gradient for a 1×1 filter: one product over all pixels. oneDNN's own convolution takes 1.2 to 1.5 times as long
 * with AVX2, where it also gets the gradient wrong of a filter that steps over pixels (TensorFlow 2.21).
 */
function pixelGradient(backend: NodeBackend, x: tf.Tensor, dy: tf.Tensor, filterShape: number[]): tf.Tensor {
  const rows = (tensor: tf.Tensor): tf.Tensor => tf.reshape(tensor, [-1, tensor.shape.at(-1) ?? 1]);
  const product = backend.executeSingleOutput(
    "MatMul",
    [type("T", x.dtype), bool("transpose_a", true), bool("transpose_b", false)],
    [rows(x), rows(dy)],
  );
  return tf.reshape(product, filterShape);
}

/** The gradient for the filter. */
export function filterGradient(
  backend: NodeBackend,
  name: Names,
  { x, dy }: { x: tf.Tensor; dy: tf.Tensor },
  { filterShape, ...attrs }: ConvolutionAttributes & { readonly filterShape: number[] },
): tf.Tensor {
  return tf.tidy(() => {
    const info = windowsOf(name, x.shape, filterShape, attrs);
    if (takesPixels(name, x, filterShape, info)) return pixelGradient(backend, takenPixels(x, info), dy, filterShape);
    const sizes = tf.tensor1d(filterShape, "int32");
    const padding = paddingOf(info);
    return backend.executeSingleOutput(
      `${name}BackpropFilter`,
      attributesOf(x, info, padding),
      [pad(x, padding), sizes, dy],
    );
  });
}

type Forward = { x: tf.Tensor; filter: tf.Tensor };
type ForInput = { dy: tf.Tensor; filter: tf.Tensor };
type ForFilter = { x: tf.Tensor; dy: tf.Tensor };
type InputAttributes = ConvolutionAttributes & { readonly inputShape: number[] };
type FilterAttributes = ConvolutionAttributes & { readonly filterShape: number[] };

/** `Conv2D`. */
export const conv2D: TensorFlowKernel<Forward, ConvolutionAttributes> = ({ inputs, backend, attrs }) =>
  convolve(backend, "Conv2D", inputs, attrs);

/** `Conv2DBackpropInput`. */
export const conv2DBackpropInput: TensorFlowKernel<ForInput, InputAttributes> = ({ inputs, backend, attrs }) =>
  inputGradient(backend, "Conv2D", inputs, attrs);

/** `Conv2DBackpropFilter`. */
export const conv2DBackpropFilter: TensorFlowKernel<ForFilter, FilterAttributes> = ({ inputs, backend, attrs }) =>
  filterGradient(backend, "Conv2D", inputs, attrs);

/** `DepthwiseConv2dNative`. */
export const depthwiseConv2d: TensorFlowKernel<Forward, ConvolutionAttributes> = ({ inputs, backend, attrs }) =>
  convolve(backend, "DepthwiseConv2dNative", inputs, attrs);

/** `DepthwiseConv2dNativeBackpropInput`. */
export const depthwiseBackpropInput: TensorFlowKernel<ForInput, InputAttributes> = ({ inputs, backend, attrs }) =>
  inputGradient(backend, "DepthwiseConv2dNative", inputs, attrs);

/** `DepthwiseConv2dNativeBackpropFilter`. */
export const depthwiseBackpropFilter: TensorFlowKernel<ForFilter, FilterAttributes> = ({ inputs, backend, attrs }) =>
  filterGradient(backend, "DepthwiseConv2dNative", inputs, attrs);
