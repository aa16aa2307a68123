/**
 * Convolution in groups and its two gradients.
 *
 * TensorFlow's `Conv2D` takes a filter with fewer input channels than `x` has as a
 * convolution in groups, and so do its gradients; tfjs' own checks do not let one
 * through, so it comes as a kernel of its own name. On the CPU the gradients are
 * oneDNN's alone: without it they are computed group by group.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import {
  type GroupedConv2DAttributes,
  groupedConv2DBackpropFilter,
  groupedConv2DBackpropInput,
  type Shape4D,
} from "../../../models/ops/grouped_conv2d.ts";
import { type ConvolutionAttributes, convolve, filterGradient, inputGradient } from "./conv2d.ts";
import type { TensorFlowKernel } from "./kernel.ts";
import { hasGroupedGradients } from "./one_dnn.ts";

type Forward = { x: tf.Tensor; filter: tf.Tensor };
type ForInput = { dy: tf.Tensor; filter: tf.Tensor };
type ForFilter = { x: tf.Tensor; dy: tf.Tensor };

function checkGroups({ x, filter }: Forward, { groups }: GroupedConv2DAttributes): void {
  const [channels, perGroup, filters] = [x.shape[3] ?? 0, filter.shape[2] ?? 0, filter.shape[3] ?? 0];
  if (groups < 1 || perGroup * groups !== channels || filters % groups !== 0) {
    throw new RangeError(
      `Expected groups to divide ${channels} channels into ${perGroup} each, and ${filters} filters, but found ${groups}`,
    );
  }
}

const ungrouped = ({ strides, dilations, pad }: GroupedConv2DAttributes): ConvolutionAttributes => ({
  strides,
  dilations,
  pad,
});

/** `GroupedConv2D`. */
export const groupedConv2D: TensorFlowKernel<Forward, GroupedConv2DAttributes> = ({ inputs, backend, attrs }) => {
  checkGroups(inputs, attrs);
  return [convolve(backend, "Conv2D", inputs, ungrouped(attrs))];
};

/** `GroupedConv2DBackpropInput`. */
export const groupedBackpropInput: TensorFlowKernel<ForInput, GroupedConv2DAttributes & { inputShape: Shape4D }> = (
  { inputs, backend, attrs },
) =>
  hasGroupedGradients(backend)
    ? [inputGradient(backend, "Conv2D", inputs, { ...ungrouped(attrs), inputShape: attrs.inputShape })]
    : groupedConv2DBackpropInput.fallback(inputs, attrs);

/** `GroupedConv2DBackpropFilter`. */
export const groupedBackpropFilter: TensorFlowKernel<ForFilter, GroupedConv2DAttributes & { filterShape: Shape4D }> = (
  { inputs, backend, attrs },
) =>
  hasGroupedGradients(backend)
    ? [filterGradient(backend, "Conv2D", inputs, { ...ungrouped(attrs), filterShape: attrs.filterShape })]
    : groupedConv2DBackpropFilter.fallback(inputs, attrs);
