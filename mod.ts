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
export {
  alexNet,
  type AlexNetChannels,
  type AlexNetConfig,
  alexNetConfig,
  type AlexNetDefinition,
  type AlexNetName,
  type AlexNetOptions,
} from "./models/alexnet.ts";
export { anyNet, type AnyNetName } from "./models/anynet.ts";
export {
  type AnyNetConfig,
  anyNetConfig,
  type AnyNetOptions,
  type AnyNetStage,
  anyNetStage,
  type AnyNetStageOptions,
} from "./models/anynet_config.ts";
export {
  type AnyNetSpace,
  sampleAnyNet,
  type SampleAnyNetConfig,
  sampleAnyNetConfig,
  type SamplerConfig,
  sampleRegNet,
  type SampleRegNetConfig,
  sampleRegNetConfig,
} from "./models/anynet_sampler.ts";
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
export { channelAttention } from "./models/channel_attention.ts";
export {
  type CompoundScaling,
  compoundScaling,
  type CompoundScalingConfig,
  compoundScalingConfig,
} from "./models/compound_scaling.ts";
export { denseBlock, denselyConnected, transitionBlock } from "./models/dense_block.ts";
export {
  denseNet,
  type DenseNetConfig,
  denseNetConfig,
  type DenseNetName,
  type DenseNetOptions,
  DENSENETS,
} from "./models/densenet.ts";
export {
  describe,
  type LayerDescription,
  mainOutputShape,
  type ModelDescription,
  type WeightDescription,
} from "./models/describe.ts";
export { type DiagramFormat, modelDiagram, type ModelDiagramOptions } from "./models/diagram/diagram.ts";
export { efficientNet, type EfficientNetName } from "./models/efficientnet.ts";
export {
  type EfficientNetConfig,
  efficientNetConfig,
  type EfficientNetOptions,
  type EfficientNetStage,
} from "./models/efficientnet_config.ts";
export { EFFICIENTNETS, type EfficientNetVariant } from "./models/efficientnet_variants.ts";
export {
  googLeNet,
  type GoogLeNetConfig,
  googLeNetConfig,
  type GoogLeNetDefinition,
  type GoogLeNetName,
  type GoogLeNetOptions,
} from "./models/googlenet.ts";
export { inception, type InceptionChannels, INCEPTIONS, type ReducedPath } from "./models/inception.ts";
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
export { RandomLayer, type RandomLayerConfig } from "./models/layers/random_layer.ts";
export { Relu } from "./models/layers/relu.ts";
export { Sigmoid } from "./models/layers/sigmoid.ts";
export { Silu } from "./models/layers/silu.ts";
export { StochasticDepth, type StochasticDepthConfig } from "./models/layers/stochastic_depth.ts";
export type { WeightLayout } from "./models/layers/weight_layout.ts";
export {
  LEGACY_SENETS,
  legacySeNet,
  type LegacySeNetConfig,
  legacySeNetConfig,
  type LegacySeNetName,
  type LegacySeNetOptions,
} from "./models/legacy_senet.ts";
export {
  batchNormLeNet,
  type BatchNormLeNetConfig,
  batchNormLeNetConfig,
  leNet,
  type LeNetConfig,
  leNetConfig,
} from "./models/lenet.ts";
export { mainModel } from "./models/main_model.ts";
export { nin, ninBlock, type NinChannels, type NinConfig, ninConfig, type NinName } from "./models/nin.ts";
export * as nn from "./models/nn.ts";
export type { DrawSource, DropoutSeededAttributes } from "./models/ops/dropout_seeded.ts";
export { type ReceptiveField, receptiveField } from "./models/receptive_field.ts";
export {
  createModel,
  type CreateModelOptions,
  describeModel,
  type DescribeModelOptions,
  listModels,
} from "./models/registry.ts";
export { regNet, type RegNetConfig, regNetConfig, type RegNetName, type RegNetOptions } from "./models/regnet.ts";
export { type RegNetFormula, regNetFormula, type RegNetFormulaOptions, regNetStages } from "./models/regnet_design.ts";
export { REGNETS, type TimmRegNet, type TorchvisionRegNet } from "./models/regnet_variants.ts";
export {
  residual,
  residualBlock,
  type ResidualBlockConfig,
  residualBlockConfig,
  type ResidualOptions,
} from "./models/residual.ts";
export {
  resNet,
  type ResNetConfig,
  resNetConfig,
  type ResNetName,
  type ResNetOptions,
  RESNETS,
} from "./models/resnet.ts";
export {
  resNeXt,
  resNeXtBlock,
  type ResNeXtBlockConfig,
  resNeXtBlockConfig,
  type ResNeXtConfig,
  resNeXtConfig,
  type ResNeXtName,
  RESNEXTS,
} from "./models/resnext.ts";
export { seNet, type SeNetConfig, seNetConfig, type SeNetName, type SeNetOptions, SENETS } from "./models/senet.ts";
export { squeezeExcitation, type SqueezeExcitationOptions } from "./models/squeeze_excitation.ts";
export {
  loadStateDict,
  type LoadStateDictOptions,
  type LoadStateDictResult,
  type StateDict,
  stateDict,
  type StateTensor,
} from "./models/state_dict.ts";
export { modelSummary } from "./models/summary.ts";
export { vgg, VGG_BLOCKS, vggBlock, type VggBlockSize, type VggConfig, vggConfig, type VggName } from "./models/vgg.ts";
export type { WeightSource } from "./models/weights/byte_source.ts";
export { loadWeights } from "./models/weights/load_weights.ts";
export { readSafetensors, writeSafetensors } from "./models/weights/safetensors.ts";
export { readPth } from "./models/weights/torch_file.ts";
export { availableBackends, type BackendInfo, type PassedOver, useBackend } from "./backends/select.ts";
export type { BackendName, BackendOptions } from "./backends/source.ts";
export { type Batch, batches, type BatchOptions } from "./data/batches.ts";
export type { DownloadProgress } from "./data/download.ts";
export type { FashionMnist, FashionMnistOptions } from "./data/fashion_mnist.ts";
export { type ImageSet, type NamedFile, parseImageSet } from "./data/image_set.ts";
export { imagenetClasses } from "./data/imagenet/classes.ts";
export { type Classification, classify, type ClassifyOptions } from "./data/imagenet/classify.ts";
export { imagenetPreprocessing, imagenetTags } from "./data/imagenet/preprocessing.ts";
export type { RgbImage } from "./data/images/image.ts";
export { preprocess, type Preprocessing } from "./data/images/preprocess.ts";
export { type Interpolation, type PixelWindow, resize, type ResizeOptions } from "./data/images/resize.ts";
export { fashionMnist } from "./data/lazy.ts";
export { syntheticBatch, type SyntheticBatchOptions } from "./data/synthetic.ts";
export { AdamW, type AdamWConfig } from "./training/adamw.ts";
export type { EpochRecord } from "./training/checkpoint.ts";
export { clipByGlobalNorm, type ClippedGradients } from "./training/clip.ts";
export { ModelEma, type ModelEmaConfig } from "./training/ema.ts";
export { evaluate, type EvaluateOptions, type Evaluation } from "./training/evaluate.ts";
export { fit, type FitOptions, type FitResult, type StepReport } from "./training/fit.ts";
export { GradScaler, type GradScalerConfig, type GradScalerState, type LossScale } from "./training/grad_scaler.ts";
export { softmaxCrossEntropy, type SoftmaxCrossEntropyOptions } from "./training/loss.ts";
export { createPredictor, type Predictor, type PredictorOptions } from "./training/predictor.ts";
export { type OptimizerConfig, StatefulOptimizer } from "./training/optimizer.ts";
export { RMSProp, type RMSPropConfig } from "./training/rmsprop.ts";
export {
  constantRate,
  cosineDecay,
  type CosineDecayOptions,
  type LearningRateSchedule,
  stepDecay,
  type StepDecayOptions,
  warmUp,
  type WarmUpOptions,
} from "./training/schedule.ts";
export { SGD, type SGDConfig } from "./training/sgd.ts";
export type { CompileChoice, PerhapsCompiled } from "./training/compiled.ts";
export { type Measure, type TrainStep, trainStep, type TrainStepOptions } from "./training/train_step.ts";
