/**
 * Convolutions and their two gradients, with any padding; depthwise too.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { NodeBackend } from "../upstream.ts";
import { productGradient } from "./filter_product.ts";
import { type TensorFlowKernel, type } from "./kernel.ts";
import { isFrozenForOneDnn } from "./one_dnn.ts";
import {
  dilationAttribute,
  pad,
  paddedShape,
  type Padding,
  paddingOf,
  unpad,
  windowAttributes,
  type WindowInfo,
  withinOp,
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
    // What is fused with all that follows it: TensorFlow fuses SiLU with no depthwise convolution, and `EXPLICIT`
    // padding, whose gradients are slow, spares a copy of the image where there is none.
    const fused = isFrozenForOneDnn(backend);
    const [op, weights] = fused && name !== "Conv2D" ? ["Conv2D" as const, inGroups(filter)] : [name, filter];
    if (skipsRows(op, x, info)) return convolveColumn(backend, x, weights, info);
    const padding = fused ? withinOp(paddingOf(info)) : paddingOf(info);
    return backend.executeSingleOutput(op, attributesOf(x, info, padding), [pad(x, padding), weights]);
  });
}

/** A depthwise filter, `[height, width, C, multiplier]`, as that of a convolution in C groups: the same values. */
function inGroups(filter: tf.Tensor): tf.Tensor {
  const [height = 1, width = 1, channels = 1, multiplier = 1] = filter.shape;
  return tf.reshape(filter, [height, width, 1, channels * multiplier]);
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

/** The gradient for the filter. */
export function filterGradient(
  backend: NodeBackend,
  name: Names,
  { x, dy }: { x: tf.Tensor; dy: tf.Tensor },
  { filterShape, ...attrs }: ConvolutionAttributes & { readonly filterShape: number[] },
): tf.Tensor {
  return tf.tidy(() => {
    const info = windowsOf(name, x.shape, filterShape, attrs);
    const padding = paddingOf(info);
    const byProduct = name === "Conv2D" ? productGradient(backend, { x, dy }, filterShape, info, padding) : undefined;
    if (byProduct !== undefined) return byProduct;
    const sizes = tf.tensor1d(filterShape, "int32");
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
