/**
 * SENet (Hu et al. 2017) as its authors trained it in Caffe: timm's `legacy_`
 * definition. Beside `seNet()` it strides on the first 1×1 convolution of a
 * SE-ResNet, does not round the squeeze, pools with `ceil_mode` where others pad,
 * and has SENet-154.
 *
 * @module
 */
import { z } from "zod";
import { type Block, inDefinitionOrder, named } from "./block.ts";
import type { CatalogEntry } from "./catalog_entry.ts";
import { parseConfig } from "./errors.ts";
import { adaptiveAvgPool2d, batchNorm, dropout, flatten, linear, maxPool2d, relu } from "./nn.ts";
import { convolution, downsample, residual, stage } from "./residual.ts";
import { squeezeExcitation } from "./squeeze_excitation.ts";

/** The networks of the paper's tables, and the two small ones that timm added. */
export const LEGACY_SENETS = {
  legacy_seresnet18: { block: "basic", depths: [2, 2, 2, 2] },
  legacy_seresnet34: { block: "basic", depths: [3, 4, 6, 3] },
  legacy_seresnet50: { block: "resnet", depths: [3, 4, 6, 3] },
  legacy_seresnet101: { block: "resnet", depths: [3, 4, 23, 3] },
  legacy_seresnet152: { block: "resnet", depths: [3, 8, 36, 3] },
  legacy_seresnext50_32x4d: { block: "resnext", depths: [3, 4, 6, 3], groups: 32 },
  legacy_seresnext101_32x4d: { block: "resnext", depths: [3, 4, 23, 3], groups: 32 },
  legacy_senet154: { block: "senet", depths: [3, 8, 36, 3], groups: 64, deepStem: true, downsampleKernel: 3 },
} as const satisfies Record<string, LegacySeNetConfig>;

/** Options of {@linkcode legacySeNet}. */
export interface LegacySeNetConfig {
  /** Length of the output. @default {1000} */
  classes?: number | undefined;
  /**
   * Blocks of each stage; stage i is 64·2^i wide, of which all but basic blocks give
   * four times as many channels.
   *
   * @default {[3, 4, 6, 3]}
   */
  depths?: readonly number[] | undefined;
  /**
   * `basic`: two 3×3 convolutions. `resnet`: a bottleneck whose first 1×1 has the
   * stride. `resnext`: one of groups of 4 channels in the first stage. `senet`: one
   * twice as wide, whose first 1×1 is half as wide as its 3×3.
   *
   * @default {"resnet"}
   */
  block?: "basic" | "resnet" | "resnext" | "senet" | undefined;
  /** Groups of each block's last 3×3 convolution. @default {1} */
  groups?: number | undefined;
  /** A block's channels divided by those of its squeeze. @default {16} */
  reduction?: number | undefined;
  /** Whether three 3×3 convolutions, the last of 128 channels, replace the first of 7×7. @default {false} */
  deepStem?: boolean | undefined;
  /** The window of the shortcuts from the second stage on. @default {1} */
  downsampleKernel?: 1 | 3 | undefined;
  /** Dropout rate before the last layer. @default {0.2} */
  dropout?: number | undefined;
}

/** {@linkcode LegacySeNetConfig}, completed. */
export type LegacySeNetOptions = { [Key in keyof LegacySeNetConfig]-?: NonNullable<LegacySeNetConfig[Key]> };

const size = z.int().positive();

/** The schema of {@linkcode LegacySeNetConfig}. */
export const legacySeNetConfig: z.ZodType<LegacySeNetOptions, LegacySeNetConfig> = z.strictObject({
  classes: size.default(1000),
  depths: z.array(size).min(1).readonly().default([3, 4, 6, 3]),
  block: z.enum(["basic", "resnet", "resnext", "senet"]).default("resnet"),
  groups: size.default(1),
  reduction: size.max(64).default(16),
  deepStem: z.boolean().default(false),
  downsampleKernel: z.union([z.literal(1), z.literal(3)]).default(1),
  dropout: z.number().min(0).lt(1).default(0.2),
});

/** What a branch is made from. */
interface BranchSize {
  readonly width: number;
  readonly stride: number;
  readonly groups: number;
}

/** 1×1, 3×3, 1×1: each kind by the channels of the first two, and by which of them has the stride. */
function bottleneck(
  { first, second, width, groups, strides }: {
    first: number;
    second: number;
    width: number;
    groups: number;
    strides: readonly [first: number, second: number];
  },
): Record<string, Block> {
  return {
    conv1: convolution(first, 1, { stride: strides[0] }),
    bn1: batchNorm(),
    relu1: relu(),
    conv2: convolution(second, 3, { stride: strides[1], groups }),
    bn2: batchNorm(),
    relu2: relu(),
    conv3: convolution(4 * width, 1),
    bn3: batchNorm(),
  };
}

/** The branches, without the SE block that each of them ends in. */
const BRANCHES: Record<LegacySeNetOptions["block"], (size: BranchSize) => Record<string, Block>> = {
  basic: ({ width, stride, groups }) => ({
    conv1: convolution(width, 3, { stride }),
    bn1: batchNorm(),
    relu1: relu(),
    conv2: convolution(width, 3, { groups }),
    bn2: batchNorm(),
    // Unlike in every other ResNet, what the branch adds is never negative.
    relu2: relu(),
  }),
  resnet: ({ width, stride, groups }) =>
    bottleneck({ first: width, second: width, width, groups, strides: [stride, 1] }),
  resnext: ({ width, stride, groups }) => {
    const inner = Math.floor(width * 4 / 64) * groups;
    return bottleneck({ first: inner, second: inner, width, groups, strides: [1, stride] });
  },
  senet: ({ width, stride, groups }) =>
    bottleneck({ first: 2 * width, second: 4 * width, width, groups, strides: [1, stride] }),
};

/** A block: the branch, its SE block, the sum (figure 3 of the paper). */
function seBlock(
  { width, stride, kernel, options: { block, groups, reduction } }: {
    width: number;
    stride: number;
    kernel: number;
    options: LegacySeNetOptions;
  },
): Block {
  const channels = block === "basic" ? width : 4 * width;
  const branch = named({
    ...BRANCHES[block]({ width, stride, groups }),
    se_module: squeezeExcitation(Math.floor(channels / reduction)),
  });
  return inDefinitionOrder(
    ["conv1", "bn1", "relu1", "conv2", "bn2", "relu2", "conv3", "bn3", "relu", "se_module", "downsample"],
    residual(branch, { shortcut: downsample(channels, stride, kernel) }),
  );
}

/** `layer0`: one 7×7 convolution, or three of 3×3 that see as far. */
function stem(deep: boolean): Block {
  if (!deep) return named({ conv1: convolution(64, 7, { stride: 2 }), bn1: batchNorm(), relu1: relu() });
  return named({
    conv1: convolution(64, 3, { stride: 2 }),
    bn1: batchNorm(),
    relu1: relu(),
    conv2: convolution(64, 3),
    bn2: batchNorm(),
    relu2: relu(),
    conv3: convolution(128, 3),
    bn3: batchNorm(),
    relu3: relu(),
  });
}

/**
 * timm's legacy SENet. `[N, H, W, C]` → logits `[N, classes]`.
 *
 * @throws {RangeError} Where an option is out of range, or `groups` does not divide the channels.
 * @throws {TypeError} Where an option is of the wrong type or unknown.
 *
 * @example
 * ```ts
 * import { describe, LEGACY_SENETS, legacySeNet } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * const senet154 = legacySeNet(LEGACY_SENETS.legacy_senet154);
 * assertEquals(describe(senet154, { inputShape: [224, 224, 3] }).params, 115_088_984);
 * ```
 */
export function legacySeNet(config: LegacySeNetConfig = {}): Block {
  const options = parseConfig(legacySeNetConfig, config, "legacySeNet()");
  const { classes, depths, deepStem, downsampleKernel, dropout: rate } = options;
  const stages = depths.map((depth, i): [string, Block] => {
    const [width, first, kernel] = [64 << i, i === 0 ? 1 : 2, i === 0 ? 1 : downsampleKernel];
    return [`layer${i + 1}`, stage(depth, first, (stride) => seBlock({ width, stride, kernel, options }))];
  });
  return named({
    layer0: stem(deepStem),
    pool0: maxPool2d(3, { stride: 2, ceilMode: true }),
    ...Object.fromEntries(stages),
    global_pool: named({ pool: adaptiveAvgPool2d(), flatten: flatten() }),
    ...(rate > 0 ? { dropout: dropout(rate) } : {}),
    last_linear: linear(classes),
  });
}

/** The catalog's names of this family. */
export type LegacySeNetName = `timm/${keyof typeof LEGACY_SENETS}`;

const timm = (variant: keyof typeof LEGACY_SENETS): CatalogEntry => ({
  inputShape: [224, 224, 3],
  classes: 1000,
  initializer: "kaimingNormal",
  block: ({ classes, dropout }) => legacySeNet({ ...LEGACY_SENETS[variant], classes, dropout }),
});

/** The catalog's entries of this family. */
export const legacySeNetEntries: Readonly<Record<LegacySeNetName, CatalogEntry>> = {
  "timm/legacy_seresnet18": timm("legacy_seresnet18"),
  "timm/legacy_seresnet34": timm("legacy_seresnet34"),
  "timm/legacy_seresnet50": timm("legacy_seresnet50"),
  "timm/legacy_seresnet101": timm("legacy_seresnet101"),
  "timm/legacy_seresnet152": timm("legacy_seresnet152"),
  "timm/legacy_seresnext50_32x4d": timm("legacy_seresnext50_32x4d"),
  "timm/legacy_seresnext101_32x4d": timm("legacy_seresnext101_32x4d"),
  "timm/legacy_senet154": timm("legacy_senet154"),
};
