/**
 * SENet (Hu et al. 2017, "Squeeze-and-Excitation Networks"), timm's definition:
 * ResNet and ResNeXt whose every branch ends in an SE block, which weighs the
 * branch's channels for each image. The book (8.6) stops at ResNeXt.
 *
 * @module
 */
import { z } from "zod";
import { type Block, inDefinitionOrder, named } from "./block.ts";
import type { CatalogEntry } from "./catalog_entry.ts";
import { parseConfig } from "./errors.ts";
import { adaptiveAvgPool2d, batchNorm, dropout, flatten, linear, maxPool2d, relu, stochasticDepth } from "./nn.ts";
import { convolution, downsample, residual, stage } from "./residual.ts";
import { checkFit, groupWidth, type ResNetConfig, type ResNetOptions } from "./resnet.ts";
import { squeezeExcitation } from "./squeeze_excitation.ts";

/** The ResNets and ResNeXts that have an SE block in each of their blocks. */
export const SENETS = {
  seresnet18: { block: "basic", depths: [2, 2, 2, 2] },
  seresnet34: { block: "basic", depths: [3, 4, 6, 3] },
  seresnet50: { depths: [3, 4, 6, 3] },
  seresnet101: { depths: [3, 4, 23, 3] },
  seresnet152: { depths: [3, 8, 36, 3] },
  seresnext50_32x4d: { depths: [3, 4, 6, 3], groups: 32, widthPerGroup: 4 },
  seresnext101_32x4d: { depths: [3, 4, 23, 3], groups: 32, widthPerGroup: 4 },
} as const satisfies Record<string, SeNetConfig>;

/** Options of {@linkcode seNet}: those of a `resNet()` of timm's definition, with defaults of its own. */
export interface SeNetConfig extends Omit<ResNetConfig, "definition"> {
  /** Length of the output. @default {1000} */
  classes?: number | undefined;
  /** Blocks of each stage. @default {[3, 4, 6, 3]} */
  depths?: readonly number[] | undefined;
  /** `basic`: two 3×3 convolutions; `bottleneck`: a 3×3 between two of 1×1. @default {"bottleneck"} */
  block?: "basic" | "bottleneck" | undefined;
  /** A block's channels divided by those of its squeeze, which is rounded to a multiple of 8. @default {16} */
  reduction?: number | undefined;
  /** Dropout rate before the last layer. @default {0} */
  dropout?: number | undefined;
  /** Rate of stochastic depth in the last block; it grows to it from 0 in the first. @default {0} */
  stochasticDepth?: number | undefined;
  /**
   * Whether the last gamma of each branch starts at 0, as timm starts them unless told
   * otherwise. Here it is asked for: nothing before that gamma learns in the first step.
   *
   * @default {false}
   */
  zeroInitResidual?: boolean | undefined;
}

/** {@linkcode SeNetConfig}, completed. */
export interface SeNetOptions extends Omit<ResNetOptions, "definition"> {
  /** A block's channels divided by those of its squeeze. */
  reduction: number;
  /** Dropout rate before the last layer. */
  dropout: number;
  /** Rate of stochastic depth in the last block. */
  stochasticDepth: number;
}

const size = z.int().positive();
const rate = z.number().min(0).lt(1).default(0);

/** The schema of {@linkcode SeNetConfig}. */
export const seNetConfig: z.ZodType<SeNetOptions, SeNetConfig> = z.strictObject({
  classes: size.default(1000),
  depths: z.array(size).min(1).readonly().default([3, 4, 6, 3]),
  widths: z.array(size).min(1).readonly().default([64, 128, 256, 512]),
  block: z.enum(["basic", "bottleneck"]).default("bottleneck"),
  groups: size.default(1),
  widthPerGroup: size.default(64),
  reduction: z.number().positive().default(16),
  dropout: rate,
  stochasticDepth: rate,
  zeroInitResidual: z.boolean().default(false),
});

/** What a block is made from. */
interface BlockSize {
  readonly width: number;
  readonly stride: number;
  /** Rate of stochastic depth. */
  readonly depthRate: number;
  readonly options: SeNetOptions;
}

/** timm's rounding of the squeeze: the nearest multiple of 8, and no less than 8. */
const squeezeWidth = (channels: number, reduction: number): number =>
  Math.max(8, 8 * Math.floor((channels / reduction + 4) / 8));

/** What a branch ends in: the SE block weighs its channels, then stochastic depth may leave it out. */
const branchEnd = (channels: number, { depthRate, options: { reduction } }: BlockSize): Record<string, Block> => ({
  se: squeezeExcitation(squeezeWidth(channels, reduction)),
  ...(depthRate > 0 ? { drop_path: stochasticDepth(depthRate) } : {}),
});

const lastGamma = ({ options }: BlockSize) => ({ initialGamma: options.zeroInitResidual ? 0 : 1 });

/** ResNet's basic block with its SE block, before the sum (figure 3 of the paper). */
function basic(block: BlockSize): Block {
  const { width, stride } = block;
  const branch = named({
    conv1: convolution(width, 3, { stride }),
    bn1: batchNorm(),
    act1: relu(),
    conv2: convolution(width, 3),
    bn2: batchNorm(lastGamma(block)),
    ...branchEnd(width, block),
  });
  return inDefinitionOrder(
    ["conv1", "bn1", "act1", "conv2", "bn2", "se", "act2", "downsample", "drop_path"],
    residual(branch, { shortcut: downsample(width, stride), activation: "act2" }),
  );
}

/** ResNet's bottleneck with its SE block; the stride is the 3×3's. */
function bottleneck(block: BlockSize): Block {
  const { width, stride, options: { groups, widthPerGroup } } = block;
  const inner = groupWidth(width, widthPerGroup) * groups;
  const branch = named({
    conv1: convolution(inner, 1),
    bn1: batchNorm(),
    act1: relu(),
    conv2: convolution(inner, 3, { stride, groups }),
    bn2: batchNorm(),
    act2: relu(),
    conv3: convolution(4 * width, 1),
    bn3: batchNorm(lastGamma(block)),
    ...branchEnd(4 * width, block),
  });
  return inDefinitionOrder(
    ["conv1", "bn1", "act1", "conv2", "bn2", "act2", "conv3", "bn3", "se", "act3", "downsample", "drop_path"],
    residual(branch, { shortcut: downsample(4 * width, stride), activation: "act3" }),
  );
}

const BLOCKS = { basic, bottleneck } as const;

/**
 * timm's SE-ResNet and SE-ResNeXt. `[N, H, W, C]` → logits `[N, classes]`;
 * `channelAttention()` reads what its SE blocks think of an image.
 *
 * @throws {RangeError} Where an option is out of range or does not fit the others.
 * @throws {TypeError} Where an option is of the wrong type or unknown.
 *
 * @example
 * ```ts
 * import { describe, seNet, SENETS } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * const { params, macs } = describe(seNet(SENETS.seresnet50), { inputShape: [224, 224, 3] });
 * assertEquals({ params, macs }, { params: 28_088_024, macs: 4_091_699_200 });
 * ```
 */
export function seNet(config: SeNetConfig = {}): Block {
  const options = parseConfig(seNetConfig, config, "seNet()");
  checkFit({ ...options, definition: "torchvision" }, "seNet()");
  const { classes, depths, widths, block, dropout: dropoutRate, stochasticDepth: lastRate } = options;
  const [stem = 64] = widths;
  const blocks = depths.reduce((sum, depth) => sum + depth, 0);
  let before = 0;
  const stages = depths.map((depth, i): [string, Block] => {
    const [width = stem, start] = [widths[i], before];
    before += depth;
    const depthRate = (j: number) => lastRate * (start + j) / Math.max(1, blocks - 1);
    return [
      `layer${i + 1}`,
      stage(depth, i === 0 ? 1 : 2, (stride, j) => BLOCKS[block]({ width, stride, depthRate: depthRate(j), options })),
    ];
  });
  return named({
    conv1: convolution(stem, 7, { stride: 2 }),
    bn1: batchNorm(),
    act1: relu(),
    maxpool: maxPool2d(3, { stride: 2, padding: 1 }),
    ...Object.fromEntries(stages),
    global_pool: named({ pool: adaptiveAvgPool2d(), flatten: flatten() }),
    ...(dropoutRate > 0 ? { dropout: dropout(dropoutRate) } : {}),
    fc: linear(classes),
  });
}

/** The catalog's names of this family. */
export type SeNetName = `timm/${keyof typeof SENETS}`;

const timm = (variant: keyof typeof SENETS): CatalogEntry => ({
  inputShape: [224, 224, 3],
  classes: 1000,
  initializer: "kaimingNormal",
  block: ({ classes, dropout, stochasticDepth }) => seNet({ ...SENETS[variant], classes, dropout, stochasticDepth }),
});

/** The catalog's entries of this family. */
export const seNetEntries: Readonly<Record<SeNetName, CatalogEntry>> = {
  "timm/seresnet18": timm("seresnet18"),
  "timm/seresnet34": timm("seresnet34"),
  "timm/seresnet50": timm("seresnet50"),
  "timm/seresnet101": timm("seresnet101"),
  "timm/seresnet152": timm("seresnet152"),
  "timm/seresnext50_32x4d": timm("seresnext50_32x4d"),
  "timm/seresnext101_32x4d": timm("seresnext101_32x4d"),
};
