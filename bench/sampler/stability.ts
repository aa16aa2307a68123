/**
 * When a warm-up is over.
 *
 * @module
 */
import { median } from "../report/median.ts";

/** The rule; all times are in milliseconds. */
export interface StabilityRule {
  /** The most steps in each of the two windows that are compared. */
  readonly window: number;
  /** How far, as a share, the median of the last window may lie from that of the one before. */
  readonly tolerance: number;
  /** V8 compiles what is hot within this time: nothing is stable before. */
  readonly least: number;
  /** After this time samples are taken all the same, and the result says so. */
  readonly most: number;
}

/**
 * Stable is a step whose last five times have a median within 5 % of the five before,
 * after at least a second. Where steps are so slow that there are fewer than ten,
 * the later half is held against the earlier one. After ten seconds, and two steps, no
 * more is waited for.
 */
export const STABILITY: StabilityRule = { window: 5, tolerance: 0.05, least: 1000, most: 10_000 };

/** Whether the last window's median is that of the window before, within the tolerance. */
export function isStable(steps: readonly number[], { window, tolerance }: StabilityRule): boolean {
  const length = Math.min(window, Math.floor(steps.length / 2));
  if (length === 0) return false;
  const before = median(steps.slice(-2 * length, -length));
  return Math.abs(median(steps.slice(-length)) - before) <= tolerance * before;
}

/** What to do after the steps of a warm-up so far. */
export function warmUpState(steps: readonly number[], rule: StabilityRule): "go on" | "stable" | "give up" {
  const elapsed = steps.reduce((sum, ms) => sum + ms, 0);
  if (elapsed >= rule.least && isStable(steps, rule)) return "stable";
  return elapsed >= rule.most && steps.length >= 2 ? "give up" : "go on";
}
