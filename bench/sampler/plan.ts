/**
 * Who is measured when, and how much.
 *
 * @module
 */

/** How many samples each process takes: as even as can be, and none without one. */
export function splitSamples(samples: number, processes: number): number[] {
  const starts = Math.min(samples, processes);
  const [least, more] = [Math.floor(samples / starts), samples % starts];
  return Array.from({ length: starts }, (_, i) => least + (i < more ? 1 : 0));
}

/** The order of a round: A B, then B A, then A B. What drifts meets early and late ones alike. */
export function orderOf<T>(entries: readonly T[], round: number): T[] {
  return round % 2 === 0 ? [...entries] : entries.toReversed();
}

/**
 * The next batch to try where memory does not suffice, as timm's `decay_batch_step`:
 * 64, 48, 32, 24, 16, 12, 8, 6, 4, 3, 2, 1; 0 where nothing is left to try.
 */
export function smallerBatch(batch: number): number {
  if (batch <= 1) return 0;
  const base = 2 ** Math.floor(Math.log2(batch - 1));
  const step = Math.max(base / 2, 1);
  return base + Math.floor((batch - base - 1) / step) * step;
}
