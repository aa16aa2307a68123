/**
 * How fine a browser's clock is. Browsers make it coarse, against spying by timing: a
 * tenth of a millisecond in Chrome, one in Firefox and Safari, less where the page is
 * isolated from others.
 *
 * @module
 */
import type { Tally } from "../sampler/sampler.ts";
import { median } from "../report/median.ts";

/** How long the clock is watched at most, and how many ticks of it. */
const WATCH_MS = 100;
const TICKS = 50;

/** Milliseconds between two readings that differ, the least that was seen; to one digit. */
export function clockResolution(now: () => number = () => performance.now()): number {
  const begin = now();
  let finest = Infinity;
  let before = begin;
  for (let ticks = 0; ticks < TICKS && before - begin < WATCH_MS;) {
    const time = now();
    if (time === before) continue;
    finest = Math.min(finest, time - before);
    before = time;
    ticks++;
  }
  return Number(finest.toPrecision(1));
}

/** A step that is shorter than so many ticks of the clock is told with it: its median may be a fiftieth off. */
const TICKS_A_STEP = 50;

/**
 * What was measured, as far as the clock could tell it: a step that is no tick long was
 * not measured at all, and one of few ticks says so.
 */
export function judgeClock(tally: Tally, resolution: number): Tally {
  const firstStepsMs = tally.firstStepsMs.filter((ms) => ms > 0);
  const { samplesMs, notes } = tally;
  if (samplesMs.length === 0) return { ...tally, firstStepsMs };
  if (samplesMs.some((ms) => ms <= 0)) {
    const failure = `a step takes less than this browser's clock can tell (${resolution} ms): choose a larger batch`;
    return { ...tally, firstStepsMs: [], samplesMs: [], process: [], failure };
  }
  const ticks = median(samplesMs) / resolution;
  if (ticks >= TICKS_A_STEP) return { ...tally, firstStepsMs };
  const note = `a step is ${Math.max(1, Math.round(ticks))} ticks of this browser's clock (${resolution} ms): ` +
    "a larger batch is told more exactly";
  return { ...tally, firstStepsMs, notes: [...notes, note] };
}
