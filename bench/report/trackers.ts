/**
 * The formats of services that keep a history of benchmarks.
 *
 * @module
 */
import { digits } from "./numbers.ts";
import type { Report } from "./schema.ts";
import { seedOf, summarize, throughput } from "./summary.ts";

/** An entry of github-action-benchmark's `customSmallerIsBetter`. */
export interface ActionBenchmark {
  /** The result's name. */
  readonly name: string;
  /** `ms/step`. */
  readonly unit: string;
  /** The median. */
  readonly value: number;
  /** Half of the median's 95 % interval. */
  readonly range?: string;
  /** More, for a tooltip. */
  readonly extra: string;
}

/** For github-action-benchmark, as `customSmallerIsBetter`. */
export function actionBenchmarks({ results }: Report): ActionBenchmark[] {
  return results.map((result) => {
    const { median, interval, samples, processes } = summarize(result, seedOf(result.name));
    return {
      name: result.name,
      unit: "ms/step",
      value: median,
      ...interval === null ? {} : { range: `± ${Number(((interval[1] - interval[0]) / 2).toPrecision(3))}` },
      extra: [
        `${digits(throughput(result, median))} images/s`,
        `batch ${result.batch} in ${result.precision} on ${result.backend}`,
        `${samples} samples of ${processes} ${processes === 1 ? "process" : "processes"}`,
      ].join("\n"),
    };
  });
}

/** A metric of Bencher's. */
export interface BencherMetric {
  /** The estimate. */
  readonly value: number;
  /** The lower end of its interval. */
  readonly lower_value?: number;
  /** The upper end of its interval. */
  readonly upper_value?: number;
}

function metric(value: number, interval: readonly [number, number] | null): BencherMetric {
  return { value, ...interval === null ? {} : { lower_value: interval[0], upper_value: interval[1] } };
}

/**
 * In the Bencher Metric Format: `latency` in nanoseconds a step and `throughput` in
 * images a second, Bencher's own measures, and `peak-memory` in bytes.
 */
export function bencherMetrics({ results }: Report): Record<string, Record<string, BencherMetric>> {
  return Object.fromEntries(results.map((result) => {
    const { median, interval } = summarize(result, seedOf(result.name));
    const rate = (milliseconds: number) => throughput(result, milliseconds);
    return [result.name, {
      latency: metric(median * 1e6, interval && [interval[0] * 1e6, interval[1] * 1e6]),
      throughput: metric(rate(median), interval && [rate(interval[1]), rate(interval[0])]),
      ...result.peakMemory === null ? {} : { "peak-memory": metric(result.peakMemory, null) },
    }];
  }));
}
