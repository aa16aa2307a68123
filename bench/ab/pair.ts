/**
 * What is measured of one network in one mode, on both sides.
 *
 * @module
 */
import { median } from "../report/median.ts";
import type { Failure } from "../report/schema.ts";
import type { Entry, Tally } from "../sampler/sampler.ts";
import type { Sides } from "./decide.ts";

/** The two sides. */
export type SideName = keyof Sides;

/** Both, in the order of the first round. */
export const SIDES: readonly SideName[] = ["base", "head"];

/** A network that one side could not measure. */
export interface SideFailure extends Failure {
  /** Which side's process it was. */
  readonly side: SideName;
}

/** A network in one mode. */
export interface Pair {
  /** Which. */
  readonly entry: Entry;
  /** What its results are called. */
  readonly name: string;
  /** Images in a step, of both sides. */
  batch: number;
  /** Samples of a process; undefined until it is known how quick steps are. */
  samples: number | undefined;
  /** Processes that both sides have had. */
  rounds: number;
  /** What was measured. */
  tallies: Record<SideName, Tally>;
  /** Why it is measured no further. */
  failure?: SideFailure;
}

/** Adds to `tally` what one process more gave. */
export function addProcess(tally: Tally, more: Tally, round: number): void {
  tally.samplesMs.push(...more.samplesMs);
  tally.process.push(...more.samplesMs.map(() => round));
  tally.firstStepsMs.push(...more.firstStepsMs);
  tally.deviceMs.push(...more.deviceMs);
  tally.peakMemory = Math.max(tally.peakMemory, more.peakMemory);
  tally.notes.push(...more.notes);
}

/** The median of what a tally's process of that round gave, in milliseconds. */
export function roundMedian({ samplesMs, process }: Tally, round: number): number {
  return median(samplesMs.filter((_, i) => process[i] === round));
}

/** Notes that say the same of several processes, numbers aside, as one. */
export function together(notes: readonly string[]): string[] {
  const alike = Map.groupBy(notes, (note) => note.replaceAll(/\d+/g, "#"));
  return [...alike.values()].map(([note = "", ...more]) =>
    more.length === 0 ? note : `${note} (and ${more.length} more like it)`
  );
}

/** Samples of a process where no number of them is asked for: at least, at most. */
export const FEWEST_SAMPLES = 10;
const MOST_SAMPLES = 50;
/** A neighbour on the machine takes it for some milliseconds at a time: samples have to last longer than that. */
const LEAST_MS = 300;

/** How many samples of `ms` milliseconds a process takes. */
export function samplesOf(ms: number): number {
  return Math.min(MOST_SAMPLES, Math.max(FEWEST_SAMPLES, Math.ceil(LEAST_MS / ms)));
}
