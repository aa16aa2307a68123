/**
 * VGG (Simonyan and Zisserman 2014; d2l 8.2): blocks of 3×3 convolutions, each
 * block behind a pool that halves height and width, where AlexNet had windows of
 * 11×11 and 5×5.
 *
 * @module
 */
import { z } from "zod";
import { type Block, named, sequential } from "./block.ts";
import type { CatalogEntry } from "./catalog_entry.ts";
import { parseConfig } from "./errors.ts";
import { adaptiveAvgPool2d, batchNorm, conv2d, dropout, flatten, linear, maxPool2d, relu } from "./nn.ts";

/** One VGG block: how many 3×3 convolutions it has, and how many channels each of them. */
export type VggBlockSize = readonly [convolutions: number, channels: number];

/** The paper's configurations A, B, D and E: the blocks of the network with that many layers with weights. */
export const VGG_BLOCKS = {
  11: [[1, 64], [1, 128], [2, 256], [2, 512], [2, 512]],
  13: [[2, 64], [2, 128], [2, 256], [2, 512], [2, 512]],
  16: [[2, 64], [2, 128], [3, 256], [3, 512], [3, 512]],
  19: [[2, 64], [2, 128], [4, 256], [4, 512], [4, 512]],
} as const satisfies Record<number, readonly VggBlockSize[]>;

/** Options of {@linkcode vgg}. */
export interface VggConfig {
  /**
   * Whose names and head: the book flattens what the last block gives, torchvision
   * averages it to 7×7 first, so that images of any size fit its weights.
   * @default {"d2l"}
   */
  definition?: "d2l" | "torchvision" | undefined;
  /** Length of the output. @default {10} */
  classes?: number | undefined;
  /** The blocks, from image to head. @default {VGG_BLOCKS[11]} */
  blocks?: readonly VggBlockSize[] | undefined;
  /** Whether a BatchNorm stands between each convolution and its ReLU. @default {false} */
  batchNorm?: boolean | undefined;
  /** Width of the two hidden linear layers. @default {4096} */
  features?: number | undefined;
  /** Dropout rate behind each of them. @default {0.5} */
  dropout?: number | undefined;
}

const size = z.int().positive();

/** The schema of {@linkcode VggConfig}. */
export const vggConfig: z.ZodType<
  {
    definition: "d2l" | "torchvision";
    classes: number;
    blocks: readonly VggBlockSize[];
    batchNorm: boolean;
    features: number;
    dropout: number;
  },
  VggConfig
> = z.strictObject({
  definition: z.enum(["d2l", "torchvision"]).default("d2l"),
  classes: size.default(10),
  blocks: z.array(z.tuple([size, size]).readonly()).min(1).readonly().default(VGG_BLOCKS[11]),
  batchNorm: z.boolean().default(false),
  features: size.default(4096),
  dropout: z.number().min(0).lt(1).default(0.5),
});

/** The layers of one block: convolutions that keep height and width, then the pool that halves them. */
function blockLayers([convolutions, channels]: VggBlockSize, withBatchNorm: boolean): Block[] {
  const convolution = () => [
    // The bias stays beside a BatchNorm too, which takes it off again: so has torchvision.
    conv2d(channels, 3, { padding: 1 }),
    ...(withBatchNorm ? [batchNorm()] : []),
    relu(),
  ];
  return [...Array.from({ length: convolutions }, convolution).flat(), maxPool2d(2)];
}

/**
 * The book's `vgg_block`: `convolutions` times a 3×3 convolution and ReLU, then a
 * 2×2 pool. `[N, H, W, C]` → `[N, H/2, W/2, channels]`.
 *
 * @throws {RangeError} Where a number is not a positive integer.
 *
 * @example
 * ```ts
 * import { describe, vggBlock } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(describe(vggBlock(2, 128), { inputShape: [112, 112, 64] }).outputShape, [null, 56, 56, 128]);
 * ```
 */
export function vggBlock(convolutions: number, channels: number): Block {
  const schema = z.strictObject({ convolutions: size, channels: size });
  parseConfig(schema, { convolutions, channels }, "vggBlock()");
  return sequential(...blockLayers([convolutions, channels], false));
}

/**
 * VGG, the book's VGG-11 where nothing else is said. `[N, 224, 224, C]` → logits
 * `[N, classes]`. Of torchvision's definition all sizes have the same weights; the
 * book's first linear layer has as many as the size asks for.
 *
 * @throws {RangeError} Where an option is out of range.
 * @throws {TypeError} Where an option is of the wrong type or unknown.
 *
 * @example
 * ```ts
 * import { describe, vgg, VGG_BLOCKS } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * const vgg16 = vgg({ blocks: VGG_BLOCKS[16], definition: "torchvision", classes: 1000 });
 * assertEquals(describe(vgg16, { inputShape: [224, 224, 3] }).params, 138_357_544);
 * ```
 */
export function vgg(config: VggConfig = {}): Block {
  const { definition, classes, blocks, batchNorm, features, dropout: rate } = parseConfig(vggConfig, config, "vgg()");
  const head = [
    linear(features),
    relu(),
    dropout(rate),
    linear(features),
    relu(),
    dropout(rate),
    linear(classes),
  ];
  if (definition === "d2l") {
    const stages = blocks.map((block) => sequential(...blockLayers(block, batchNorm)));
    return named({ net: sequential(...stages, flatten(), ...head) });
  }
  return named({
    features: sequential(...blocks.flatMap((block) => blockLayers(block, batchNorm))),
    avgpool: adaptiveAvgPool2d(7),
    flatten: flatten(),
    classifier: sequential(...head),
  });
}

/** The catalog's names of this family. */
export type VggName =
  | `${"d2l" | "torchvision"}/vgg${keyof typeof VGG_BLOCKS}`
  | `torchvision/vgg${keyof typeof VGG_BLOCKS}_bn`;

type Depth = keyof typeof VGG_BLOCKS;

const book = (depth: Depth): CatalogEntry => ({
  inputShape: [224, 224, 1],
  classes: 10,
  initializer: "xavierUniform",
  block: ({ classes, dropout }) => vgg({ blocks: VGG_BLOCKS[depth], classes, dropout }),
});

const torchvision = (depth: Depth, batchNorm: boolean): CatalogEntry => ({
  inputShape: [224, 224, 3],
  classes: 1000,
  initializer: "kaimingNormal",
  block: ({ classes, dropout }) =>
    vgg({ definition: "torchvision", blocks: VGG_BLOCKS[depth], batchNorm, classes, dropout }),
});

/** The catalog's entries of this family. */
export const vggEntries: Readonly<Record<VggName, CatalogEntry>> = {
  "d2l/vgg11": book(11),
  "d2l/vgg13": book(13),
  "d2l/vgg16": book(16),
  "d2l/vgg19": book(19),
  "torchvision/vgg11": torchvision(11, false),
  "torchvision/vgg13": torchvision(13, false),
  "torchvision/vgg16": torchvision(16, false),
  "torchvision/vgg19": torchvision(19, false),
  "torchvision/vgg11_bn": torchvision(11, true),
  "torchvision/vgg13_bn": torchvision(13, true),
  "torchvision/vgg16_bn": torchvision(16, true),
  "torchvision/vgg19_bn": torchvision(19, true),
};
