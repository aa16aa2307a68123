/**
 * The architectures of one run side by side, the fastest first.
 *
 * @module
 */
import { closest } from "fastest-levenshtein";
import { show } from "../../models/errors.ts";
import { ratioInterval, type Sample } from "./bootstrap.ts";
import type { Report, Result } from "./schema.ts";
import { CONFIDENCE, seedOf, summarize, type Summary, throughput } from "./summary.ts";

/** One architecture. */
export interface RankingRow {
  /** What was measured. */
  readonly result: Result;
  /** What its samples say. */
  readonly summary: Summary;
  /** Images a second, at the median. */
  readonly imagesPerSecond: number;
  /** Of the images a second, 95 %. */
  readonly interval: readonly [number, number] | null;
  /** Images a second as a multiple of the baseline's. */
  readonly ratio: number;
  /** Of the ratio, 95 %; null of the baseline itself and where a side has a single sample. */
  readonly ratioInterval: readonly [number, number] | null;
}

/** What was measured in one mode and precision. */
export interface Ranking {
  /** `forward` or `train`. */
  readonly mode: Result["mode"];
  /** `float32`, … */
  readonly precision: string;
  /** What the ratios are to. */
  readonly baseline: string;
  /** The fastest first. */
  readonly rows: readonly RankingRow[];
}

/** The inverse of an interval of times: one of throughputs. */
function inverse([low, high]: readonly [number, number], scale: number): [number, number] {
  return [scale / high, scale / low];
}

/** Milliseconds an image, so that networks of different batches compare. */
function perImage({ samplesMs, process, batch }: Result): Sample {
  return { samplesMs: samplesMs.map((sample) => sample / batch), process };
}

function rank(results: readonly Result[], model: string | undefined): Ranking | undefined {
  const rows = results.map((result) => {
    const summary = summarize(result, seedOf(result.name));
    const interval = summary.interval === null ? null : inverse(summary.interval, result.batch * 1000);
    return { result, summary, imagesPerSecond: throughput(result, summary.median), interval };
  }).sort((a, b) => b.imagesPerSecond - a.imagesPerSecond);
  const baseline = rows.find(({ result }) => result.model === model) ?? rows[0];
  if (baseline === undefined) return undefined;
  const from = perImage(baseline.result);
  return {
    mode: baseline.result.mode,
    precision: baseline.result.precision,
    baseline: baseline.result.model,
    rows: rows.map((row) => {
      const { result } = row;
      const times = row === baseline
        ? undefined
        : ratioInterval(from, perImage(result), { confidence: CONFIDENCE, seed: seedOf(result.name) });
      return {
        ...row,
        ratio: row.imagesPerSecond / baseline.imagesPerSecond,
        ratioInterval: times === undefined ? null : inverse(times, 1),
      };
    }),
  };
}

/**
 * Ranks a report's results, for each mode and precision apart. Ratios are to
 * `baseline`, and to the fastest where it is left out or was not measured in a mode.
 *
 * @throws {RangeError} Where the report has no result of `baseline`; the message names the nearest.
 */
export function rankReport({ results }: Report, baseline?: string): Ranking[] {
  const models = [...new Set(results.map(({ model }) => model))];
  if (baseline !== undefined && !models.includes(baseline)) {
    const nearest = models.length === 0 ? "" : `: is it ${show(closest(baseline, models))}`;
    throw new RangeError(`Expected the baseline to be a model of the report but found ${show(baseline)}${nearest}`);
  }
  return [...Map.groupBy(results, ({ mode, precision }) => `${mode} ${precision}`).values()].flatMap((group) =>
    rank(group, baseline) ?? []
  );
}
