/**
 * What a benchmark run may be narrowed to, from the command line.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { closest } from "fastest-levenshtein";
import { show } from "../models/errors.ts";
import { BACKEND_NAMES, type BackendName } from "../backends/source.ts";

/** Options of `deno bench … -- OPTIONS` and of `deno task bench OPTIONS`. */
export interface BenchOptions {
  /** A glob over `listModels()`. */
  readonly models: string;
  /** Images in a batch; each model's own where it is left out. */
  readonly batch?: number;
  /** The backend; the best that runs here where it is left out. */
  readonly backend?: BackendName;
  /** Timed iterations of each benchmark; `deno bench` decides where it is left out. */
  readonly iterations?: number;
}

const NAMES = ["models", "batch", "backend", "iterations"];

function positiveInteger(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = text === "" ? NaN : Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new RangeError(`Expected --${name} to be a positive integer but found ${text}`);
  }
  return value;
}

/**
 * Reads `--models`, `--batch`, `--backend` and `--iterations` from `args`, with or
 * without a `--` before them.
 *
 * @throws {RangeError} Where a flag is unknown (the message names the nearest) or a value is out of range.
 */
export function parseBenchOptions(args: readonly string[]): BenchOptions {
  const parsed = parseArgs(args.filter((arg) => arg !== "--"), {
    string: NAMES,
    unknown: (arg: string) => {
      const name = arg.replace(/^-+/, "").replace(/=.*/, "");
      throw new RangeError(
        `Expected one of ${NAMES.map((n) => `--${n}`).join(", ")} but found ${arg}: is it --${closest(name, NAMES)}`,
      );
    },
  });
  const batch = positiveInteger("batch", parsed.batch);
  const iterations = positiveInteger("iterations", parsed.iterations);
  const backend = BACKEND_NAMES.find((name) => name === parsed.backend);
  if (parsed.backend !== undefined && backend === undefined) {
    throw new RangeError(
      `Expected --backend to be one of ${BACKEND_NAMES.join(", ")} but found ${show(parsed.backend)}`,
    );
  }
  return {
    models: parsed.models ?? "**",
    ...(batch === undefined ? {} : { batch }),
    ...(backend === undefined ? {} : { backend }),
    ...(iterations === undefined ? {} : { iterations }),
  };
}
