/**
 * What tfjs' wasm backend lacks for training, has wrong, or has hopelessly slow.
 *
 * @module
 */
import { avgPoolGrad } from "./avg_pool_grad.ts";
import { batchMatMul } from "./batch_mat_mul.ts";
import { batchNormTraining, batchNormTrainingGrad } from "./batch_norm_training.ts";
import { conv2D, convolutionWithBias, depthwiseConv2d, fusedConv2D, fusedDepthwiseConv2D } from "./conv2d.ts";
import { conv2DBackpropFilter } from "./conv2d_backprop_filter.ts";
import { conv2DBackpropInput } from "./conv2d_backprop_input.ts";
import { depthwiseBackpropFilter, depthwiseBackpropInput } from "./depthwise_backprop.ts";
import { maxPoolGrad } from "./max_pool_grad.ts";
import { meanOuter, sumOuter } from "./reduce_outer.ts";
import { unsortedSegmentSum } from "./unsorted_segment_sum.ts";
import { wasmKernels } from "./upstream.ts";
import { writeValues } from "./write_values.ts";

export { guardHeap, HEAP_LIMIT } from "./heap_guard.ts";
export { upstreamKernel } from "./upstream.ts";

/** This room's kernels by tfjs' names. */
const KERNELS = {
  AvgPoolGrad: avgPoolGrad,
  BatchMatMul: batchMatMul,
  BatchNormTraining: batchNormTraining,
  BatchNormTrainingGrad: batchNormTrainingGrad,
  Conv2D: conv2D,
  Conv2DBackpropFilter: conv2DBackpropFilter,
  Conv2DBackpropInput: conv2DBackpropInput,
  ConvolutionWithBias: convolutionWithBias,
  DepthwiseConv2dNative: depthwiseConv2d,
  DepthwiseConv2dNativeBackpropFilter: depthwiseBackpropFilter,
  DepthwiseConv2dNativeBackpropInput: depthwiseBackpropInput,
  FusedConv2D: fusedConv2D,
  FusedDepthwiseConv2D: fusedDepthwiseConv2D,
  MaxPoolGrad: maxPoolGrad,
  Mean: meanOuter,
  Sum: sumOuter,
  UnsortedSegmentSum: unsortedSegmentSum,
  WriteValues: writeValues,
} as const;

/** Registers the kernels of this room, in the place of tfjs' own; once tfjs' backend is imported. */
export function installWasmKernels(): void {
  wasmKernels.replace(KERNELS);
}
