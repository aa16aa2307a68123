/**
 * The convolutional networks of *Dive into Deep Learning*'s chapter 8 as ordinary
 * TensorFlow.js models, with a reference BatchNorm and backends that can train
 * them.
 *
 * @example A network, its description and a prediction
 * ```ts
 * import { createModel, describeModel, useBackend } from "@convbench/convbench";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend("cpu");
 * assertEquals(describeModel("d2l/bnlenet").params, 44_878);
 * const model = createModel("d2l/bnlenet", { seed: 1 });
 * const logits = tf.tidy(() => model.apply(tf.zeros([1, 28, 28, 1])) as tf.Tensor);
 * assertEquals(logits.shape, [1, 10]);
 * logits.dispose();
 * model.dispose();
 * ```
 *
 * @module
 */
export { alexNet, type AlexNetChannels, type AlexNetConfig, alexNetConfig } from "./models/alexnet.ts";
export { batchNorm, type BatchNormOptions, type BatchNormResult } from "./models/batch_norm.ts";
export {
  auxiliary,
  type Block,
  identity,
  inDefinitionOrder,
  layer,
  named,
  type Network,
  type Node,
  sequential,
} from "./models/block.ts";
export { buildModel, type BuildOptions } from "./models/build.ts";
export type { ModelName } from "./models/catalog.ts";
export type { CatalogEntry, NetworkOptions } from "./models/catalog_entry.ts";
export { describe, type LayerDescription, type ModelDescription, type WeightDescription } from "./models/describe.ts";
export type { InitialScheme, InitialValue } from "./models/initial_values.ts";
export {
  AdaptiveAvgPool2d,
  type AdaptiveAvgPool2dConfig,
  type AdaptiveAvgPool2dOptions,
} from "./models/layers/adaptive_avg_pool2d.ts";
export { Add } from "./models/layers/add.ts";
export { AvgPool2d, type AvgPool2dConfig, type AvgPool2dOptions } from "./models/layers/avg_pool2d.ts";
export { BatchNorm, type BatchNormConfig, type BatchNormLayerOptions } from "./models/layers/batch_norm.ts";
export { Concat } from "./models/layers/concat.ts";
export { Conv2d, type Conv2dConfig, type Conv2dOptions } from "./models/layers/conv2d.ts";
export { Dropout, type DropoutConfig } from "./models/layers/dropout.ts";
export { Flatten } from "./models/layers/flatten.ts";
export {
  DeclaredLayer,
  type DeclaredWeight,
  type LayerConfig,
  type Seeding,
  type WeightSpec,
} from "./models/layers/layer.ts";
export { Linear, type LinearConfig, type LinearOptions } from "./models/layers/linear.ts";
export {
  LocalResponseNorm,
  type LocalResponseNormConfig,
  type LocalResponseNormOptions,
} from "./models/layers/local_response_norm.ts";
export { MaxPool2d } from "./models/layers/max_pool2d.ts";
export { Multiply } from "./models/layers/multiply.ts";
export type { Pair } from "./models/layers/options.ts";
export type { PoolingConfig, PoolingOptions } from "./models/layers/pooling.ts";
export { Relu } from "./models/layers/relu.ts";
export { RandomLayer, type RandomLayerConfig } from "./models/layers/random_layer.ts";
export { Sigmoid } from "./models/layers/sigmoid.ts";
export { Silu } from "./models/layers/silu.ts";
export { StochasticDepth, type StochasticDepthConfig } from "./models/layers/stochastic_depth.ts";
export type { WeightLayout } from "./models/layers/weight_layout.ts";
export {
  batchNormLeNet,
  type BatchNormLeNetConfig,
  batchNormLeNetConfig,
  leNet,
  type LeNetConfig,
  leNetConfig,
} from "./models/lenet.ts";
export { loadWeights } from "./models/load_weights.ts";
export * as nn from "./models/nn.ts";
export {
  createModel,
  type CreateModelOptions,
  describeModel,
  type DescribeModelOptions,
  listModels,
} from "./models/registry.ts";
export { readSafetensors, writeSafetensors } from "./models/safetensors.ts";
export {
  loadStateDict,
  type LoadStateDictOptions,
  type LoadStateDictResult,
  type StateDict,
  stateDict,
  type StateTensor,
} from "./models/state_dict.ts";
export { squeezeExcitation, type SqueezeExcitationOptions } from "./models/squeeze_excitation.ts";
export { modelSummary } from "./models/summary.ts";
export { availableBackends, type BackendInfo, useBackend } from "./backends/select.ts";
export type { BackendName, BackendOptions } from "./backends/source.ts";
export { type Batch, batches, type BatchOptions } from "./data/batches.ts";
export type { FashionMnist, FashionMnistOptions } from "./data/fashion_mnist.ts";
export type { DownloadProgress } from "./data/download.ts";
export { type ImageSet, type NamedFile, parseImageSet } from "./data/image_set.ts";
export { fashionMnist } from "./data/lazy.ts";
export { syntheticBatch, type SyntheticBatchOptions } from "./data/synthetic.ts";
export type { EpochRecord } from "./training/checkpoint.ts";
export { evaluate, type EvaluateOptions, type Evaluation } from "./training/evaluate.ts";
export { fit, type FitOptions, type FitResult, type StepReport } from "./training/fit.ts";
export { softmaxCrossEntropy } from "./training/loss.ts";
export { SGD, type SGDConfig } from "./training/sgd.ts";
