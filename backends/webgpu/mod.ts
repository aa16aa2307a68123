/**
 * What tfjs' WebGPU backend has slow, wrong or not at all, for training.
 *
 * @module
 */
import { addN } from "./add_n.ts";
import { avgPoolGrad } from "./avg_pool_grad.ts";
import { batchNormTraining, batchNormTrainingGrad } from "./batch_norm_training.ts";
import { conv2DBackpropFilter, groupedConv2DBackpropFilter } from "./conv2d_backprop_filter.ts";
import { conv2DBackpropInput, groupedConv2DBackpropInput } from "./conv2d_backprop_input.ts";
import { depthwiseBackpropFilter } from "./depthwise_backprop_filter.ts";
import { groupedConv2D } from "./grouped_conv2d.ts";
import { maxPoolGrad } from "./max_pool_grad.ts";
import { webgpuKernels } from "./upstream.ts";

export { upstreamKernel } from "./upstream.ts";

/** This room's kernels by tfjs' names. */
const KERNELS = {
  AddN: addN,
  AvgPoolGrad: avgPoolGrad,
  BatchNormTraining: batchNormTraining,
  BatchNormTrainingGrad: batchNormTrainingGrad,
  Conv2DBackpropFilter: conv2DBackpropFilter,
  Conv2DBackpropInput: conv2DBackpropInput,
  DepthwiseConv2dNativeBackpropFilter: depthwiseBackpropFilter,
  GroupedConv2D: groupedConv2D,
  GroupedConv2DBackpropFilter: groupedConv2DBackpropFilter,
  GroupedConv2DBackpropInput: groupedConv2DBackpropInput,
  MaxPoolGrad: maxPoolGrad,
} as const;

/** Registers the kernels of this room, in the place of tfjs' own; once tfjs' backend is imported. */
export function installWebGPUKernels(): void {
  webgpuKernels.replace(KERNELS);
}
