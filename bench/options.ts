/**
 * What a benchmark run may be narrowed to, from the command line.
 *
 * @module
 */
import { parseFlags, UsageError } from "../cli/flags.ts";
import { show } from "../models/errors.ts";
import { type BackendInfo, useBackend } from "../backends/select.ts";
import { BACKEND_NAMES, type BackendName } from "../backends/source.ts";

/** Options of `deno bench … -- OPTIONS` and of `deno task bench OPTIONS`. */
export interface BenchOptions {
  /** A glob over `listModels()`; a small network of each family where it is left out. */
  readonly models?: string;
  /** Images in a batch; each model's own where it is left out. */
  readonly batch?: number;
  /** The backend; the best that runs here where it is left out. */
  readonly backend?: BackendName;
  /** What it has to compute on; the best that runs here where it is left out. */
  readonly device?: "cpu" | "gpu";
  /** Whether each step is compiled into one function: an error where the backend cannot. */
  readonly compiled?: boolean;
  /** Timed iterations of each benchmark; `deno bench` decides where it is left out. */
  readonly iterations?: number;
}

const NAMES = ["models", "batch", "backend", "device", "iterations"] as const;
const DEVICES = ["cpu", "gpu"] as const;

function positiveInteger(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = text === "" ? NaN : Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new UsageError(`Expected --${name} to be a positive integer but found ${text}`);
  }
  return value;
}

function oneOf<T extends string>(name: string, values: readonly T[], text: string | undefined): T | undefined {
  const value = values.find((value) => value === text);
  if (text !== undefined && value === undefined) {
    throw new UsageError(`Expected --${name} to be one of ${values.join(", ")} but found ${show(text)}`);
  }
  return value;
}

/**
 * Reads `--models`, `--batch`, `--backend`, `--device`, `--compiled` and `--iterations`
 * from `args`, with or without a `--` before them.
 *
 * @throws {UsageError} Where a flag is unknown (the message names the nearest) or a value is out of range.
 */
export function parseBenchOptions(args: readonly string[]): BenchOptions {
  const parsed = parseFlags(args, { strings: NAMES, booleans: ["compiled"] });
  const batch = positiveInteger("batch", parsed.batch);
  const iterations = positiveInteger("iterations", parsed.iterations);
  const backend = oneOf("backend", BACKEND_NAMES, parsed.backend);
  const device = oneOf("device", DEVICES, parsed.device);
  return {
    ...(parsed.models === undefined ? {} : { models: parsed.models }),
    ...(batch === undefined ? {} : { batch }),
    ...(backend === undefined ? {} : { backend }),
    ...(device === undefined ? {} : { device }),
    ...(parsed.compiled ? { compiled: true } : {}),
    ...(iterations === undefined ? {} : { iterations }),
  };
}

/** Makes the backend that was asked for the current one, and gives its name and device. */
export async function useBenchBackend({ backend, device }: BenchOptions): Promise<BackendInfo> {
  return await useBackend(backend, device === undefined ? {} : { device });
}
