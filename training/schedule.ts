/**
 * Learning rates as pure functions of the step: a run that goes on from a
 * checkpoint needs no state of theirs.
 *
 * @module
 */
import { z } from "zod";
import { parseConfig } from "../models/errors.ts";

/** The learning rate of a step; steps count from 0 over the whole run, not over an epoch. */
export type LearningRateSchedule = (step: number) => number;

const rate = z.number().nonnegative();
const rateOf = (value: number, subject: string): number =>
  parseConfig(z.object({ rate }), { rate: value }, subject).rate;

/**
 * `rate` at every step.
 *
 * @throws {RangeError} Where `rate` is negative.
 *
 * @example
 * ```ts
 * import { constantRate } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([0, 1000].map(constantRate(0.1)), [0.1, 0.1]);
 * ```
 */
export function constantRate(rate: number): LearningRateSchedule {
  const constant = rateOf(rate, "constantRate()");
  return () => constant;
}

/** Options of {@linkcode stepDecay}. */
export interface StepDecayOptions {
  /** Steps between two falls; may be a fraction (EfficientNet: 2.4 epochs). */
  every: number;
  /** What the rate is multiplied by at each. @default {0.1} */
  factor?: number;
}

const stepDecayOptions = z.strictObject({
  every: z.number().positive(),
  factor: z.number().nonnegative().default(0.1),
});

/**
 * `rate · factor ^ ⌊step / every⌋`, as `torch.optim.lr_scheduler.StepLR` and timm's `StepLRScheduler`.
 *
 * @throws {RangeError} Where an argument is out of range.
 *
 * @example Ten times less every 30 epochs of 100 steps
 * ```ts
 * import { stepDecay } from "@convbench/convbench";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const schedule = stepDecay(0.1, { every: 30 * 100 });
 * assertAlmostEquals(schedule(2999), 0.1);
 * assertAlmostEquals(schedule(3000), 0.01);
 * ```
 */
export function stepDecay(rate: number, options: StepDecayOptions): LearningRateSchedule {
  const start = rateOf(rate, "stepDecay()");
  const { every, factor } = parseConfig(stepDecayOptions, options, "stepDecay()");
  return (step) => start * factor ** Math.floor(step / every);
}

/** Options of {@linkcode cosineDecay}. */
export interface CosineDecayOptions {
  /** Steps until the rate is at its minimum. */
  steps: number;
  /** Where it ends. @default {0} */
  minimum?: number;
}

const cosineDecayOptions = z.strictObject({ steps: z.number().positive(), minimum: rate.default(0) });

/**
 * Half a cosine from `rate` to `minimum` (Loshchilov and Hutter 2017, without
 * restarts): `minimum + (rate − minimum) · (1 + cos(π · step / steps)) / 2`, as
 * `CosineAnnealingLR`. After `steps` it stays at the minimum, as timm's
 * `CosineLRScheduler`; PyTorch's would climb again.
 *
 * @throws {RangeError} Where an argument is out of range.
 *
 * @example
 * ```ts
 * import { cosineDecay } from "@convbench/convbench";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const schedule = cosineDecay(0.2, { steps: 100 });
 * assertAlmostEquals(schedule(0), 0.2);
 * assertAlmostEquals(schedule(50), 0.1);
 * assertAlmostEquals(schedule(100), 0);
 * ```
 */
export function cosineDecay(rate: number, options: CosineDecayOptions): LearningRateSchedule {
  const start = rateOf(rate, "cosineDecay()");
  const { steps, minimum } = parseConfig(cosineDecayOptions, options, "cosineDecay()");
  return (step) => minimum + 0.5 * (start - minimum) * (1 + Math.cos(Math.PI * Math.min(step / steps, 1)));
}

/** Options of {@linkcode warmUp}. */
export interface WarmUpOptions {
  /** Steps until the rate is what `schedule` starts with. */
  steps: number;
  /** The rate of step 0. @default {0} */
  from?: number;
  /**
   * Whether `schedule` waits for the warm-up: its step 0 is then the first step after it, as with PyTorch's
   * `SequentialLR` and timm's `warmup_prefix`. Without, the warm-up takes the place of its first steps, as timm's
   * `CosineLRScheduler` does by default. @default {true}
   */
  prefix?: boolean;
}

const warmUpOptions = z.strictObject({
  steps: z.int().nonnegative(),
  from: rate.default(0),
  prefix: z.boolean().default(true),
});

/**
 * A linear rise from `from` to `schedule(0)`, then `schedule` (Goyal et al. 2017).
 * `SequentialLR([LinearLR(start_factor=f, total_iters=steps), …], [steps])` of PyTorch is `from: f · rate`;
 * `warmup_t` and `warmup_lr_init` of timm are `steps` and `from`.
 *
 * @throws {RangeError} Where an option is out of range.
 *
 * @example Five epochs of warm-up in a run of 90, of 100 steps each
 * ```ts
 * import { cosineDecay, warmUp } from "@convbench/convbench";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const schedule = warmUp(cosineDecay(0.1, { steps: 85 * 100 }), { steps: 5 * 100 });
 * assertAlmostEquals(schedule(250), 0.05);
 * assertAlmostEquals(schedule(500), 0.1);
 * assertAlmostEquals(schedule(9000), 0);
 * ```
 */
export function warmUp(schedule: LearningRateSchedule, options: WarmUpOptions): LearningRateSchedule {
  const { steps, from, prefix } = parseConfig(warmUpOptions, options, "warmUp()");
  const target = schedule(0);
  return (step) => {
    if (step < steps) return from + (target - from) * step / steps;
    return schedule(prefix ? step - steps : step);
  };
}
