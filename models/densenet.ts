/**
 * DenseNet (Huang et al. 2016; d2l 8.7): each layer sees the maps of all layers
 * before it, side by side, where ResNet adds them up. The book's and torchvision's
 * definition: both put BatchNorm and ReLU before the convolution.
 *
 * @module
 */
import { z } from "zod";
import { type Block, named, sequential } from "./block.ts";
import type { CatalogEntry } from "./catalog_entry.ts";
import { denseBlock, denselyConnected, repeated, transitionBlock } from "./dense_block.ts";
import { parseConfig } from "./errors.ts";
import { adaptiveAvgPool2d, avgPool2d, batchNorm, conv2d, dropout, flatten, linear, maxPool2d, relu } from "./nn.ts";

/** Options of {@linkcode denseNet}. */
export interface DenseNetConfig {
  /**
   * Whose layers and names. torchvision's are the paper's DenseNet-BC: 1×1
   * convolutions before each 3×3, and no biases. @default {"d2l"}
   */
  definition?: "d2l" | "torchvision" | undefined;
  /** Length of the output. @default {10} */
  classes?: number | undefined;
  /** Channels of the first convolution. @default {64} */
  stem?: number | undefined;
  /** Channels that each layer adds: k in the paper. @default {32} */
  growthRate?: number | undefined;
  /** Layers of each dense block. @default {[4, 4, 4, 4]} */
  layers?: readonly number[] | undefined;
  /** torchvision only: channels of the 1×1 convolution, in growth rates. @default {4} */
  bottleneck?: number | undefined;
  /** torchvision only: dropout rate behind each layer. @default {0} */
  dropout?: number | undefined;
}

/** {@linkcode DenseNetConfig}, completed. */
export type DenseNetOptions = { [Key in keyof DenseNetConfig]-?: NonNullable<DenseNetConfig[Key]> };

const size = z.int().positive();

/** The schema of {@linkcode DenseNetConfig}. */
export const denseNetConfig: z.ZodType<DenseNetOptions, DenseNetConfig> = z.strictObject({
  definition: z.enum(["d2l", "torchvision"]).default("d2l"),
  classes: size.default(10),
  stem: size.default(64),
  growthRate: size.default(32),
  layers: z.array(size).min(1).readonly().default([4, 4, 4, 4]),
  bottleneck: size.default(4),
  dropout: z.number().min(0).lt(1).default(0),
});

/** torchvision's variants: table 1 of the paper. */
export const DENSENETS = {
  densenet121: { stem: 64, growthRate: 32, layers: [6, 12, 24, 16] },
  densenet161: { stem: 96, growthRate: 48, layers: [6, 12, 36, 24] },
  densenet169: { stem: 64, growthRate: 32, layers: [6, 12, 32, 32] },
  densenet201: { stem: 64, growthRate: 32, layers: [6, 12, 48, 32] },
} as const satisfies Record<string, Pick<DenseNetConfig, "stem" | "growthRate" | "layers">>;

/** Dense blocks and, between them, transitions that halve channels, height and width. */
function stages(
  { stem, growthRate, layers }: DenseNetOptions,
  block: (i: number, count: number) => Record<string, Block>,
  transition: (i: number, channels: number) => Record<string, Block>,
): Record<string, Block> {
  const blocks: Record<string, Block> = {};
  let channels = stem;
  for (const [i, count] of layers.entries()) {
    if (i > 0) {
      channels = Math.floor(channels / 2);
      Object.assign(blocks, transition(i, channels));
    }
    Object.assign(blocks, block(i + 1, count));
    channels += count * growthRate;
  }
  return blocks;
}

const stemPool = (): Block => maxPool2d(3, { stride: 2, padding: 1 });

/** The book's: one 3×3 convolution a layer, and biases. */
function d2l(options: DenseNetOptions): Block {
  const { classes, stem, growthRate } = options;
  return named({
    net: named({
      0: sequential(conv2d(stem, 7, { stride: 2, padding: 3 }), batchNorm(), relu(), stemPool()),
      ...stages(
        options,
        (i, count) => ({ [`dense_blk${i}`]: denseBlock(count, growthRate) }),
        (i, channels) => ({ [`tran_blk${i}`]: transitionBlock(channels) }),
      ),
      last: sequential(batchNorm(), relu(), adaptiveAvgPool2d(), flatten(), linear(classes)),
    }),
  });
}

/** torchvision's: each layer narrows to `bottleneck` growth rates before its 3×3. */
function torchvision(options: DenseNetOptions): Block {
  const { classes, stem, growthRate, bottleneck, dropout: rate } = options;
  const layer = () =>
    named({
      norm1: batchNorm(),
      relu1: relu(),
      conv1: conv2d(bottleneck * growthRate, 1, { bias: false }),
      norm2: batchNorm(),
      relu2: relu(),
      conv2: conv2d(growthRate, 3, { padding: 1, bias: false }),
      ...(rate > 0 ? { dropout: dropout(rate) } : {}),
    });
  const transition = (channels: number) =>
    named({ norm: batchNorm(), relu: relu(), conv: conv2d(channels, 1, { bias: false }), pool: avgPool2d(2) });
  return named({
    features: named({
      conv0: conv2d(stem, 7, { stride: 2, padding: 3, bias: false }),
      norm0: batchNorm(),
      relu0: relu(),
      pool0: stemPool(),
      ...stages(
        options,
        (i, count) => ({ [`denseblock${i}`]: denselyConnected(repeated(count, (j) => `denselayer${j + 1}`, layer)) }),
        (i, channels) => ({ [`transition${i}`]: transition(channels) }),
      ),
      // So called whatever the number of blocks.
      norm5: batchNorm(),
    }),
    relu: relu(),
    avgpool: adaptiveAvgPool2d(),
    flatten: flatten(),
    classifier: linear(classes),
  });
}

/**
 * DenseNet, the book's where nothing else is said. `[N, H, W, C]` → logits `[N, classes]`.
 *
 * @throws {RangeError} Where an option is out of range.
 * @throws {TypeError} Where an option is of the wrong type or unknown.
 *
 * @example
 * ```ts
 * import { denseNet, DENSENETS, describe } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(describe(denseNet(), { inputShape: [96, 96, 1] }).params, 758_226);
 * const densenet121 = denseNet({ definition: "torchvision", ...DENSENETS.densenet121, classes: 1000 });
 * assertEquals(describe(densenet121, { inputShape: [224, 224, 3] }).params, 7_978_856);
 * ```
 */
export function denseNet(config: DenseNetConfig = {}): Block {
  const options = parseConfig(denseNetConfig, config, "denseNet()");
  return options.definition === "d2l" ? d2l(options) : torchvision(options);
}

/** The catalog's names of this family. */
export type DenseNetName = "d2l/densenet" | `torchvision/${keyof typeof DENSENETS}`;

const entry = (variant: keyof typeof DENSENETS): CatalogEntry => ({
  inputShape: [224, 224, 3],
  classes: 1000,
  // torchvision scales by the inputs of a convolution, not by its outputs as in its other networks.
  initializer: "torchDefault",
  block: ({ classes, dropout }) => denseNet({ definition: "torchvision", ...DENSENETS[variant], classes, dropout }),
});

/** The catalog's entries of this family. */
export const denseNetEntries: Readonly<Record<DenseNetName, CatalogEntry>> = {
  "d2l/densenet": {
    inputShape: [96, 96, 1],
    classes: 10,
    initializer: "xavierUniform",
    block: ({ classes }) => denseNet({ classes }),
  },
  "torchvision/densenet121": entry("densenet121"),
  "torchvision/densenet161": entry("densenet161"),
  "torchvision/densenet169": entry("densenet169"),
  "torchvision/densenet201": entry("densenet201"),
};
