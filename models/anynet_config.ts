/**
 * What an AnyNet is made from.
 *
 * @module
 */
import { z } from "zod";
import { roundHalfToEven } from "./rounding.ts";

/** One stage of the body: blocks of one width, of which the first halves height and width. */
export interface AnyNetStage {
  /** Blocks. */
  depth: number;
  /** Channels of each block. */
  width: number;
  /** Channels of each group of the 3×3 convolutions. */
  groupWidth: number;
  /** The bottleneck's channels as a multiple of `width`: the book's `bot_mul`, the paper's 1/b. @default {1} */
  bottleneckRatio?: number | undefined;
}

/** {@linkcode AnyNetStage}, completed. */
export type AnyNetStageOptions = { [Key in keyof AnyNetStage]-?: NonNullable<AnyNetStage[Key]> };

/** Options of `anyNet()`. */
export interface AnyNetConfig {
  /**
   * Whose layers and names. `d2l`: convolutions with biases. `torchvision` and `timm`:
   * none, SE blocks where `seRatio` says so.
   *
   * @default {"d2l"}
   */
  definition?: "d2l" | "torchvision" | "timm" | undefined;
  /** Length of the output. @default {10} */
  classes?: number | undefined;
  /** Channels of the stem. @default {32} */
  stem?: number | undefined;
  /** The body; timm's definition has four stages. The book's RegNetX-32 where it is left out. */
  stages?: readonly AnyNetStage[] | undefined;
  /** Channels of an SE block's squeeze as a share of what its block gets; no SE blocks at 0. @default {0} */
  seRatio?: number | undefined;
  /** timm's definition: dropout rate before the last layer. @default {0} */
  dropout?: number | undefined;
  /** timm's definition: rate of stochastic depth in the last block; it grows to it from 0 in the first. @default {0} */
  stochasticDepth?: number | undefined;
}

/** {@linkcode AnyNetConfig}, completed. */
export interface AnyNetOptions {
  /** Whose layers and names. */
  definition: "d2l" | "torchvision" | "timm";
  /** Length of the output. */
  classes: number;
  /** Channels of the stem. */
  stem: number;
  /** The body. */
  stages: readonly AnyNetStageOptions[];
  /** Channels of an SE block's squeeze as a share of what its block gets. */
  seRatio: number;
  /** Dropout rate before the last layer. */
  dropout: number;
  /** Rate of stochastic depth in the last block. */
  stochasticDepth: number;
}

const size = z.int().positive();

/** The schema of one {@linkcode AnyNetStage}. */
export const anyNetStage: z.ZodType<AnyNetStageOptions, AnyNetStage> = z.strictObject({
  depth: size,
  width: size,
  groupWidth: size,
  bottleneckRatio: z.number().positive().default(1),
});

/** The book's RegNetX-32 (section 8.8.3). */
export const REGNETX32 = {
  stem: 32,
  stages: [{ depth: 4, width: 32, groupWidth: 16 }, { depth: 6, width: 80, groupWidth: 16 }],
} as const satisfies AnyNetConfig;

/** The fields of {@linkcode anyNetConfig} beside the stages, for schemas that have others. */
export const anyNetShape = {
  classes: size.default(10),
  stem: size.default(32),
  seRatio: z.number().min(0).max(1).default(0),
  dropout: z.number().min(0).lt(1).default(0),
  stochasticDepth: z.number().min(0).lt(1).default(0),
};

/** The schema of {@linkcode AnyNetConfig}. */
export const anyNetConfig: z.ZodType<AnyNetOptions, AnyNetConfig> = z.strictObject({
  ...anyNetShape,
  definition: z.enum(["d2l", "torchvision", "timm"]).default("d2l"),
  stages: z.array(anyNetStage).min(1).readonly().default(
    REGNETX32.stages.map((stage) => ({ ...stage, bottleneckRatio: 1 })),
  ),
});

/** Checks what no single option can tell. */
export function checkFit(
  { definition, stages, stem, seRatio, dropout, stochasticDepth }: AnyNetOptions,
  subject: string,
): void {
  const refuse = (what: string, found: unknown): never => {
    throw new RangeError(`Expected ${what} in ${definition}'s definition of ${subject} but found ${found}`);
  };
  if (definition === "timm" && stages.length !== 4) refuse("four stages", stages.length);
  if (definition === "d2l" && seRatio > 0) refuse("seRatio 0", seRatio);
  if (definition !== "timm" && dropout > 0) refuse("dropout 0", dropout);
  if (definition !== "timm" && stochasticDepth > 0) refuse("stochasticDepth 0", stochasticDepth);
  stages.forEach(({ width, groupWidth, bottleneckRatio }, i) => {
    const inner = roundHalfToEven(width * bottleneckRatio);
    if (inner < 1 || inner % groupWidth !== 0) {
      throw new RangeError(
        `Expected stages[${i}].groupWidth of ${subject} to divide the bottleneck's ${inner} channels but found ${groupWidth}`,
      );
    }
    const narrow = Math.min(stages[i - 1]?.width ?? stem, width);
    if (seRatio > 0 && roundHalfToEven(seRatio * narrow) < 1) {
      throw new RangeError(
        `Expected seRatio of ${subject} to leave a squeeze of at least 1 of ${narrow} channels but found ${seRatio}`,
      );
    }
  });
}
