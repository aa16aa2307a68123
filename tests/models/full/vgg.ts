/**
 * What the golden files of AlexNet as its paper has it, VGG, NiN, GoogLeNet and
 * DenseNet are of, for the backends that run all of them.
 *
 * @module
 */
import { alexNet } from "../../../models/alexnet.ts";
import type { Block } from "../../../models/block.ts";
import { denseNet, DENSENETS } from "../../../models/densenet.ts";
import { googLeNet } from "../../../models/googlenet.ts";
import { nin } from "../../../models/nin.ts";
import { vgg } from "../../../models/vgg.ts";

/** Goldens have no dropout, and the small ones an eighth of the channels. */
const tinyWithHeads = { auxiliary: true, width: 1 / 8, dropout: 0, auxiliaryDropout: 0 } as const;

/** Golden files with gradients, by name. */
export const GOLDENS = {
  paper_alexnet_tiny: () => alexNet({ definition: "paper", channels: [8, 16, 24, 24, 16], features: 32, dropout: 0 }),
  d2l_vgg_tiny: () => vgg({ blocks: [[1, 4], [1, 8], [2, 8], [2, 16], [2, 16]], features: 32, dropout: 0 }),
  // Its gradients do not fit into the memory that wasm has.
  d2l_vgg11: () => vgg({ dropout: 0 }),
  tv_vgg_bn_tiny: () =>
    vgg({ definition: "torchvision", batchNorm: true, blocks: [[1, 4], [2, 8]], features: 32, dropout: 0 }),
  d2l_nin_tiny: () => nin({ channels: [8, 16, 24], dropout: 0 }),
  d2l_nin: () => nin({ dropout: 0 }),
  d2l_googlenet_tiny: () => googLeNet({ width: 1 / 8 }),
  d2l_googlenet: () => googLeNet(),
  d2l_googlenet_aux_tiny: () => googLeNet({ ...tinyWithHeads, definition: "paper" }),
  tv_googlenet_aux_tiny: () => googLeNet({ ...tinyWithHeads, definition: "torchvision" }),
  d2l_densenet_tiny: () => denseNet({ stem: 8, growthRate: 4, layers: [2, 2] }),
  d2l_densenet: () => denseNet(),
  tv_densenet_tiny: () => denseNet({ definition: "torchvision", stem: 16, growthRate: 8, layers: [2, 2, 2] }),
} as const satisfies Record<string, () => Block>;

/** Golden files of ImageNet's size, which are evaluated only, by name. */
export const FULL_GOLDENS = {
  full_tv_googlenet: () => googLeNet({ definition: "torchvision", classes: 1000 }),
  full_tv_densenet121: () => denseNet({ definition: "torchvision", ...DENSENETS.densenet121, classes: 1000 }),
} as const satisfies Record<string, () => Block>;
