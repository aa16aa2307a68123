/**
 * The two-level bootstrap: processes are drawn, and in each of them samples.
 *
 * Steps of one process share its memory layout, its compiled code and its place on
 * the machine, so thirty samples of three processes tell less than thirty
 * independent ones (Kalibera and Jones, Rigorous benchmarking in reasonable time,
 * 2013). Drawing processes first keeps what differs between them in the interval.
 *
 * @module
 */
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { quantileSorted } from "simple-statistics";
import { normalCdf, studentQuantile } from "./distributions.ts";

/** Samples and the process that each comes from. */
export interface Sample {
  /** Milliseconds a step. */
  readonly samplesMs: readonly number[];
  /** As long as `samplesMs`. */
  readonly process: readonly number[];
}

/** How many times medians are drawn. */
const REPLICATES = 2000;

/** The samples, a list for each process. */
export function byProcess({ samplesMs, process }: Sample): number[][] {
  return [...Map.groupBy(samplesMs.keys(), (i) => process[i]).values()].map((indices) =>
    indices.map((i) => samplesMs[i] ?? NaN)
  );
}

/** Numbers in [0, 1). */
export type Random = () => number;

/** A stream of random numbers, the same for the same seed everywhere. */
export function seededRandom(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  return () => (generator.next() >>> 0) / 2 ** 32;
}

/** The value of rank `at` among `counts`, of which each says how often a value was drawn. */
function drawnValue(ascending: Float64Array, counts: Int32Array, at: number): number {
  let [rank, seen] = [0, counts[0] ?? 0];
  while (seen <= at && rank < counts.length) seen += counts[++rank] ?? 0;
  return ascending[rank] ?? NaN;
}

/** The logarithms of `replicates` medians of what is drawn from `groups`. */
export function drawnMedians(
  groups: readonly (readonly number[])[],
  random: Random,
  replicates: number = REPLICATES,
): Float64Array {
  // Draws are counted by rank, which is faster than to sort each of them.
  const ascending = Float64Array.from(groups.flat()).sort();
  const ranks = groups.map((group) => Int32Array.from(group, (value) => ascending.indexOf(value)));
  const counts = new Int32Array(ascending.length);
  const medians = new Float64Array(replicates);
  for (let i = 0; i < replicates; i++) {
    counts.fill(0);
    let size = 0;
    for (let g = 0; g < ranks.length; g++) {
      const group = ranks[Math.floor(random() * ranks.length)];
      if (group === undefined) continue;
      size += group.length;
      for (let s = 0; s < group.length; s++) {
        const rank = group[Math.floor(random() * group.length)] ?? 0;
        counts[rank] = (counts[rank] ?? 0) + 1;
      }
    }
    const upper = drawnValue(ascending, counts, size >> 1);
    const middle = size % 2 === 1 ? upper : (drawnValue(ascending, counts, (size >> 1) - 1) + upper) / 2;
    medians[i] = Math.log(middle);
  }
  return medians;
}

/** What is independent: processes, or samples where there is one process. */
function units(groups: readonly (readonly number[])[]): number {
  return groups.length > 1 ? groups.length : groups[0]?.length ?? 0;
}

/**
 * The share of replicates to leave out on each side. Few units spread too little when
 * they are drawn from themselves, and their own spread is uncertain: the tails are
 * those that Student's t would leave (the expanded percentile interval of Hesterberg,
 * What teachers should know about the bootstrap, 2015, section 4.1).
 */
function tail(confidence: number, fewest: number, degrees: number): number {
  return normalCdf(-Math.sqrt(fewest / (fewest - 1)) * studentQuantile(1 - (1 - confidence) / 2, degrees));
}

function percentiles(logs: Float64Array, share: number): [number, number] {
  const ascending = [...logs.sort()];
  return [Math.exp(quantileSorted(ascending, share)), Math.exp(quantileSorted(ascending, 1 - share))];
}

/**
 * The interval of median(head) / median(base). Undefined where a side has a single
 * sample: nothing is known of its spread.
 */
export function ratioInterval(
  base: Sample,
  head: Sample,
  { confidence = 0.99, seed = 0 }: { confidence?: number; seed?: number } = {},
): [number, number] | undefined {
  const [from, to] = [byProcess(base), byProcess(head)];
  const [n1, n2] = [units(from), units(to)];
  if (Math.min(n1, n2) < 2) return undefined;
  const random = seededRandom(seed);
  const bases = drawnMedians(from, random);
  const ratios = drawnMedians(to, random).map((log, i) => log - (bases[i] ?? NaN));
  return percentiles(ratios, tail(confidence, Math.min(n1, n2), n1 + n2 - 2));
}

/** The interval of the median of samples from several processes. Undefined where there is a single sample. */
export function clusteredMedianInterval(
  sample: Sample,
  { confidence = 0.95, seed = 0 }: { confidence?: number; seed?: number } = {},
): [number, number] | undefined {
  const groups = byProcess(sample);
  const n = units(groups);
  return n < 2 ? undefined : percentiles(drawnMedians(groups, seededRandom(seed)), tail(confidence, n, n - 1));
}
