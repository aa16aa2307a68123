/**
 * Medians and their intervals. Small pure functions over sorted samples.
 *
 * @module
 */
import { logAverage, medianSorted } from "simple-statistics";
import { coinCdf } from "./distributions.ts";

/** Ascending, in a list of its own. */
export function sorted(samples: readonly number[]): Float64Array {
  return Float64Array.from(samples).sort();
}

/** The median; NaN of none. */
export function median(samples: readonly number[]): number {
  return samples.length === 0 ? NaN : medianSorted([...sorted(samples)]);
}

/** The fewest samples whose range holds the median with this confidence: 6 for 95 %. */
export function fewestSamples(confidence: number): number {
  return 1 + Math.ceil(-Math.log2(1 - confidence));
}

/**
 * The distribution-free interval of the median between two order statistics (David
 * and Nagaraja, Order Statistics, 2003, section 7.1; as benchstat's and R's
 * DescTools::MedianCI): the samples below the median are so many heads among n
 * tosses. It holds for independent samples; undefined where there are too few.
 */
export function medianInterval(samples: readonly number[], confidence = 0.95): [number, number] | undefined {
  const n = samples.length;
  // Heads up to k on either side are what the interval leaves out.
  let k = -1;
  while (2 * coinCdf(k + 1, n) <= 1 - confidence && k + 1 < n / 2) k++;
  if (k < 0) return undefined;
  const ascending = sorted(samples);
  const [low, high] = [ascending[k], ascending[n - 1 - k]];
  return low === undefined || high === undefined ? undefined : [low, high];
}

/** The geometric mean; NaN of none. */
export function geometricMean(values: readonly number[]): number {
  return values.length === 0 ? NaN : logAverage([...values]);
}
