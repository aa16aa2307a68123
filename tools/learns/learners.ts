/**
 * A small member of each family of networks, and what it is trained with.
 *
 * @module
 */
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { alexNet } from "../../models/alexnet.ts";
import type { Block } from "../../models/block.ts";
import { buildModel } from "../../models/build.ts";
import type { ModelName } from "../../models/catalog.ts";
import { denseNet } from "../../models/densenet.ts";
import { efficientNet } from "../../models/efficientnet.ts";
import { EFFICIENTNETS } from "../../models/efficientnet_variants.ts";
import { googLeNet } from "../../models/googlenet.ts";
import type { InitialScheme } from "../../models/initial_values.ts";
import { leNet } from "../../models/lenet.ts";
import { legacySeNet } from "../../models/legacy_senet.ts";
import { nin } from "../../models/nin.ts";
import { createModel } from "../../models/registry.ts";
import { resNet } from "../../models/resnet.ts";
import { resNeXt } from "../../models/resnext.ts";
import { seNet, SENETS } from "../../models/senet.ts";
import { vgg } from "../../models/vgg.ts";
import { AdamW } from "../../training/adamw.ts";
import { auxiliaryLossWeights } from "../../training/loss.ts";
import type { StatefulOptimizer } from "../../training/optimizer.ts";
import { constantRate, type LearningRateSchedule, warmUp } from "../../training/schedule.ts";
import { SGD } from "../../training/sgd.ts";

/** A network and its optimizer. */
export interface Learner {
  /** As docs and the catalog call it. */
  readonly family: string;
  /** The catalog's name, or that of the network that is made narrower. */
  readonly network: string;
  /** Height and width of its images, which have one channel. */
  readonly inputSize: number;
  readonly batchSize: number;
  readonly optimizer: { readonly text: string; readonly make: () => StatefulOptimizer };
  /** The optimizer's own rate where it is left out. */
  readonly schedule?: LearningRateSchedule;
  readonly lossWeights?: readonly number[];
  /** Where its weights start from. @default {1} */
  readonly seed?: number;
  /** A new one; weights start from `seed`. */
  readonly model: (seed: number) => LayersModel;
}

type Training = Pick<Learner, "optimizer" | "batchSize" | "schedule" | "lossWeights" | "seed">;

const sgd = (learningRate: number, { momentum = 0.9, batchSize = 50 } = {}): Training => ({
  batchSize,
  optimizer: {
    text: `SGD ${learningRate}${momentum === 0 ? "" : `, momentum ${momentum}`}`,
    make: () => new SGD({ learningRate, momentum }),
  },
});

/** `warmUpSteps`: steps in which the rate grows to its value, from which on it stays. */
const adamW = (
  learningRate: number,
  { batchSize = 50, beta2 = 0.999, warmUpSteps = 0 } = {},
): Training => ({
  batchSize,
  optimizer: {
    text: [
      `AdamW ${learningRate}`,
      ...(beta2 === 0.999 ? [] : [`β₂ ${beta2}`]),
      ...(warmUpSteps === 0 ? [] : [`${warmUpSteps} steps of warm-up`]),
    ].join(", "),
    make: () => new AdamW({ learningRate, betas: [0.9, beta2] }),
  },
  ...(warmUpSteps === 0 ? {} : { schedule: warmUp(constantRate(learningRate), { steps: warmUpSteps }) }),
});

/** A network of the catalog for ten classes, on images of one channel. */
function member(family: string, name: ModelName, inputSize: number, training: Training): Learner {
  const inputShape: [number, number, number] = [inputSize, inputSize, 1];
  const model = (seed: number) => createModel(name, { inputShape, classes: 10, seed });
  return { family, network: `\`${name}\``, inputSize, ...training, model };
}

/** A network with fewer channels than the catalog's. */
function narrow(
  family: string,
  network: string,
  inputSize: number,
  { block, initializer, ...training }: Training & { block: () => Block; initializer: InitialScheme },
): Learner {
  const inputShape = [inputSize, inputSize, 1];
  const model = (seed: number) => buildModel(block(), { inputShape, initializer, seed });
  return { family, network, inputSize, ...training, model };
}

/** Every family once, or once for each definition that builds other blocks. */
export const LEARNERS: readonly Learner[] = [
  // Sigmoids saturate: from wider weights, and with gradients of many images, they come off the plateau.
  narrow("LeNet", "`d2l/lenet`", 28, {
    block: () => leNet(),
    initializer: "kaimingNormal",
    ...adamW(0.01, { batchSize: 500 }),
  }),
  member("BNLeNet", "d2l/bnlenet", 28, sgd(0.1)),
  narrow("AlexNet", "`d2l/alexnet`, a sixth as wide", 67, {
    block: () => alexNet({ channels: [16, 32, 48, 48, 32], features: 128, dropout: 0.2 }),
    initializer: "xavierUniform",
    ...adamW(0.002),
  }),
  narrow("VGG", "`torchvision/vgg11_bn`, an eighth as wide", 32, {
    block: () =>
      vgg({
        definition: "torchvision",
        batchNorm: true,
        blocks: [[1, 8], [1, 16], [2, 32], [2, 64], [2, 64]],
        features: 128,
        dropout: 0.2,
      }),
    initializer: "kaimingNormal",
    ...sgd(0.02),
  }),
  // The last block's ReLUs stand on as many maps as there are classes. With most seeds some answer no image at the
  // start, and those classes are never learned: 39 is the only one up to 40 with which all ten do (docs/training.md).
  narrow("NiN", "`d2l/nin`, a third as wide at most", 128, {
    block: () => nin({ channels: [32, 48, 48], dropout: 0 }),
    initializer: "kaimingNormal",
    seed: 39,
    ...adamW(0.003, { batchSize: 250, beta2: 0.98, warmUpSteps: 10 }),
  }),
  narrow("GoogLeNet", "`torchvision/googlenet_aux`, an eighth as wide", 32, {
    block: () => googLeNet({ definition: "torchvision", auxiliary: true, width: 1 / 8 }),
    initializer: "kaimingNormal",
    ...sgd(0.05, { batchSize: 100 }),
    lossWeights: auxiliaryLossWeights(3),
  }),
  narrow("ResNet", "`d2l/resnet18`, a quarter as wide", 32, {
    block: () => resNet({ widths: [16, 32, 64, 128] }),
    initializer: "xavierUniform",
    ...sgd(0.05),
  }),
  narrow("ResNeXt", "`torchvision/resnext50_32x4d`, a quarter as wide, 8 groups, a block a stage", 32, {
    block: () =>
      resNeXt({ depths: [1, 1, 1, 1], widths: [16, 32, 64, 128], groups: 8, widthPerGroup: 16, classes: 10 }),
    initializer: "kaimingNormal",
    ...sgd(0.05),
  }),
  narrow("SENet", "`timm/seresnet18`, a quarter as wide", 32, {
    block: () => seNet({ ...SENETS.seresnet18, widths: [16, 32, 64, 128], classes: 10 }),
    initializer: "kaimingNormal",
    ...sgd(0.05),
  }),
  narrow("SENet (legacy)", "`timm/legacy_seresnet18`, a block a stage", 32, {
    block: () => legacySeNet({ block: "basic", depths: [1, 1, 1, 1], classes: 10 }),
    initializer: "kaimingNormal",
    ...sgd(0.05),
  }),
  narrow("DenseNet", "`d2l/densenet`, half as wide", 32, {
    block: () => denseNet({ stem: 32, growthRate: 16 }),
    initializer: "xavierUniform",
    ...sgd(0.05),
  }),
  member("AnyNet", "d2l/regnetx32", 32, sgd(0.05)),
  member("RegNetX", "timm/regnetx_002", 32, adamW(0.003)),
  member("RegNetY", "timm/regnety_002", 32, adamW(0.003)),
  narrow("EfficientNet", "`torchvision/efficientnet_b0`, half as wide", 32, {
    block: () => efficientNet({ width: 1 / 2, classes: 10 }),
    initializer: "kaimingNormal",
    ...adamW(0.005),
  }),
  narrow("EfficientNetV2", "`torchvision/efficientnet_v2_s`, a third as wide and deep", 32, {
    block: () =>
      efficientNet({
        ...EFFICIENTNETS.efficientnet_v2_s,
        width: 1 / 3,
        depth: 1 / 3,
        lastChannels: 256,
        classes: 10,
      }),
    initializer: "kaimingNormal",
    ...adamW(0.005),
  }),
];
