/**
 * What tfjs-node's kernels lack or have wrong, and what they have slow.
 *
 * @module
 */
import { biasAdd, biasAddGrad, logistic, logisticGrad, rectifiedLinear, rectifiedLinearGrad } from "./activations.ts";
import { batchNormTraining, batchNormTrainingGrad } from "./batch_norm_training.ts";
import { cast } from "./cast.ts";
import { concat } from "./concat.ts";
import {
  conv2D,
  conv2DBackpropFilter,
  conv2DBackpropInput,
  depthwiseBackpropFilter,
  depthwiseBackpropInput,
  depthwiseConv2d,
} from "./conv2d.ts";
import { dropoutSeeded } from "./dropout_seeded.ts";
import { fusedBatchNorm } from "./fused_batch_norm.ts";
import { fusedConv2D, fusedDepthwiseConv2D } from "./fused_conv2d.ts";
import { groupedBackpropFilter, groupedBackpropInput, groupedConv2D } from "./grouped_conv2d.ts";
import { hostScalar } from "./host_scalar.ts";
import { tensorFlowKernels } from "./kernel.ts";
import { avgPool, avgPoolGrad, maxPool, maxPoolGrad } from "./pooling.ts";
import { reshape } from "./reshape.ts";
import { round } from "./round.ts";
import { writeValues } from "./write_values.ts";

export { tensorFlowKernels } from "./kernel.ts";
export { probeOneDnn } from "./one_dnn.ts";

/** This room's kernels by tfjs' names. */
const KERNELS = {
  AvgPool: avgPool,
  AvgPoolGrad: avgPoolGrad,
  BatchNormTraining: batchNormTraining,
  BatchNormTrainingGrad: batchNormTrainingGrad,
  BiasAdd: biasAdd,
  BiasAddGrad: biasAddGrad,
  Cast: cast,
  Concat: concat,
  Conv2D: conv2D,
  Conv2DBackpropFilter: conv2DBackpropFilter,
  Conv2DBackpropInput: conv2DBackpropInput,
  DepthwiseConv2dNative: depthwiseConv2d,
  DepthwiseConv2dNativeBackpropFilter: depthwiseBackpropFilter,
  DepthwiseConv2dNativeBackpropInput: depthwiseBackpropInput,
  DropoutSeeded: dropoutSeeded,
  FusedBatchNorm: fusedBatchNorm,
  FusedConv2D: fusedConv2D,
  FusedDepthwiseConv2D: fusedDepthwiseConv2D,
  GroupedConv2D: groupedConv2D,
  GroupedConv2DBackpropFilter: groupedBackpropFilter,
  GroupedConv2DBackpropInput: groupedBackpropInput,
  HostScalar: hostScalar,
  Logistic: logistic,
  LogisticGrad: logisticGrad,
  MaxPool: maxPool,
  MaxPoolGrad: maxPoolGrad,
  RectifiedLinear: rectifiedLinear,
  RectifiedLinearGrad: rectifiedLinearGrad,
  Reshape: reshape,
  Round: round,
  WriteValues: writeValues,
} as const;

/** Registers the kernels of this room, in the place of tfjs-node's own; once those are registered. */
export function installTensorFlowKernels(): void {
  tensorFlowKernels.replace(KERNELS);
}
