/**
 * RegNet's design space (Radosavovic et al. 2020, "Designing Network Design Spaces";
 * d2l 8.8): widths that grow linearly from block to block, rounded so that a few
 * stages come out.
 *
 * @module
 */
import { z } from "zod";
import type { AnyNetStageOptions } from "./anynet_config.ts";
import { parseConfig } from "./errors.ts";
import { makeDivisible, roundHalfToEven } from "./rounding.ts";

/** The parameters that make a RegNet: all widths and depths follow from them. */
export interface RegNetFormula {
  /** Blocks of all stages together. */
  depth: number;
  /** Width of the first block, a multiple of 8. */
  w0: number;
  /** What the width grows by from block to block. */
  wa: number;
  /** What the width of a stage is multiplied by, as a rule, to get that of the next; above 1. */
  wm: number;
  /** Channels of each group of the 3×3 convolutions; at most the bottleneck's channels are taken. */
  groupWidth: number;
  /** The bottleneck's channels as a multiple of the block's: the paper's 1/b. @default {1} */
  bottleneckRatio?: number | undefined;
  /**
   * Whose rounding makes widths a multiple of the groups'. `timm`, as the paper's
   * authors: the nearest multiple. `torchvision`: the nearest, but none that is more
   * than a tenth below.
   *
   * @default {"torchvision"}
   */
  definition?: "torchvision" | "timm" | undefined;
}

/** {@linkcode RegNetFormula}, completed. */
export type RegNetFormulaOptions = { [Key in keyof RegNetFormula]-?: NonNullable<RegNetFormula[Key]> };

const size = z.int().positive();

/** The fields of {@linkcode regNetFormula}, for schemas that have more. */
export const regNetFormulaShape = {
  depth: size,
  w0: z.int().min(8).multipleOf(8),
  wa: z.number().nonnegative(),
  wm: z.number().gt(1),
  groupWidth: size,
  bottleneckRatio: z.number().positive().max(8).default(1),
  definition: z.enum(["torchvision", "timm"]).default("torchvision"),
};

/** The schema of {@linkcode RegNetFormula}. */
export const regNetFormula: z.ZodType<RegNetFormulaOptions, RegNetFormula> = z.strictObject(regNetFormulaShape);

/** Equations 2 to 4 of the paper: the width of each block. In float32, as both sources compute them. */
function blockWidths({ depth, w0, wa, wm }: RegNetFormulaOptions): number[] {
  const f32 = Math.fround;
  return Array.from({ length: depth }, (_, j) => {
    const linear = f32(f32(j * f32(wa)) + w0);
    const steps = roundHalfToEven(f32(f32(Math.log(f32(linear / w0))) / f32(Math.log(wm))));
    return roundHalfToEven(f32(f32(w0 * f32(Math.pow(f32(wm), steps))) / 8)) * 8;
  });
}

/** Widths that the groups divide: what the two sources differ in. */
const ROUNDINGS = {
  torchvision: makeDivisible,
  timm: (width: number, group: number) => roundHalfToEven(width / group) * group,
} as const;

/** `width`, so that groups of at most `groupWidth` channels divide the bottleneck; and what is left of the groups. */
function fitToGroups(
  width: number,
  { groupWidth, bottleneckRatio, definition }: RegNetFormulaOptions,
): { width: number; groupWidth: number } {
  const inner = Math.floor(width * bottleneckRatio);
  const group = Math.min(groupWidth, inner);
  const fitted = group < 1 ? 0 : ROUNDINGS[definition](inner, group);
  return { width: Math.floor(fitted / bottleneckRatio), groupWidth: group };
}

/**
 * The stages of the RegNet that the parameters stand for, for `anyNet()`; `regNet()`
 * takes the parameters themselves.
 *
 * Block j's width is w0 + wa·j at first (linear), then the nearest w0·wm^s with a whole
 * s (so that equal ones make a stage), then the nearest multiple of 8, then one
 * that the groups divide.
 *
 * @throws {RangeError} Where a parameter is out of range, w0 is below 8, or a width comes out below 8.
 * @throws {TypeError} Where a parameter is of the wrong type, unknown or missing.
 *
 * @example RegNetX-400MF
 * ```ts
 * import { regNetStages } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * const formula = { depth: 22, w0: 24, wa: 24.48, wm: 2.54, groupWidth: 16 };
 * const widths = (stages: { width: number }[]) => stages.map(({ width }) => width);
 * assertEquals(widths(regNetStages(formula)), [32, 64, 160, 400]);
 * assertEquals(widths(regNetStages({ ...formula, definition: "timm" })), [32, 64, 160, 384]);
 * ```
 */
export function regNetStages(formula: RegNetFormula): AnyNetStageOptions[] {
  return stagesOf(parseConfig(regNetFormula, formula, "regNetStages()"), "regNetStages()");
}

/** The stages of completed parameters; `subject` is whose parameters they are. */
export function stagesOf(options: RegNetFormulaOptions, subject: string): AnyNetStageOptions[] {
  const depths = new Map<number, number>();
  for (const width of blockWidths(options)) depths.set(width, (depths.get(width) ?? 0) + 1);
  return [...depths].map(([width, depth]) => {
    const fitted = fitToGroups(width, options);
    if (fitted.width < 8) {
      throw new RangeError(
        `Expected the formula of ${subject} to give widths of at least 8 but found ${fitted.width}`,
      );
    }
    return { depth, ...fitted, bottleneckRatio: options.bottleneckRatio };
  });
}
