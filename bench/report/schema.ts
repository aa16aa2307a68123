/**
 * The report of a benchmark run: what the sampler writes, and `compare`, `report`
 * and the history read. `report.schema.json` says the same to other programs.
 *
 * Statistics rest on `samplesMs` and `process` alone. `median`, `confidenceInterval`,
 * `imagesPerSecond` and `utilisation` are there for readers of the file.
 *
 * @module
 */
import { z } from "zod";
import type { Mode } from "../workloads.ts";

/** The version of the report's format; it grows where an older reader would misread a newer file. */
export const REPORT_SCHEMA = 1;

/** Names are printed in terminals and in XML, where control characters and marks that turn text around do harm. */
const NAME = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+$/u;

/** Where and with what a run was measured. `null` stands for what is not there or could not be learnt. */
export interface Environment {
  /** The processor's name. */
  readonly cpu: string;
  /** Logical processors. */
  readonly cores: number;
  /** Bytes of main memory. */
  readonly memory: number | null;
  /** Name of the GPU that was computed on. */
  readonly gpu: string | null;
  /** Version of its driver. */
  readonly driver: string | null;
  /** Operating system and architecture: `linux x86_64`. */
  readonly os: string;
  /** Version of Deno. */
  readonly deno: string | null;
  /** Version of V8. */
  readonly v8: string | null;
  /** Version of TensorFlow.js. */
  readonly tfjs: string | null;
  /** Version of libtensorflow. */
  readonly libtensorflow: string | null;
  /** Threads that the backend computes with. */
  readonly threads: number | null;
  /** What decides how the backend computes: `{ oneDNN: true, TF32: false, … }`. */
  readonly flags: Readonly<Record<string, string | number | boolean>>;
  /** The machine's load average over a minute, before and after the run. */
  readonly load: { readonly start: number | null; readonly end: number | null };
  /** The commit that was measured. */
  readonly commit: string | null;
  /** When the run began, as ISO 8601. */
  readonly started: string | null;
}

/** One network in one mode. */
export interface Result {
  /** What two reports are matched by: {@linkcode resultName}. */
  readonly name: string;
  /** The network. */
  readonly model: string;
  /** `forward`: evaluation. `train`: forward and the gradients of all weights. */
  readonly mode: Mode;
  /** The backend. */
  readonly backend: string;
  /** What it computed in: `float32`, `bfloat16`, … */
  readonly precision: string;
  /** Images in a step. */
  readonly batch: number;
  /** Milliseconds a step, in the order in which they were measured. */
  readonly samplesMs: readonly number[];
  /** Which process each sample comes from: 0, 1, … */
  readonly process: readonly number[];
  /** Of `samplesMs`. */
  readonly median: number;
  /** Of the median, 95 %; null where there are too few samples for one. */
  readonly confidenceInterval: readonly [number, number] | null;
  /** At the median. */
  readonly imagesPerSecond: number;
  /** Milliseconds of the very first step, which traces and tunes. */
  readonly firstStepMs: number | null;
  /** Milliseconds of a step that kernels ran, by the device's own timestamps; WebGPU has them. */
  readonly deviceMs?: number | null | undefined;
  /** Bytes. */
  readonly peakMemory: number | null;
  /** Trainable parameters. */
  readonly params: number | null;
  /** Multiply-accumulates of a forward pass, per image. */
  readonly macs: number | null;
  /** Share of the machine's measured FLOP/s that was reached: 1 is its limit. */
  readonly utilisation: number | null;
  /** Share of the machine's measured memory bandwidth that was reached. */
  readonly bandwidthUtilisation?: number | null | undefined;
  /** Output elements of convolutions and linear layers, per image. */
  readonly activations?: number | null | undefined;
  /** [height, width, channels] of an image. */
  readonly inputShape?: readonly [number, number, number] | undefined;
  /** What a reader has to know: that the batch was made smaller, say. */
  readonly notes?: readonly string[] | undefined;
}

/** A network that could not be measured. */
export interface Failure {
  /** As of {@linkcode Result}. */
  readonly name: string;
  /** Why, in one sentence. */
  readonly reason: string;
}

/** What the machine itself reached in the run, without a network around it. */
export interface Limit {
  /** FLOP/s of the best convolution. */
  readonly convolution: number | null;
  /** FLOP/s of the best matrix product. */
  readonly matmul: number | null;
  /** Bytes a second that a copy reads and writes. */
  readonly copy: number | null;
}

/** A benchmark run. */
export interface Report {
  /** {@linkcode REPORT_SCHEMA}. */
  readonly schema: typeof REPORT_SCHEMA;
  /** Where it was measured. */
  readonly environment: Environment;
  /** What was measured. */
  readonly results: readonly Result[];
  /** What could not be. */
  readonly failures?: readonly Failure[] | undefined;
  /** What the machine can do. */
  readonly limit?: Limit | undefined;
}

const text = z.string().min(1).max(1000);
const name = z.string().max(300).regex(NAME);
const count = z.int().positive();
const positive = z.number().positive();
const share = z.number().nonnegative();

const environment = z.object({
  cpu: text,
  cores: count,
  memory: positive.nullable(),
  gpu: text.nullable(),
  driver: text.nullable(),
  os: text,
  deno: text.nullable(),
  v8: text.nullable(),
  tfjs: text.nullable(),
  libtensorflow: text.nullable(),
  threads: count.nullable(),
  flags: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  load: z.object({ start: share.nullable(), end: share.nullable() }),
  commit: text.nullable(),
  started: text.nullable(),
});

const result = z.object({
  name,
  model: name,
  mode: z.enum(["forward", "train"]),
  backend: name,
  precision: name,
  batch: count,
  samplesMs: z.array(positive).min(1),
  process: z.array(z.int().nonnegative()).min(1),
  median: positive,
  confidenceInterval: z.tuple([positive, positive]).nullable(),
  imagesPerSecond: positive,
  firstStepMs: positive.nullable(),
  peakMemory: positive.nullable(),
  params: z.int().nonnegative().nullable(),
  macs: z.int().nonnegative().nullable(),
  utilisation: share.nullable(),
  bandwidthUtilisation: share.nullable().optional(),
  deviceMs: share.nullable().optional(),
  activations: z.int().nonnegative().nullable().optional(),
  inputShape: z.tuple([count, count, count]).optional(),
  notes: z.array(text).optional(),
});

/** The schema of {@linkcode Report}. Keys that it does not know are dropped: a later version may add some. */
export const reportSchema: z.ZodType<Report, Report> = z.object({
  schema: z.literal(REPORT_SCHEMA),
  environment,
  results: z.array(result),
  failures: z.array(z.object({ name, reason: text })).optional(),
  limit: z.object({
    convolution: positive.nullable(),
    matmul: positive.nullable(),
    copy: positive.nullable(),
  }).optional(),
});

/** What {@linkcode resultName} makes a name of. */
export type Measured = Pick<Result, "model" | "mode" | "precision">;

/**
 * The name that a result goes by. Batch and backend are not in it, so that a batch
 * that no longer fits, or another backend, is found and said and not passed over.
 */
export function resultName({ model, mode, precision }: Measured): string {
  return precision === "float32" ? `${model} ${mode}` : `${model} ${mode} ${precision}`;
}

/** {@linkcode reportSchema} as JSON Schema 2020-12, as `report.schema.json` holds it. */
export function reportJsonSchema(): Record<string, unknown> {
  return {
    title: "convbench report",
    description: "A benchmark run of convbench. Times are milliseconds a step, memory is bytes.",
    ...z.toJSONSchema(reportSchema, { io: "input" }),
  };
}
