/**
 * Comparison of what two runtimes computed.
 *
 * @module
 */
import type { BackendNumbers } from "./scenario.ts";

/** Largest |a - b| over the largest |b|; infinite where they differ in length or one is no number. */
export function relativeError(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length || a.length === 0) return Infinity;
  const scale = Math.max(...b.map(Math.abs));
  const error = Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? NaN)))) / scale;
  return Number.isNaN(error) ? Infinity : error;
}

/** The largest error of all that a backend computed. */
export function numbersError(a: BackendNumbers, b: BackendNumbers): number {
  return Math.max(
    relativeError(a.logits, b.logits),
    relativeError(a.batchLogits, b.batchLogits),
    relativeError([a.loss], [b.loss]),
    relativeError(a.trained, b.trained),
    relativeError(a.loaded, b.loaded),
  );
}
