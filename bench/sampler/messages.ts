/**
 * What the sampler and its processes tell each other: a job as an argument, and
 * messages as lines of JSON.
 *
 * @module
 */
import { z } from "zod";
import type { Precision as AnyPrecision } from "../../backends/compiler.ts";
import { BACKEND_NAMES, type BackendName } from "../../backends/source.ts";
import type { ModelName } from "../../models/catalog.ts";
import { listModels } from "../../models/registry.ts";
import { type Mode, MODES } from "../workloads.ts";

/** What results are computed in; others than float32 for compiled steps alone. */
export type Precision = Exclude<AnyPrecision, "auto">;
/** All of them. */
export const PRECISIONS: readonly Precision[] = ["float32", "tf32", "bfloat16", "float16"];

/** Where and how a process computes. */
export interface Place {
  /** The backend; the best that runs here where it is left out. */
  readonly backend?: BackendName | undefined;
  /** What it has to compute on. */
  readonly device?: "cpu" | "gpu" | undefined;
  /** Whether steps are compiled. @default {false} */
  readonly compiled?: boolean | undefined;
  /** What products of compiled steps are computed in. @default {"float32"} */
  readonly precision?: Precision | undefined;
}

/** One model in one mode, as far as one process measures it. */
export interface ModelJob extends Place {
  /** The kind of job. */
  readonly kind: "model";
  /** The network. */
  readonly model: ModelName;
  /** What of it is measured. */
  readonly mode: Mode;
  /** Images in a step. */
  readonly batch: number;
  /** How many samples to take. */
  readonly samples: number;
}

/** What the machine itself can do. */
export interface PeakJob extends Place {
  /** The kind of job. */
  readonly kind: "peak";
}

/** What a process is asked for. */
export type Job = ModelJob | PeakJob;

/** The backend that a process computes on. */
export interface BackendRecord {
  /** Its name. */
  readonly name: BackendName;
  /** What it computes on. */
  readonly device: "cpu" | "gpu";
  /** Version of the package or library. */
  readonly version: string;
  /** SIMD, threads, GPU, driver, … */
  readonly features: Readonly<Record<string, string | number | boolean>>;
  /** Version of TensorFlow.js. */
  readonly tfjs: string;
}

/** What a process of the sampler tells. */
export type Message =
  /** The backend runs. */
  | { readonly type: "backend"; readonly backend: BackendRecord }
  /** A step of the warm-up has ended: the process lives. */
  | { readonly type: "alive" }
  /** The very first step. */
  | { readonly type: "first"; readonly ms: number }
  /** The warm-up is over. */
  | { readonly type: "warm"; readonly steps: number; readonly ms: number; readonly stable: boolean }
  /** Samples, in the order in which they were taken. */
  | { readonly type: "samples"; readonly ms: readonly number[] }
  /** What a step's kernels take by the device's own timestamps. */
  | { readonly type: "device"; readonly ms: number }
  /** What the machine reached: operations, or bytes, a second. */
  | { readonly type: "peak"; readonly of: "matmul" | "convolution" | "copy"; readonly perSecond: number }
  /** All is measured. */
  | { readonly type: "end"; readonly peakMemory: number; readonly finite: boolean }
  /** It cannot be measured. */
  | { readonly type: "failed"; readonly reason: string };

const place = {
  backend: z.enum(BACKEND_NAMES).optional(),
  device: z.enum(["cpu", "gpu"]).optional(),
  compiled: z.boolean().optional(),
  precision: z.enum(PRECISIONS).optional(),
};
const count = z.int().positive();
const ms = z.number().nonnegative();

const job = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("model"),
    model: z.enum(listModels()),
    mode: z.enum(MODES),
    batch: count,
    samples: count,
    ...place,
  }),
  z.strictObject({ kind: z.literal("peak"), ...place }),
]);

const message = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("backend"),
    backend: z.object({
      name: z.enum(BACKEND_NAMES),
      device: z.enum(["cpu", "gpu"]),
      version: z.string(),
      features: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
      tfjs: z.string(),
    }),
  }),
  z.object({ type: z.literal("alive") }),
  z.object({ type: z.literal("first"), ms }),
  z.object({ type: z.literal("warm"), steps: z.int(), ms, stable: z.boolean() }),
  z.object({ type: z.literal("samples"), ms: z.array(ms) }),
  z.object({ type: z.literal("device"), ms }),
  z.object({
    type: z.literal("peak"),
    of: z.enum(["matmul", "convolution", "copy"]),
    perSecond: z.number().positive(),
  }),
  z.object({ type: z.literal("end"), peakMemory: z.number(), finite: z.boolean() }),
  z.object({ type: z.literal("failed"), reason: z.string() }),
]);

/**
 * Reads a job.
 *
 * @throws {z.ZodError} Where it is none.
 */
export function parseJob(text: string): Job {
  return job.parse(JSON.parse(text));
}

/** Messages begin behind it: libraries write to stdout too. */
const MARK = "\u0002convbench ";

/** A message as a line, without its end. */
export function encodeMessage(message: Message): string {
  return MARK + JSON.stringify(message);
}

/**
 * The message in a line, behind what a library may have left there; undefined where there is none.
 *
 * @throws {Error} Where it cannot be read.
 */
export function decodeMessage(line: string): Message | undefined {
  const start = line.indexOf(MARK);
  return start < 0 ? undefined : message.parse(JSON.parse(line.slice(start + MARK.length)));
}
