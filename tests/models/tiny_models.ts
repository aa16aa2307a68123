/**
 * A small network of every kind that the catalog has: its layers, blocks and joins,
 * in fewer channels and blocks, on smaller images. Dropout and stochastic depth are
 * the family's own where the catalog has them.
 *
 * @module
 */
import { alexNet } from "../../models/alexnet.ts";
import { anyNet } from "../../models/anynet.ts";
import type { Block } from "../../models/block.ts";
import { denseNet } from "../../models/densenet.ts";
import { efficientNet } from "../../models/efficientnet.ts";
import type { EfficientNetStage } from "../../models/efficientnet_config.ts";
import { googLeNet } from "../../models/googlenet.ts";
import { legacySeNet } from "../../models/legacy_senet.ts";
import { batchNormLeNet, leNet } from "../../models/lenet.ts";
import { nin } from "../../models/nin.ts";
import { regNet } from "../../models/regnet.ts";
import { resNet } from "../../models/resnet.ts";
import { resNeXt } from "../../models/resnext.ts";
import { seNet } from "../../models/senet.ts";
import { vgg } from "../../models/vgg.ts";

/** A small network. */
export interface TinyModel {
  readonly inputShape: readonly [number, number, number];
  readonly block: () => Block;
}

const classes = 5;
const grey = (size: number) => [size, size, 1] as const;
const colour = (size: number) => [size, size, 3] as const;

const blocks = [[1, 8], [2, 12]] as const;
const channels: [number, number, number, number, number] = [8, 12, 16, 16, 12];
const residual = { classes, depths: [1, 2], widths: [8, 16] } as const;
const dense = { classes, stem: 8, growthRate: 4, layers: [2, 2] } as const;
const formula = { classes, depth: 6, w0: 8, wa: 8, wm: 2, groupWidth: 8, stem: 8 } as const;
const stage = (block: EfficientNetStage["block"], expansion: number, stride: number): EfficientNetStage => (
  { block, expansion, kernel: 3, stride, channels: 8, depth: 2 }
);

/** The small networks; each key is the glob of those of the catalog that it stands for. */
export const TINY_MODELS: Readonly<Record<string, TinyModel>> = {
  "d2l/lenet": { inputShape: grey(28), block: () => leNet({ classes }) },
  "d2l/bnlenet": { inputShape: grey(28), block: () => batchNormLeNet({ classes }) },
  "d2l/bnlenet_scratch": { inputShape: grey(28), block: () => batchNormLeNet({ classes, definition: "book" }) },
  "d2l/alexnet": { inputShape: grey(67), block: () => alexNet({ classes, channels, features: 24 }) },
  "torchvision/alexnet": {
    inputShape: colour(67),
    block: () => alexNet({ definition: "torchvision", classes, channels, features: 24 }),
  },
  "paper/alexnet": {
    inputShape: colour(67),
    block: () => alexNet({ definition: "paper", classes, channels, features: 24 }),
  },
  "d2l/vgg*": { inputShape: grey(16), block: () => vgg({ classes, blocks, features: 24 }) },
  "torchvision/vgg{11,13,16,19}": {
    inputShape: colour(16),
    block: () => vgg({ definition: "torchvision", classes, blocks, features: 24 }),
  },
  "torchvision/vgg*_bn": {
    inputShape: colour(16),
    block: () => vgg({ definition: "torchvision", classes, blocks, features: 24, batchNorm: true }),
  },
  "d2l/nin": { inputShape: grey(67), block: () => nin({ classes, channels: [8, 12, 16] }) },
  "d2l/googlenet": { inputShape: grey(48), block: () => googLeNet({ classes, width: 1 / 2 }) },
  "paper/googlenet_aux": {
    inputShape: colour(80),
    block: () => googLeNet({ definition: "paper", classes, width: 1 / 4 }),
  },
  "torchvision/googlenet": {
    inputShape: colour(48),
    block: () => googLeNet({ definition: "torchvision", classes, width: 1 / 4 }),
  },
  "torchvision/googlenet_aux": {
    inputShape: colour(64),
    block: () => googLeNet({ definition: "torchvision", classes, width: 1 / 4, auxiliary: true }),
  },
  "d2l/resnet18": { inputShape: grey(32), block: () => resNet(residual) },
  "torchvision/resnet{18,34}": {
    inputShape: colour(32),
    block: () => resNet({ ...residual, definition: "torchvision" }),
  },
  "torchvision/resnet{50,101,152}": {
    inputShape: colour(32),
    block: () => resNet({ ...residual, definition: "torchvision", block: "bottleneck" }),
  },
  "torchvision/wide_resnet*": {
    inputShape: colour(32),
    block: () => resNet({ ...residual, definition: "torchvision", block: "bottleneck", widthPerGroup: 128 }),
  },
  "torchvision/resnext*": {
    inputShape: colour(32),
    block: () => resNeXt({ ...residual, groups: 4, widthPerGroup: 16 }),
  },
  "timm/seresnet{18,34}": { inputShape: colour(32), block: () => seNet({ ...residual, block: "basic" }) },
  "timm/seresnet{50,101,152}": { inputShape: colour(32), block: () => seNet(residual) },
  "timm/seresnext*": {
    inputShape: colour(32),
    block: () => seNet({ ...residual, groups: 4, widthPerGroup: 16, dropout: 0.2, stochasticDepth: 0.3 }),
  },
  "timm/legacy_seresnet{18,34}": {
    inputShape: colour(32),
    block: () => legacySeNet({ classes, depths: [1, 1], block: "basic" }),
  },
  "timm/legacy_seresnet{50,101,152}": {
    inputShape: colour(32),
    block: () => legacySeNet({ classes, depths: [1, 1] }),
  },
  "timm/legacy_seresnext*": {
    inputShape: colour(32),
    block: () => legacySeNet({ classes, depths: [1, 1], block: "resnext", groups: 32 }),
  },
  "timm/legacy_senet154": {
    inputShape: colour(32),
    block: () =>
      legacySeNet({ classes, depths: [1, 1], block: "senet", groups: 64, deepStem: true, downsampleKernel: 3 }),
  },
  "d2l/densenet": { inputShape: grey(32), block: () => denseNet(dense) },
  "torchvision/densenet*": { inputShape: colour(32), block: () => denseNet({ ...dense, definition: "torchvision" }) },
  "d2l/regnetx32": {
    inputShape: grey(32),
    block: () =>
      anyNet({
        classes,
        stem: 8,
        stages: [{ depth: 1, width: 8, groupWidth: 4 }, { depth: 2, width: 16, groupWidth: 4 }],
      }),
  },
  "torchvision/regnet_x_*": { inputShape: colour(32), block: () => regNet(formula) },
  "torchvision/regnet_y_*": { inputShape: colour(32), block: () => regNet({ ...formula, seRatio: 0.5 }) },
  "timm/regnetx_*": { inputShape: colour(32), block: () => regNet({ ...formula, definition: "timm" }) },
  "timm/regnety_*": {
    inputShape: colour(32),
    block: () => regNet({ ...formula, definition: "timm", seRatio: 0.5, dropout: 0.2, stochasticDepth: 0.3 }),
  },
  "torchvision/efficientnet_b*": {
    inputShape: colour(32),
    block: () => efficientNet({ classes, stem: 8, stages: [stage("mbConv", 1, 1), stage("mbConv", 4, 2)] }),
  },
  "torchvision/efficientnet_v2_*": {
    inputShape: colour(32),
    block: () =>
      efficientNet({
        classes,
        stem: 8,
        stages: [stage("fused", 1, 1), stage("fused", 4, 2), stage("mbConv", 4, 2)],
        eps: 1e-3,
      }),
  },
};
