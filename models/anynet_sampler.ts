/**
 * Networks drawn from design spaces (Radosavovic et al. 2020, section 3; d2l 8.8.1 and
 * 8.8.2): instead of one network after another, whole populations are compared.
 *
 * @module
 */
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { z } from "zod";
import type { AnyNetStageOptions } from "./anynet_config.ts";
import { parseConfig, show } from "./errors.ts";
import { hashSeed } from "./random.ts";
import { type RegNetFormulaOptions, regNetStages } from "./regnet_design.ts";

/**
 * The paper's AnyNetX design spaces, each within the one before. A: every stage is
 * free. B: one bottleneck ratio. C: and one group width. D: and widths that do not
 * decrease. E: and depths that do not.
 */
export type AnyNetSpace = "A" | "B" | "C" | "D" | "E";

/** Options that both samplers have. */
export interface SamplerConfig {
  /** Where the draws start from: one seed, one network. @default {0} */
  seed?: number | undefined;
  /** Stages of the body. @default {4} */
  stages?: number | undefined;
  /** The bottleneck ratios to choose from. @default {[1, 1 / 2, 1 / 4]} */
  bottleneckRatios?: readonly number[] | undefined;
  /** The group widths to choose from. @default {[1, 2, 4, 8, 16, 32]} */
  groupWidths?: readonly number[] | undefined;
}

/** Options of {@linkcode sampleAnyNet}. */
export interface SampleAnyNetConfig extends SamplerConfig {
  /** Which design space. @default {"A"} */
  space?: AnyNetSpace | undefined;
  /** The most blocks of a stage. @default {16} */
  maxDepth?: number | undefined;
  /** The most channels of a stage; all are multiples of 8. @default {1024} */
  maxWidth?: number | undefined;
}

/** Options of {@linkcode sampleRegNet}. */
export interface SampleRegNetConfig extends SamplerConfig {
  /** The most blocks of all stages together. @default {64} */
  maxDepth?: number | undefined;
  /** The most that `w0` and `wa` can be. @default {256} */
  maxWidth?: number | undefined;
  /** Whose rounding. @default {"torchvision"} */
  definition?: "torchvision" | "timm" | undefined;
}

const size = z.int().positive();
const shape = {
  seed: z.int().default(0),
  // Ordered stages are drawn until they are: one draw in 720 is.
  stages: size.max(6).default(4),
  bottleneckRatios: z.array(z.number().positive()).min(1).readonly().default([1, 1 / 2, 1 / 4]),
  groupWidths: z.array(size).min(1).readonly().default([1, 2, 4, 8, 16, 32]),
};

/** The schema of {@linkcode SampleAnyNetConfig}. */
export const sampleAnyNetConfig: z.ZodType<
  { [Key in keyof SampleAnyNetConfig]-?: NonNullable<SampleAnyNetConfig[Key]> },
  SampleAnyNetConfig
> = z.strictObject({
  ...shape,
  space: z.enum(["A", "B", "C", "D", "E"]).default("A"),
  maxDepth: size.default(16),
  maxWidth: z.int().min(8).default(1024),
});

/** The schema of {@linkcode SampleRegNetConfig}. */
export const sampleRegNetConfig: z.ZodType<
  { [Key in keyof SampleRegNetConfig]-?: NonNullable<SampleRegNetConfig[Key]> },
  SampleRegNetConfig
> = z.strictObject({
  ...shape,
  maxDepth: size.default(64),
  maxWidth: z.int().min(8).default(256),
  definition: z.enum(["torchvision", "timm"]).default("torchvision"),
});

/** A source of numbers, uniform in [0, 1). */
type Uniform = () => number;

function uniform(seed: number, space: string): Uniform {
  const generator = xoroshiro128plus(hashSeed(seed, space));
  return () => (generator.next() >>> 0) / 2 ** 32;
}

const range = (from: number, to: number, step = 1): number[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step);

const oneOf = (values: readonly number[], draw: Uniform): number => values[Math.floor(draw() * values.length)] ?? NaN;

/** One of `values`, log-uniform: each with a probability in proportion to its reciprocal. */
function logUniform(values: readonly number[], draw: Uniform): number {
  let rest = draw() * values.reduce((sum, value) => sum + 1 / value, 0);
  return values.find((value) => (rest -= 1 / value) < 0) ?? values.at(-1) ?? NaN;
}

const increases = (values: readonly number[]): boolean => values.every((value, i) => value >= (values[i - 1] ?? 0));

/** `draw()` again and again until `fits`. */
function until<T>(fits: (value: T) => boolean, draw: () => T): T {
  for (;;) {
    const value = draw();
    if (fits(value)) return value;
  }
}

/** Multiples of 8 whose bottleneck `groupWidth` divides. */
function fittingWidths(maxWidth: number, { bottleneckRatio, groupWidth }: Omit<AnyNetStageOptions, "depth" | "width">) {
  const widths = range(8, maxWidth, 8).filter((width) => {
    const inner = width * bottleneckRatio;
    return Number.isInteger(inner) && inner % groupWidth === 0;
  });
  if (widths.length > 0) return widths;
  throw new RangeError(
    `Expected maxWidth of sampleAnyNet() to leave a width for groups of ${groupWidth} at bottleneck ratio ${
      show(bottleneckRatio)
    } but found ${maxWidth}`,
  );
}

/**
 * The stages of one AnyNet out of a design space, for `anyNet()`. Depths and widths are
 * drawn log-uniformly, bottleneck ratios and group widths uniformly from their lists
 * (powers of two as a rule, so log-uniformly too); widths only from those that fit
 * both. What a space orders is drawn until it is in order.
 *
 * @throws {RangeError} Where an option is out of range, or no width fits a group width and a bottleneck ratio.
 * @throws {TypeError} Where an option is of the wrong type or unknown.
 *
 * @example How costs of a design space are distributed
 * ```ts
 * import { anyNet, describe, sampleAnyNet } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * const macs = Array.from({ length: 20 }, (_, seed) => {
 *   const stages = sampleAnyNet({ space: "E", seed });
 *   return describe(anyNet({ definition: "torchvision", stages }), { inputShape: [224, 224, 3] }).macs;
 * });
 * const share = (limit: number) => macs.filter((cost) => cost <= limit).length / macs.length;
 * assertEquals(share(Infinity), 1);
 * ```
 */
export function sampleAnyNet(config: SampleAnyNetConfig = {}): AnyNetStageOptions[] {
  const options = parseConfig(sampleAnyNetConfig, config, "sampleAnyNet()");
  const { space, seed, stages, maxDepth, maxWidth, bottleneckRatios, groupWidths } = options;
  const draw = uniform(seed, `AnyNetX_${space}`);
  const each = <T>(make: () => T): T[] => Array.from({ length: stages }, make);
  const shared = (values: readonly number[], isShared: boolean) =>
    isShared ? Array<number>(stages).fill(oneOf(values, draw)) : each(() => oneOf(values, draw));

  const ratios = shared(bottleneckRatios, space >= "B");
  const groups = shared(groupWidths, space >= "C");
  const blocks = ratios.map((bottleneckRatio, i) => ({ bottleneckRatio, groupWidth: groups[i] ?? NaN }));
  const widthsToChoose = blocks.map((block) => fittingWidths(maxWidth, block));
  const depthsToChoose = range(1, maxDepth);
  const anyOrder = () => true;
  const widths = until(
    space >= "D" ? increases : anyOrder,
    () => widthsToChoose.map((widths) => logUniform(widths, draw)),
  );
  const depths = until(space >= "E" ? increases : anyOrder, () => each(() => logUniform(depthsToChoose, draw)));
  return blocks.map((block, i) => ({ depth: depths[i] ?? NaN, width: widths[i] ?? NaN, ...block }));
}

/**
 * The parameters of one RegNetX, for `regNet()`: those AnyNets whose widths a straight
 * line gives. Depth, w0 and wa are drawn log-uniformly, wm uniformly from 1.5 to 3,
 * until the formula gives as many stages as are asked for.
 *
 * @throws {RangeError} Where an option is out of range, or none of ten thousand draws has the stages.
 * @throws {TypeError} Where an option is of the wrong type or unknown.
 *
 * @example
 * ```ts
 * import { describe, regNet, regNetStages, sampleRegNet } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * const formula = sampleRegNet({ seed: 1 });
 * assertEquals(regNetStages(formula).length, 4);
 * assertEquals(describe(regNet(formula), { inputShape: [224, 224, 3] }).outputShape, [null, 1000]);
 * ```
 */
export function sampleRegNet(config: SampleRegNetConfig = {}): RegNetFormulaOptions {
  const options = parseConfig(sampleRegNetConfig, config, "sampleRegNet()");
  const { seed, stages, maxDepth, maxWidth, bottleneckRatios, groupWidths, definition } = options;
  const draw = uniform(seed, "RegNetX");
  for (let attempt = 0; attempt < 10_000; attempt++) {
    const formula = {
      depth: logUniform(range(1, maxDepth), draw),
      w0: logUniform(range(8, maxWidth, 8), draw),
      wa: 8 * (maxWidth / 8) ** draw(),
      wm: 1.5 + 1.5 * draw(),
      groupWidth: oneOf(groupWidths, draw),
      bottleneckRatio: oneOf(bottleneckRatios, draw),
      definition,
    };
    if (regNetStages(formula).length === stages) return formula;
  }
  throw new RangeError(
    `Expected maxDepth and maxWidth of sampleRegNet() to leave ${stages} stages but found ${maxDepth} and ${maxWidth}`,
  );
}
