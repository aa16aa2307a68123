/**
 * How EfficientNet makes a larger network from a smaller one.
 *
 * @module
 */
import { z } from "zod";
import { parseConfig } from "./errors.ts";

/** The base of each multiplier: the paper found them for B0 by a grid search. */
export interface CompoundScalingConfig {
  /** Of the depth. @default {1.2} */
  alpha?: number | undefined;
  /** Of the width. @default {1.1} */
  beta?: number | undefined;
  /** Of the resolution. @default {1.15} */
  gamma?: number | undefined;
}

/** What a network's sizes are multiplied by. */
export interface CompoundScaling {
  /** Blocks of each stage. */
  readonly depth: number;
  /** Channels of each convolution. */
  readonly width: number;
  /** Height and width of the image. */
  readonly resolution: number;
}

const base = z.number().min(1);

/** The schema of {@linkcode CompoundScalingConfig}. */
export const compoundScalingConfig: z.ZodType<
  { alpha: number; beta: number; gamma: number },
  CompoundScalingConfig
> = z.strictObject({ alpha: base.default(1.2), beta: base.default(1.1), gamma: base.default(1.15) });

const coefficient = z.strictObject({ phi: z.number() });

/**
 * Equation 3 of the paper: depth α^φ, width β^φ, resolution γ^φ. A convolution costs
 * depth × width² × resolution², so α·β²·γ² ≈ 2 makes each step of φ double the cost.
 *
 * @param phi How much more there is to spend, as the logarithm of the factor to base α·β²·γ².
 *
 * @throws {RangeError} Where a base is below 1, or phi is not finite.
 *
 * @example From B0 to B2, whose blocks are rounded up: the formula's 1.92 becomes 2.57
 * ```ts
 * import { compoundScaling, describe, efficientNet } from "@convbench/convbench";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { depth, width, resolution } = compoundScaling(1);
 * assertAlmostEquals(depth * width ** 2 * resolution ** 2, 1.92, 0.005);
 *
 * const size = Math.round(224 * resolution);
 * const { macs } = describe(efficientNet({ depth, width }), { inputShape: [size, size, 3] });
 * assertAlmostEquals(macs / describe(efficientNet(), { inputShape: [224, 224, 3] }).macs, 2.57, 0.005);
 * ```
 */
export function compoundScaling(phi: number, bases: CompoundScalingConfig = {}): CompoundScaling {
  parseConfig(coefficient, { phi }, "compoundScaling()");
  const { alpha, beta, gamma } = parseConfig(compoundScalingConfig, bases, "compoundScaling()");
  return { depth: alpha ** phi, width: beta ** phi, resolution: gamma ** phi };
}
