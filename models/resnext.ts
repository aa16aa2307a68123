/**
 * ResNeXt (Xie et al. 2016, "Aggregated Residual Transformations for Deep Neural
 * Networks"; d2l 8.6.5): many narrow paths in place of one wide branch, written as
 * one grouped convolution.
 *
 * @module
 */
import { z } from "zod";
import { type Block, named } from "./block.ts";
import type { CatalogEntry } from "./catalog_entry.ts";
import { parseConfig } from "./errors.ts";
import { batchNorm, conv2d, relu } from "./nn.ts";
import { residual, whereShapeChanges } from "./residual.ts";
import { residualNetwork, type ResNetConfig, type ResNetOptions } from "./resnet.ts";

/** "32x4d": 32 groups, of 4 channels each in the first stage (table 1 and section 5 of the paper). */
export const RESNEXTS = {
  resnext50_32x4d: { depths: [3, 4, 6, 3], groups: 32, widthPerGroup: 4 },
  resnext101_32x8d: { depths: [3, 4, 23, 3], groups: 32, widthPerGroup: 8 },
  resnext101_64x4d: { depths: [3, 4, 23, 3], groups: 64, widthPerGroup: 4 },
} as const satisfies Record<string, ResNeXtConfig>;

/** Options of {@linkcode resNeXt}: those of a `resNet()` of bottlenecks, with defaults of its own. */
export interface ResNeXtConfig extends Omit<ResNetConfig, "definition" | "block"> {
  /** Length of the output. @default {1000} */
  classes?: number | undefined;
  /** Blocks of each stage. @default {[3, 4, 6, 3]} */
  depths?: readonly number[] | undefined;
  /** Groups of each block's 3×3 convolution: the paper's cardinality. @default {32} */
  groups?: number | undefined;
  /** Channels of each group in a stage of width 64. @default {4} */
  widthPerGroup?: number | undefined;
}

const size = z.int().positive();

/** The schema of {@linkcode ResNeXtConfig}. */
export const resNeXtConfig: z.ZodType<Omit<ResNetOptions, "definition" | "block">, ResNeXtConfig> = z.strictObject({
  classes: size.default(1000),
  depths: z.array(size).min(1).readonly().default([3, 4, 6, 3]),
  widths: z.array(size).min(1).readonly().default([64, 128, 256, 512]),
  groups: size.default(32),
  widthPerGroup: size.default(4),
  zeroInitResidual: z.boolean().default(false),
});

/**
 * torchvision's ResNeXt: its ResNet of bottlenecks (figure 3c of the paper), whose
 * 3×3 convolution is grouped. `[N, H, W, C]` → logits `[N, classes]`.
 *
 * @throws {RangeError} Where an option is out of range or does not fit the others.
 * @throws {TypeError} Where an option is of the wrong type or unknown.
 *
 * @example A third of the parameters of a ResNet-50 that is as wide inside
 * ```ts
 * import { describe, resNeXt, RESNEXTS } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * const resnext50 = resNeXt(RESNEXTS.resnext50_32x4d);
 * assertEquals(describe(resnext50, { inputShape: [224, 224, 3] }).params, 25_028_904);
 * const wide = resNeXt({ ...RESNEXTS.resnext50_32x4d, groups: 1, widthPerGroup: 128 });
 * assertEquals(describe(wide, { inputShape: [224, 224, 3] }).params, 68_883_240);
 * ```
 */
export function resNeXt(config: ResNeXtConfig = {}): Block {
  const options = parseConfig(resNeXtConfig, config, "resNeXt()");
  return residualNetwork({ ...options, definition: "torchvision", block: "bottleneck" }, "resNeXt()");
}

/** Options of {@linkcode resNeXtBlock}. */
export interface ResNeXtBlockConfig {
  /** Channels of the output. */
  channels: number;
  /**
   * Channels of each group of the 3×3 convolution. The book calls it `groups`, and
   * divides the bottleneck's channels by it to get the number of groups.
   */
  groupWidth: number;
  /** The bottleneck's channels as a multiple of `channels`: the book's `bot_mul`. @default {1} */
  bottleneck?: number | undefined;
  /** Stride of the 3×3 convolution and of the shortcut. @default {1} */
  stride?: number | undefined;
  /** Whether the shortcut is a 1×1 convolution and a BatchNorm; where it has to be if left out. */
  projection?: boolean | undefined;
}

/** The schema of {@linkcode ResNeXtBlockConfig}. */
export const resNeXtBlockConfig: z.ZodType<
  { channels: number; groupWidth: number; bottleneck: number; stride: number; projection?: boolean | undefined },
  ResNeXtBlockConfig
> = z.strictObject({
  channels: size,
  groupWidth: size,
  bottleneck: z.number().positive().default(1),
  stride: size.default(1),
  projection: z.boolean().optional(),
});

/**
 * The book's `ResNeXtBlock` (figure 8.6.5), which its RegNetX is made of: convolutions
 * with biases, a BatchNorm on the shortcut too. `[N, H, W, C]` → `[N, ⌈H/stride⌉, ⌈W/stride⌉, channels]`.
 *
 * @throws {RangeError} Where an option is out of range, `groupWidth` does not divide the
 * bottleneck's channels, or the shape changes without a projection.
 * @throws {TypeError} Where an option is of the wrong type or unknown.
 *
 * @example The book's example: 32 channels in two groups of 16
 * ```ts
 * import { describe, resNeXtBlock } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * const { params, outputShape } = describe(resNeXtBlock({ channels: 32, groupWidth: 16 }), { inputShape: [96, 96, 32] });
 * assertEquals({ params, outputShape }, { params: 6944, outputShape: [null, 96, 96, 32] });
 * ```
 */
export function resNeXtBlock(config: ResNeXtBlockConfig): Block {
  const { channels, groupWidth, bottleneck, stride, projection } = parseConfig(
    resNeXtBlockConfig,
    config,
    "resNeXtBlock()",
  );
  const inner = Math.round(channels * bottleneck);
  if (inner < 1 || inner % groupWidth !== 0) {
    throw new RangeError(
      `Expected groupWidth of resNeXtBlock() to divide the bottleneck's ${inner} channels but found ${groupWidth}`,
    );
  }
  const branch = named({
    conv1: conv2d(inner, 1),
    bn1: batchNorm(),
    relu1: relu(),
    conv2: conv2d(inner, 3, { stride, padding: 1, groups: inner / groupWidth }),
    bn2: batchNorm(),
    relu2: relu(),
    conv3: conv2d(channels, 1),
    bn3: batchNorm(),
  });
  const conv4 = named({ conv4: conv2d(channels, 1, { stride }), bn4: batchNorm() });
  if (projection === undefined) return residual(branch, { shortcut: whereShapeChanges(channels, stride, conv4) });
  return residual(branch, projection ? { shortcut: conv4 } : {});
}

/** The catalog's names of this family. */
export type ResNeXtName = `torchvision/${keyof typeof RESNEXTS}`;

const torchvision = (variant: keyof typeof RESNEXTS): CatalogEntry => ({
  inputShape: [224, 224, 3],
  classes: 1000,
  initializer: "kaimingNormal",
  block: ({ classes }) => resNeXt({ ...RESNEXTS[variant], classes }),
});

/** The catalog's entries of this family. */
export const resNeXtEntries: Readonly<Record<ResNeXtName, CatalogEntry>> = {
  "torchvision/resnext50_32x4d": torchvision("resnext50_32x4d"),
  "torchvision/resnext101_32x8d": torchvision("resnext101_32x8d"),
  "torchvision/resnext101_64x4d": torchvision("resnext101_64x4d"),
};
