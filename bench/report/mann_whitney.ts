/**
 * The Mann-Whitney U test: do two lists of samples come from one distribution?
 *
 * @module
 */
import { normalCdf } from "./distributions.ts";

/** What {@linkcode mannWhitney} finds. */
export interface MannWhitney {
  /** Pairs in which the first list's sample is greater; a tie is half a pair. */
  readonly u: number;
  /** The share of pairs in which the second list's sample is greater: 0.5 where neither tends to be. */
  readonly superiority: number;
  /** Probability of a U as far from its mean as this one or farther, were the lists alike. Two-sided. */
  readonly p: number;
}

/** Pairs up to which every order is counted; beyond, the normal distribution is as good. */
const EXACT_PAIRS = 1000;

/** Twice the rank of each sample, ties sharing the mean of theirs: whole numbers. */
function doubledRanks(samples: readonly number[]): number[] {
  const order = samples.map((_, i) => i).sort((a, b) => (samples[a] ?? 0) - (samples[b] ?? 0));
  const ranks = new Array<number>(samples.length).fill(0);
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && samples[order[end] ?? 0] === samples[order[start] ?? 0]) end++;
    // Ranks start + 1 … end: twice their mean is start + end + 1.
    for (let i = start; i < end; i++) ranks[order[i] ?? 0] = start + end + 1;
    start = end;
  }
  return ranks;
}

/**
 * P(the ranks of `size` samples, drawn at random, add up to `sum` or farther from
 * the mean). All orders are counted at once, ties as they are (the shift algorithm
 * of Streitberg and Röhmel 1986; without ties these are the classical tables).
 */
function exactP(doubled: readonly number[], size: number, sum: number): number {
  const n = doubled.length;
  // Without ties all of them are even, and half as many sums are to be counted.
  const unit = doubled.every((rank) => rank % 2 === 0) ? 2 : 1;
  const ascending = doubled.map((rank) => rank / unit).sort((a, b) => a - b);
  const most = ascending.slice(n - size).reduce((a, b) => a + b, 0);
  // ways[k][s]: in how many ways k of the samples so far have ranks that add up to s.
  const ways = Array.from({ length: size + 1 }, () => new Float64Array(most + 1));
  const first = ways[0];
  if (first !== undefined) first[0] = 1;
  let reached = 0;
  ascending.forEach((rank, i) => {
    reached = Math.min(most, reached + rank);
    for (let k = Math.min(size, i + 1); k >= 1; k--) {
      const [to, from] = [ways[k], ways[k - 1]];
      if (to === undefined || from === undefined) continue;
      for (let s = reached; s >= rank; s--) to[s] = (to[s] ?? 0) + (from[s - rank] ?? 0);
    }
  });
  const mean = size * (n + 1) / unit;
  const distance = Math.abs(sum / unit - mean);
  let [extreme, all] = [0, 0];
  ways[size]?.forEach((count, s) => {
    all += count;
    if (Math.abs(s - mean) >= distance) extreme += count;
  });
  return extreme / all;
}

/** The normal approximation, corrected for ties and for continuity (as R's wilcox.test and scipy's mannwhitneyu). */
function normalP(ranks: readonly number[], u: number, n1: number, n2: number): number {
  const n = n1 + n2;
  const sizes = [...Map.groupBy(ranks, (rank) => rank).values()].map(({ length }) => length);
  const ties = sizes.reduce((sum, t) => sum + t ** 3 - t, 0);
  const variance = n1 * n2 / 12 * (n + 1 - ties / (n * (n - 1)));
  // All samples are equal: nothing tells the lists apart.
  if (variance <= 0) return 1;
  const z = Math.max(0, Math.abs(u - n1 * n2 / 2) - 0.5) / Math.sqrt(variance);
  return Math.min(1, 2 * normalCdf(-z));
}

/**
 * Mann and Whitney's test (1947), two-sided: exact up to 1,000 pairs (30 samples a
 * side are 900), ties included.
 *
 * @throws {RangeError} Where a list is empty.
 */
export function mannWhitney(x: readonly number[], y: readonly number[]): MannWhitney {
  const [n1, n2] = [x.length, y.length];
  if (n1 === 0 || n2 === 0) throw new RangeError("Expected samples on both sides but found none");
  const ranks = doubledRanks([...x, ...y]);
  const sum = ranks.slice(0, n1).reduce((a, b) => a + b, 0);
  const u = (sum - n1 * (n1 + 1)) / 2;
  const p = n1 * n2 <= EXACT_PAIRS ? exactP(ranks, n1, sum) : normalP(ranks, u, n1, n2);
  return { u, superiority: 1 - u / (n1 * n2), p };
}

/**
 * Holm's correction (1979) of p-values for there being many: the chance that any of
 * them falls below α by accident stays below α, however they depend on one another.
 * One wrong red cross is one too many, so this rather than a share of false
 * discoveries (Benjamini and Hochberg 1995), which grants them.
 */
export function holm(ps: readonly number[]): number[] {
  const order = ps.map((_, i) => i).sort((a, b) => (ps[a] ?? 0) - (ps[b] ?? 0));
  const adjusted = new Array<number>(ps.length).fill(1);
  let largest = 0;
  order.forEach((index, rank) => {
    largest = Math.max(largest, Math.min(1, (ps.length - rank) * (ps[index] ?? 1)));
    adjusted[index] = largest;
  });
  return adjusted;
}
