/**
 * Convolutions and their two gradients: with any padding, in groups, depthwise.
 *
 * TensorFlow's `Conv2D` takes a filter with fewer input channels than `x` has as a
 * convolution in groups, and so do its gradients; tfjs' own checks do not let one
 * through, so it comes as a kernel of its own name.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { GroupedConv2DAttributes } from "../../../models/ops/grouped_conv2d.ts";
import type { NodeBackend } from "../upstream.ts";
import { type TensorFlowKernel, type } from "./kernel.ts";
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
    const padding = paddingOf(info);
    return backend.executeSingleOutput(name, attributesOf(x, info, padding), [pad(x, padding), filter]);
  });
}

function inputGradient(
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

function filterGradient(
  backend: NodeBackend,
  name: Names,
  { x, dy }: { x: tf.Tensor; dy: tf.Tensor },
  { filterShape, ...attrs }: ConvolutionAttributes & { readonly filterShape: number[] },
): tf.Tensor {
  return tf.tidy(() => {
    const info = windowsOf(name, x.shape, filterShape, attrs);
    const padding = paddingOf(info);
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

const ungrouped = ({ strides, dilations, pad }: GroupedConv2DAttributes): ConvolutionAttributes => ({
  strides,
  dilations,
  pad,
});

/** `GroupedConv2D`. */
export const groupedConv2D: TensorFlowKernel<Forward, GroupedConv2DAttributes> = (
  { inputs, backend, attrs },
) => [convolve(backend, "Conv2D", inputs, ungrouped(attrs))];

/** `GroupedConv2DBackpropInput`. */
export const groupedBackpropInput: TensorFlowKernel<ForInput, GroupedConv2DAttributes & { inputShape: number[] }> = (
  { inputs, backend, attrs },
) => [inputGradient(backend, "Conv2D", inputs, { ...ungrouped(attrs), inputShape: attrs.inputShape })];

/** `GroupedConv2DBackpropFilter`. */
export const groupedBackpropFilter: TensorFlowKernel<ForFilter, GroupedConv2DAttributes & { filterShape: number[] }> = (
  { inputs, backend, attrs },
) => [filterGradient(backend, "Conv2D", inputs, { ...ungrouped(attrs), filterShape: attrs.filterShape })];
