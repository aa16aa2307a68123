/**
 * What the golden files of ResNet, ResNeXt and SENet are of, for the backends that
 * run all of them.
 *
 * @module
 */
import { type Block, named, sequential } from "../../../models/block.ts";
import { legacySeNet } from "../../../models/legacy_senet.ts";
import { resNet, RESNETS } from "../../../models/resnet.ts";
import { resNeXt, resNeXtBlock } from "../../../models/resnext.ts";
import { seNet } from "../../../models/senet.ts";

/** One block in each stage. */
const tiny = { classes: 10, depths: [1, 1, 1, 1] } as const;

/** Without the dropout that timm gives these nets: goldens have none. */
const tinyLegacy = { ...tiny, dropout: 0 } as const;

/** A block of the book in a net of its own. */
const alone = (block: Block): Block => named({ net: sequential(block) });

/** Golden files with gradients, by name. */
export const GOLDENS = {
  d2l_resnet_tiny: () => resNet({ depths: [2, 2], widths: [8, 16] }),
  d2l_resnet18: () => resNet(),
  d2l_resnext_block: () => alone(resNeXtBlock({ channels: 32, groupWidth: 16 })),
  d2l_resnext_block_1x1_s2: () => alone(resNeXtBlock({ channels: 32, groupWidth: 16, stride: 2 })),
  tv_resnet_basic_tiny: () => resNet({ ...tiny, definition: "torchvision" }),
  tv_resnet_bottleneck_tiny: () => resNet({ ...tiny, definition: "torchvision", block: "bottleneck" }),
  tv_resnext_tiny: () => resNeXt(tiny),
  timm_seresnet_tiny: () => seNet(tiny),
  timm_legacy_seresnet_tiny: () => legacySeNet({ ...tinyLegacy, block: "resnet" }),
  timm_legacy_seresnet_basic_tiny: () => legacySeNet({ ...tinyLegacy, block: "basic" }),
  timm_legacy_senet_tiny: () =>
    legacySeNet({ ...tinyLegacy, block: "senet", groups: 64, deepStem: true, downsampleKernel: 3 }),
} as const satisfies Record<string, () => Block>;

/** Golden files of ImageNet's size, which are evaluated only, by name. */
export const FULL_GOLDENS = {
  full_tv_resnet18: () => resNet({ ...RESNETS.resnet18, definition: "torchvision", classes: 1000 }),
  full_timm_legacy_seresnet50: () => legacySeNet(),
} as const satisfies Record<string, () => Block>;
