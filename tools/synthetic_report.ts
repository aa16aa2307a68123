/**
 * A report that nobody measured, of networks that there are: for checks of what is
 * written about it, and of how large and how quick that is.
 *
 * @module
 */
import { costOf, stepBytes, stepFlops } from "../bench/cost.ts";
import { median } from "../bench/report/median.ts";
import { type Report, REPORT_SCHEMA, type Result, resultName } from "../bench/report/schema.ts";
import { type Mode, MODES } from "../bench/workloads.ts";
import { describeModel } from "../mod.ts";
import type { ModelName } from "../models/catalog.ts";
import { hashSeed, normalValues, uniformValues } from "../models/random.ts";

/** A machine with a roof: two cores of a server. */
const LIMIT = { convolution: 61e9, matmul: 57e9, copy: 21e9 } as const;
const PROCESSES = 3;
const SAMPLES = 10;
const BATCH = 16;

function resultOf(model: ModelName, mode: Mode): Result {
  const name = resultName({ model, mode, precision: "float32" });
  const cost = costOf(model, mode);
  const [flops, bytes] = [stepFlops(cost, mode, BATCH), stepBytes(cost, mode, BATCH)];
  const [share = 1] = uniformValues(1, 0.2, 0.95, hashSeed(0, name));
  const milliseconds = 1000 * Math.max(flops / LIMIT.convolution, bytes / LIMIT.copy) / share;
  const offsets = normalValues(PROCESSES, 0.005, hashSeed(1, name));
  const noise = normalValues(PROCESSES * SAMPLES, 0.01, hashSeed(2, name));
  const process = [...noise.keys()].map((i) => Math.floor(i / SAMPLES));
  const samplesMs = [...noise].map((value, i) => milliseconds * Math.exp(value + (offsets[process[i] ?? 0] ?? 0)));
  const [, height, width, channels] = describeModel(model).inputShape;
  const middle = median(samplesMs);
  return {
    name,
    model,
    mode,
    backend: "tensorflow",
    precision: "float32",
    batch: BATCH,
    samplesMs,
    process,
    median: middle,
    confidenceInterval: null,
    imagesPerSecond: 1000 * BATCH / middle,
    firstStepMs: 4 * middle,
    peakMemory: 2 * bytes,
    ...cost,
    utilisation: flops * 1000 / middle / LIMIT.convolution,
    bandwidthUtilisation: bytes * 1000 / middle / LIMIT.copy,
    inputShape: [height ?? 1, width ?? 1, channels ?? 1],
  };
}

/** A report of these networks in both modes; each time the same. */
export function syntheticReport(models: readonly ModelName[]): Report {
  return {
    schema: REPORT_SCHEMA,
    environment: {
      cpu: "Made up",
      cores: 2,
      memory: 8 * 2 ** 30,
      gpu: null,
      driver: null,
      os: "linux x86_64",
      deno: "2.9.6",
      v8: "15.0",
      tfjs: "4.22.0",
      libtensorflow: "2.21.0",
      threads: 2,
      flags: { oneDNN: true },
      load: { start: 0, end: 2 },
      commit: null,
      started: null,
    },
    results: models.flatMap((model) => MODES.map((mode) => resultOf(model, mode))),
    limit: LIMIT,
  };
}
