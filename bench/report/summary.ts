/**
 * What the samples of a result say: all of it derived from `samplesMs` and `process`.
 *
 * @module
 */
import { hashSeed } from "../../models/random.ts";
import { byProcess, clusteredMedianInterval, type Sample } from "./bootstrap.ts";
import { fewestSamples, median, medianInterval } from "./median.ts";
import type { Result } from "./schema.ts";

/** Confidence of the intervals of medians. */
export const CONFIDENCE = 0.95;

/** Why a figure says less than it seems to. */
export type WarningKind = "few-samples" | "one-process" | "unstable";

/** A warning, for programs and for people. */
export interface Warning {
  /** What kind. */
  readonly kind: WarningKind;
  /** In one sentence. */
  readonly message: string;
}

/** A median with what is known of it. */
export interface Summary {
  /** Milliseconds a step. */
  readonly median: number;
  /** Of the median, 95 %. */
  readonly interval: readonly [number, number] | null;
  /** How many samples. */
  readonly samples: number;
  /** From how many processes. */
  readonly processes: number;
  /** What a reader has to know. */
  readonly warnings: readonly Warning[];
}

/** The seed of all draws for a result: runs on the same reports say the same. */
export function seedOf(name: string): number {
  return hashSeed(0, name);
}

function warningsOf({ samplesMs }: Sample, groups: readonly (readonly number[])[]): Warning[] {
  const warnings: Warning[] = [];
  const n = samplesMs.length;
  const least = fewestSamples(CONFIDENCE);
  if (n < least) {
    const message = `${n === 1 ? "a single sample" : `${n} samples`}: at least ${least} are needed for a 95 % interval`;
    warnings.push({ kind: "few-samples", message });
  }
  if (groups.length === 1) {
    const message = "one process: what differs from one start to the next is not in the interval";
    warnings.push({ kind: "one-process", message });
  }
  // A warm-up that was too short, or a machine that got slower: halves that differ by a tenth are no noise of a median.
  const slope = Math.max(...groups.map((group) => {
    const half = group.length >> 1;
    return half < 5 ? 0 : Math.abs(Math.log(median(group.slice(0, half)) / median(group.slice(half))));
  }));
  if (slope > 0.1) {
    const message = `samples drift by ${Math.round(100 * Math.expm1(slope))} % within a process`;
    warnings.push({ kind: "unstable", message });
  }
  return warnings;
}

/**
 * Median, interval and warnings of a result. Of one process the interval is that of
 * order statistics; of several, the bootstrap's, which does not take their samples
 * for independent.
 */
export function summarize(sample: Sample, seed: number = 0): Summary {
  const groups = byProcess(sample);
  const n = sample.samplesMs.length;
  const interval = n < fewestSamples(CONFIDENCE)
    ? undefined
    : groups.length > 1
    ? clusteredMedianInterval(sample, { confidence: CONFIDENCE, seed })
    : medianInterval(sample.samplesMs, CONFIDENCE);
  return {
    median: median(sample.samplesMs),
    interval: interval ?? null,
    samples: n,
    processes: groups.length,
    warnings: warningsOf(sample, groups),
  };
}

/** Images a second where a step takes `milliseconds`. */
export function throughput({ batch }: Pick<Result, "batch">, milliseconds: number): number {
  return batch / milliseconds * 1000;
}
