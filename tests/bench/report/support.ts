/**
 * Reports made up for tests: noise of which all is known.
 *
 * @module
 */
import { hashSeed, normalValues } from "../../../models/random.ts";
import { median } from "../../../bench/report/median.ts";
import { type Environment, type Report, type Result, resultName } from "../../../bench/report/schema.ts";

/** A machine. */
export const ENVIRONMENT: Environment = {
  cpu: "AMD EPYC",
  cores: 2,
  memory: 8 * 2 ** 30,
  gpu: null,
  driver: null,
  os: "linux x86_64",
  deno: "2.9.6",
  v8: "15.0",
  tfjs: "4.22.0",
  libtensorflow: "2.21.0",
  threads: 1,
  flags: { oneDNN: true },
  load: { start: 0.1, end: 1.2 },
  commit: "0123abc",
  started: "2026-11-24T12:00:00Z",
};

/** How a result's samples come about; shares of the time of a step. */
export interface Noise {
  /** Milliseconds a step, without noise. */
  readonly milliseconds?: number;
  /** How many times the process was started. */
  readonly processes?: number;
  /** Samples of each. */
  readonly samples?: number;
  /** Standard deviation between processes. */
  readonly between?: number;
  /** Standard deviation within one. */
  readonly within?: number;
  /** Decides the noise. */
  readonly seed?: number;
}

/** A result with such noise, of `fields`. */
export function makeResult(noise: Noise = {}, fields: Partial<Result> = {}): Result {
  const { milliseconds = 20, processes = 3, samples = 10, between = 0.005, within = 0.01, seed = 0 } = noise;
  const offsets = normalValues(processes, between, hashSeed(seed, "processes"));
  const noises = normalValues(processes * samples, within, hashSeed(seed, "samples"));
  const process = [...noises.keys()].map((i) => Math.floor(i / samples));
  const samplesMs = [...noises].map((noise, i) => milliseconds * Math.exp(noise + (offsets[process[i] ?? 0] ?? 0)));
  const { model = "d2l/resnet18", mode = "forward", precision = "float32", batch = 16 } = fields;
  return {
    name: resultName({ model, mode, precision }),
    model,
    mode,
    backend: "tensorflow",
    precision,
    batch,
    samplesMs,
    process,
    median: median(samplesMs),
    confidenceInterval: null,
    imagesPerSecond: batch / median(samplesMs) * 1000,
    firstStepMs: 5 * milliseconds,
    peakMemory: 2 ** 28,
    params: 11_180_000,
    macs: 1_820_000_000,
    utilisation: 0.8,
    ...fields,
  };
}

/** A report of these results. */
export function makeReport(results: readonly Result[], environment: Partial<Environment> = {}): Report {
  return { schema: 1, environment: { ...ENVIRONMENT, ...environment }, results };
}
