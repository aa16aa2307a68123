/**
 * ResNet (He et al. 2015, "Deep Residual Learning for Image Recognition"; d2l 8.6)
 * and Wide ResNet (Zagoruyko and Komodakis 2016): blocks that learn what to add to
 * what came in.
 *
 * @module
 */
import { z } from "zod";
import { type Block, named, sequential } from "./block.ts";
import type { CatalogEntry } from "./catalog_entry.ts";
import { parseConfig, show } from "./errors.ts";
import { adaptiveAvgPool2d, batchNorm, conv2d, flatten, linear, maxPool2d, relu } from "./nn.ts";
import { convolution, downsample, residual, residualBlock, stage } from "./residual.ts";

/** Blocks per stage, and what they are (table 1 of the paper). */
export const RESNETS = {
  resnet18: { block: "basic", depths: [2, 2, 2, 2] },
  resnet34: { block: "basic", depths: [3, 4, 6, 3] },
  resnet50: { block: "bottleneck", depths: [3, 4, 6, 3] },
  resnet101: { block: "bottleneck", depths: [3, 4, 23, 3] },
  resnet152: { block: "bottleneck", depths: [3, 8, 36, 3] },
  wide_resnet50_2: { block: "bottleneck", depths: [3, 4, 6, 3], widthPerGroup: 128 },
  wide_resnet101_2: { block: "bottleneck", depths: [3, 4, 23, 3], widthPerGroup: 128 },
} as const satisfies Record<string, ResNetConfig>;

/** Options of {@linkcode resNet}. */
export interface ResNetConfig {
  /**
   * Whose network it is. `d2l`: convolutions with biases, no BatchNorm on the
   * shortcut, basic blocks. `torchvision`: neither biases, and all blocks.
   *
   * @default {"d2l"}
   */
  definition?: "d2l" | "torchvision" | undefined;
  /** Length of the output. @default {10} */
  classes?: number | undefined;
  /** Blocks of each stage. @default {[2, 2, 2, 2]} */
  depths?: readonly number[] | undefined;
  /**
   * Width of each stage, of which a bottleneck gives four times as many channels; the
   * stem is as wide as the first.
   *
   * @default {[64, 128, 256, 512]}
   */
  widths?: readonly number[] | undefined;
  /** `basic`: two 3×3 convolutions; `bottleneck`: a 3×3 between two of 1×1. @default {"basic"} */
  block?: "basic" | "bottleneck" | undefined;
  /** Groups of a bottleneck's 3×3 convolution: ResNeXt's cardinality. @default {1} */
  groups?: number | undefined;
  /** Channels of each group in a stage of width 64. @default {64} */
  widthPerGroup?: number | undefined;
  /** Whether the last gamma of each branch starts at 0, so that every block starts as the identity. @default {false} */
  zeroInitResidual?: boolean | undefined;
}

/** {@linkcode ResNetConfig}, completed. */
export type ResNetOptions = { [Key in keyof ResNetConfig]-?: NonNullable<ResNetConfig[Key]> };

const size = z.int().positive();

/** The schema of {@linkcode ResNetConfig}. */
export const resNetConfig: z.ZodType<ResNetOptions, ResNetConfig> = z.strictObject({
  definition: z.enum(["d2l", "torchvision"]).default("d2l"),
  classes: size.default(10),
  depths: z.array(size).min(1).readonly().default([2, 2, 2, 2]),
  widths: z.array(size).min(1).readonly().default([64, 128, 256, 512]),
  block: z.enum(["basic", "bottleneck"]).default("basic"),
  groups: size.default(1),
  widthPerGroup: size.default(64),
  zeroInitResidual: z.boolean().default(false),
});

/** Checks what no single option can tell. */
export function checkFit(
  { definition, depths, widths, block, groups, widthPerGroup }: ResNetOptions,
  subject: string,
): void {
  if (depths.length !== widths.length) {
    throw new RangeError(
      `Expected depths and widths of ${subject} to have one entry per stage but found ${depths.length} and ${widths.length}`,
    );
  }
  if (definition === "d2l" && block !== "basic") {
    throw new RangeError(
      `Expected block of ${subject} to be "basic" in the book's definition but found ${show(block)}`,
    );
  }
  if (block === "basic" && (groups !== 1 || widthPerGroup !== 64)) {
    throw new RangeError(
      `Expected groups 1 and widthPerGroup 64 of ${subject} for basic blocks but found ${groups} and ${widthPerGroup}`,
    );
  }
  const narrow = widths.find((width) => groupWidth(width, widthPerGroup) < 1);
  if (narrow !== undefined) {
    const least = Math.ceil(64 / narrow);
    throw new RangeError(
      `Expected widthPerGroup of ${subject} to be at least ${least} for a stage of width ${narrow} but found ${widthPerGroup}`,
    );
  }
}

/** Channels of each group of a bottleneck in a stage that is `width` wide, as torchvision rounds them. */
export const groupWidth = (width: number, widthPerGroup: number): number => Math.floor(width * widthPerGroup / 64);

/** What torchvision's blocks are made from. */
interface BlockSize {
  readonly width: number;
  readonly stride: number;
  readonly options: ResNetOptions;
}

const lastGamma = ({ zeroInitResidual }: ResNetOptions) => ({ initialGamma: zeroInitResidual ? 0 : 1 });

/** Figure 5, left: two 3×3 convolutions. */
function basic({ width, stride, options }: BlockSize): Block {
  const branch = named({
    conv1: convolution(width, 3, { stride }),
    bn1: batchNorm(),
    relu1: relu(),
    conv2: convolution(width, 3),
    bn2: batchNorm(lastGamma(options)),
  });
  return residual(branch, { shortcut: downsample(width, stride) });
}

/** Figure 5, right: 1×1, 3×3, 1×1; the stride is the 3×3's ("ResNet V1.5"), not the first 1×1's as in the paper. */
function bottleneck({ width, stride, options }: BlockSize): Block {
  const { groups, widthPerGroup } = options;
  const inner = groupWidth(width, widthPerGroup) * groups;
  const branch = named({
    conv1: convolution(inner, 1),
    bn1: batchNorm(),
    relu1: relu(),
    conv2: convolution(inner, 3, { stride, groups }),
    bn2: batchNorm(),
    relu2: relu(),
    conv3: convolution(4 * width, 1),
    bn3: batchNorm(lastGamma(options)),
  });
  return residual(branch, { shortcut: downsample(4 * width, stride) });
}

const BLOCKS = { basic, bottleneck } as const;

/**
 * ResNet. `[N, H, W, C]` → logits `[N, classes]`; the stem and the stages halve
 * height and width five times.
 *
 * @throws {RangeError} Where an option is out of range or does not fit the others.
 * @throws {TypeError} Where an option is of the wrong type or unknown.
 *
 * @example
 * ```ts
 * import { describe, resNet, RESNETS } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * const resnet50 = resNet({ ...RESNETS.resnet50, definition: "torchvision", classes: 1000 });
 * assertEquals(describe(resnet50, { inputShape: [224, 224, 3] }).params, 25_557_032);
 * ```
 */
export function resNet(config: ResNetConfig = {}): Block {
  return residualNetwork(parseConfig(resNetConfig, config, "resNet()"), "resNet()");
}

/** The network of completed options; `subject` is whose options they are. */
export function residualNetwork(options: ResNetOptions, subject: string): Block {
  checkFit(options, subject);
  const { definition, classes, depths, widths, block, zeroInitResidual } = options;
  const [stem = 64] = widths;
  const stages = depths.map((depth, i) => {
    const [width = stem, first] = [widths[i], i === 0 ? 1 : 2];
    return stage(
      depth,
      first,
      (stride) =>
        definition === "d2l"
          ? residualBlock({ channels: width, stride, initialGamma: zeroInitResidual ? 0 : 1 })
          : BLOCKS[block]({ width, stride, options }),
    );
  });
  const pool = maxPool2d(3, { stride: 2, padding: 1 });
  if (definition === "d2l") {
    return named({
      net: sequential(
        sequential(conv2d(stem, 7, { stride: 2, padding: 3 }), batchNorm(), relu(), pool),
        ...stages,
        sequential(adaptiveAvgPool2d(), flatten(), linear(classes)),
      ),
    });
  }
  return named({
    conv1: convolution(stem, 7, { stride: 2 }),
    bn1: batchNorm(),
    relu: relu(),
    maxpool: pool,
    ...Object.fromEntries(stages.map((stage, i) => [`layer${i + 1}`, stage])),
    avgpool: adaptiveAvgPool2d(),
    flatten: flatten(),
    fc: linear(classes),
  });
}

/** The catalog's names of this family. */
export type ResNetName = "d2l/resnet18" | `torchvision/${keyof typeof RESNETS}`;

const torchvision = (variant: keyof typeof RESNETS): CatalogEntry => ({
  inputShape: [224, 224, 3],
  classes: 1000,
  initializer: "kaimingNormal",
  block: ({ classes }) => resNet({ ...RESNETS[variant], definition: "torchvision", classes }),
});

/** The catalog's entries of this family. */
export const resNetEntries: Readonly<Record<ResNetName, CatalogEntry>> = {
  "d2l/resnet18": {
    inputShape: [96, 96, 1],
    classes: 10,
    initializer: "xavierUniform",
    block: ({ classes }) => resNet({ classes }),
  },
  "torchvision/resnet18": torchvision("resnet18"),
  "torchvision/resnet34": torchvision("resnet34"),
  "torchvision/resnet50": torchvision("resnet50"),
  "torchvision/resnet101": torchvision("resnet101"),
  "torchvision/resnet152": torchvision("resnet152"),
  "torchvision/wide_resnet50_2": torchvision("wide_resnet50_2"),
  "torchvision/wide_resnet101_2": torchvision("wide_resnet101_2"),
};
