/**
 * EfficientNet (Tan and Le 2019, "EfficientNet: Rethinking Model Scaling for
 * Convolutional Neural Networks") and EfficientNetV2 (Tan and Le 2021),
 * torchvision's definitions. Depth, width and resolution grow together
 * (`compoundScaling()`); the book mentions the search behind it in section 8.8.
 *
 * @module
 */
import { type Block, named, sequential } from "./block.ts";
import type { CatalogEntry } from "./catalog_entry.ts";
import { type EfficientNetConfig, efficientNetConfig, type EfficientNetOptions } from "./efficientnet_config.ts";
import { EFFICIENTNET_RESOLUTIONS, EFFICIENTNETS, type EfficientNetVariant } from "./efficientnet_variants.ts";
import { parseConfig } from "./errors.ts";
import { convolutionUnit, fusedMBConv, mbConv } from "./mbconv.ts";
import { adaptiveAvgPool2d, dropout, flatten, linear } from "./nn.ts";
import { makeDivisible } from "./rounding.ts";

const BLOCKS = { mbConv, fused: fusedMBConv } as const;

/** The stages (table 1 of the paper), scaled, and the channels that the last of them gives. */
function body({ stages, stem, width, depth, stochasticDepth: lastRate, eps, momentum }: EfficientNetOptions) {
  const channelsOf = (base: number) => makeDivisible(base * width, 8);
  const depthOf = (base: number) => Math.ceil(base * depth);
  const blocks = stages.reduce((sum, stage) => sum + depthOf(stage.depth), 0);
  let [place, from] = [0, channelsOf(stem)];
  const scaled = stages.map(({ block, expansion, kernel, stride, ...base }) => {
    const channels = channelsOf(base.channels);
    const blocksOfStage = Array.from({ length: depthOf(base.depth) }, (_, j) => {
      const depthRate = lastRate * place / blocks;
      const made = BLOCKS[block]({
        from,
        channels,
        expansion,
        kernel,
        stride: j === 0 ? stride : 1,
        depthRate,
        norm: { eps, momentum },
      });
      [place, from] = [place + 1, channels];
      return made;
    });
    return sequential(...blocksOfStage);
  });
  return { stem: channelsOf(stem), stages: scaled, channels: from };
}

/**
 * EfficientNet, B0 where nothing else is said. `[N, H, W, C]` → logits `[N, classes]`.
 *
 * @throws {RangeError} Where an option is out of range.
 * @throws {TypeError} Where an option is of the wrong type or unknown.
 *
 * @example
 * ```ts
 * import { describe, efficientNet, EFFICIENTNETS } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * const b4 = efficientNet(EFFICIENTNETS.efficientnet_b4);
 * assertEquals(describe(b4, { inputShape: [380, 380, 3] }).params, 19_341_616);
 * ```
 */
export function efficientNet(config: EfficientNetConfig = {}): Block {
  const options = parseConfig(efficientNetConfig, config, "efficientNet()");
  const { classes, dropout: rate, eps, momentum } = options;
  const norm = { eps, momentum };
  const { stem, stages, channels } = body(options);
  return named({
    features: sequential(
      convolutionUnit(stem, 3, { norm, stride: 2 }),
      ...stages,
      convolutionUnit(options.lastChannels ?? 4 * channels, 1, { norm }),
    ),
    avgpool: adaptiveAvgPool2d(),
    flatten: flatten(),
    classifier: sequential(dropout(rate), linear(classes)),
  });
}

/** The catalog's names of this family. */
export type EfficientNetName = `torchvision/${EfficientNetVariant}`;

const torchvision = (variant: EfficientNetVariant): CatalogEntry => {
  const resolution = EFFICIENTNET_RESOLUTIONS[variant];
  const { dropout: ownDropout, ...config } = EFFICIENTNETS[variant];
  return {
    inputShape: [resolution, resolution, 3],
    classes: 1000,
    initializer: "kaimingNormal",
    block: ({ classes, dropout = ownDropout, stochasticDepth }) =>
      efficientNet({ ...config, classes, dropout, stochasticDepth }),
  };
};

/** The catalog's entries of this family. */
export const efficientNetEntries: Readonly<Record<EfficientNetName, CatalogEntry>> = {
  "torchvision/efficientnet_b0": torchvision("efficientnet_b0"),
  "torchvision/efficientnet_b1": torchvision("efficientnet_b1"),
  "torchvision/efficientnet_b2": torchvision("efficientnet_b2"),
  "torchvision/efficientnet_b3": torchvision("efficientnet_b3"),
  "torchvision/efficientnet_b4": torchvision("efficientnet_b4"),
  "torchvision/efficientnet_b5": torchvision("efficientnet_b5"),
  "torchvision/efficientnet_b6": torchvision("efficientnet_b6"),
  "torchvision/efficientnet_b7": torchvision("efficientnet_b7"),
  "torchvision/efficientnet_v2_s": torchvision("efficientnet_v2_s"),
  "torchvision/efficientnet_v2_m": torchvision("efficientnet_v2_m"),
  "torchvision/efficientnet_v2_l": torchvision("efficientnet_v2_l"),
};
