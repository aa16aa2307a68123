/**
 * Convolution in groups and its two gradients.
 *
 * TensorFlow's `Conv2D` takes a filter with fewer input channels than `x` has as a
 * convolution in groups, and so do its gradients; tfjs' own checks do not let one
 * through, so it comes as a kernel of its own name. On the CPU the gradients are
 * oneDNN's alone: without it (TF_ENABLE_ONEDNN_OPTS=0, or a processor that it is not
 * made for) they are computed group by group.
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
import type { TensorFlowBinding } from "../binding/mod.ts";
import { TensorFlowError } from "../capi/status.ts";
import type { NodeBackend } from "../upstream.ts";
import { type ConvolutionAttributes, convolve, filterGradient, inputGradient } from "./conv2d.ts";
import { bool, ints, type TensorFlowKernel, text, type } from "./kernel.ts";

type Forward = { x: tf.Tensor; filter: tf.Tensor };
type ForInput = { dy: tf.Tensor; filter: tf.Tensor };
type ForFilter = { x: tf.Tensor; dy: tf.Tensor };

let cpuHasGradients = true;

/** Finds out whether the CPU has the gradients: two channels in two groups. Not while a function is recorded. */
export function probeGroupedGradients(binding: TensorFlowBinding): void {
  const sizes = binding.createTensor([4], binding.TF_INT32, Int32Array.of(1, 1, 1, 2));
  const ones = binding.createTensor([1, 1, 1, 2], binding.TF_FLOAT, Float32Array.of(1, 1));
  const attributes = [
    type("T", "float32"),
    ints("strides", [1, 1, 1, 1]),
    bool("use_cudnn_on_gpu", true),
    text("padding", "VALID"),
  ];
  try {
    for (const { id } of binding.executeOp("Conv2DBackpropInput", attributes, [sizes, ones, ones], 1)) {
      binding.deleteTensor(id);
    }
    cpuHasGradients = true;
  } catch (error) {
    if (!(error instanceof TensorFlowError)) throw error;
    cpuHasGradients = false;
  } finally {
    for (const id of [sizes, ones]) binding.deleteTensor(id);
  }
}

const serves = (backend: NodeBackend): boolean => cpuHasGradients || backend.binding.isUsingGpuDevice();

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
  serves(backend)
    ? [inputGradient(backend, "Conv2D", inputs, { ...ungrouped(attrs), inputShape: attrs.inputShape })]
    : groupedConv2DBackpropInput.fallback(inputs, attrs);

/** `GroupedConv2DBackpropFilter`. */
export const groupedBackpropFilter: TensorFlowKernel<ForFilter, GroupedConv2DAttributes & { filterShape: Shape4D }> = (
  { inputs, backend, attrs },
) =>
  serves(backend)
    ? [filterGradient(backend, "Conv2D", inputs, { ...ungrouped(attrs), filterShape: attrs.filterShape })]
    : groupedConv2DBackpropFilter.fallback(inputs, attrs);
