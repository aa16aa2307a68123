/**
 * What was sampled, as a report.
 *
 * @module
 */
import { describeModel } from "../../models/registry.ts";
import { type Cost, costOf, stepBytes, stepFlops } from "../cost.ts";
import { median } from "../report/median.ts";
import {
  type Environment,
  type Failure,
  type Limit,
  type Report,
  REPORT_SCHEMA,
  type Result,
  resultName,
} from "../report/schema.ts";
import { seedOf, summarize, throughput } from "../report/summary.ts";
import type { BackendRecord, Precision } from "./messages.ts";
import type { Sampled, Tally } from "./sampler.ts";

/**
 * How far beyond the measured limit a median may lie: the limit is a measurement too,
 * and three times the forward pass is a little more than training computes, since the
 * first layer has no input gradient.
 */
export const LIMIT_TOLERANCE = 1.1;

/** Shares of the machine's limit that a step of `ms` milliseconds reaches. */
export function utilisation(
  cost: Cost,
  { mode, batch }: Pick<Tally, "mode" | "batch">,
  ms: number,
  { convolution, matmul, copy }: Limit,
): { compute: number | null; bandwidth: number | null } {
  const flops = Math.max(convolution ?? 0, matmul ?? 0);
  const share = (amount: number, perSecond: number) => perSecond === 0 ? null : amount * 1000 / ms / perSecond;
  return {
    compute: share(stepFlops(cost, mode, batch), flops),
    bandwidth: share(stepBytes(cost, mode, batch), copy ?? 0),
  };
}

function resultOf(tally: Tally, { name: backend }: BackendRecord, precision: Precision, limit: Limit): Result {
  const { model, mode, batch, samplesMs, process, firstStepsMs, deviceMs, peakMemory, notes } = tally;
  const name = resultName({ model, mode, precision });
  const { median: ms, interval } = summarize({ samplesMs, process }, seedOf(name));
  const cost = costOf(model, mode);
  const [, height, width, channels] = describeModel(model).inputShape;
  const { compute, bandwidth } = utilisation(cost, tally, ms, limit);
  return {
    name,
    model,
    mode,
    backend,
    precision,
    batch,
    samplesMs,
    process,
    median: ms,
    confidenceInterval: interval === null ? null : [...interval],
    imagesPerSecond: throughput({ batch }, ms),
    firstStepMs: firstStepsMs.length === 0 ? null : median(firstStepsMs),
    ...(deviceMs.length === 0 ? {} : { deviceMs: median(deviceMs) }),
    peakMemory: peakMemory === 0 ? null : peakMemory,
    ...cost,
    utilisation: compute,
    bandwidthUtilisation: bandwidth,
    inputShape: [height ?? 1, width ?? 1, channels ?? 1],
    ...(notes.length === 0 ? {} : { notes }),
  };
}

/** Why a result cannot be true: it is beyond the machine's limit; undefined where it is not. */
export function beyondLimit({ precision, utilisation, bandwidthUtilisation }: Result): string | undefined {
  // What a single product gains from a lower precision it partly loses in rounding its inputs: no limit for a network.
  if (precision !== "float32") return undefined;
  const [share, what] = (utilisation ?? 0) >= (bandwidthUtilisation ?? 0)
    ? [utilisation ?? 0, "fastest matrix product and convolution"]
    : [bandwidthUtilisation ?? 0, "fastest copy"];
  if (share <= LIMIT_TOLERANCE) return undefined;
  return `${share.toFixed(2)} times the machine's own ${what}: the timer did not wait for the work`;
}

/** What is measured less than it was asked for says so. */
function incomplete(tally: Tally, samples: number, interrupted: boolean): Tally {
  const { length } = tally.samplesMs;
  if (length === samples) return tally;
  const reason = tally.failure ?? (interrupted ? "interrupted" : "ended early");
  return { ...tally, notes: [...tally.notes, `${length} of ${samples} samples: ${reason}`] };
}

/** How a run is to be told. */
export interface ReportOptions {
  /** Where it was measured. */
  readonly environment: Environment;
  /** What it computed in. */
  readonly precision: Precision;
  /** Samples that each result was to have. */
  readonly samples: number;
}

/** The report of a run: results of all that has a sample, failures of all that has a reason or none. */
export function reportOf(
  { backend, limit, tallies, interrupted }: Sampled,
  { environment, precision, samples }: ReportOptions,
): Report {
  const results = backend === undefined ? [] : tallies
    .filter(({ samplesMs }) => samplesMs.length > 0)
    .map((tally) => resultOf(incomplete(tally, samples, interrupted), backend, precision, limit));
  const failures = tallies.flatMap((tally): Failure[] => {
    const reason = tally.failure ?? (tally.samplesMs.length === 0 ? "interrupted before its first sample" : undefined);
    return reason === undefined ? [] : [{ name: resultName({ ...tally, precision }), reason }];
  });
  return {
    schema: REPORT_SCHEMA,
    environment,
    results,
    ...(failures.length === 0 ? {} : { failures }),
    limit,
  };
}
