/**
 * The command line of `deno task bench:peers`.
 *
 * @module
 */
import { dirname } from "node:path";
import { parseFlags, UsageError } from "../../cli/flags.ts";
import { show } from "../../models/errors.ts";
import { listModels } from "../../models/registry.ts";
import { type Column, COLUMNS, type Network, NETWORKS } from "./plan.ts";

/** What is asked for. */
export interface PeersOptions {
  /** In the order of {@linkcode NETWORKS}. */
  readonly networks: readonly Network[];
  /** In the order of {@linkcode COLUMNS}. */
  readonly columns: readonly Column[];
  /** Whether columns were named: bfloat16 is then measured on a processor that lacks it, too. */
  readonly named: boolean;
  /** Which batches, and how many samples. */
  readonly size: "full" | "quick";
  /** Where the report goes. */
  readonly json: string | undefined;
  /** A Python that has PyTorch. */
  readonly python: string | undefined;
}

/** What `--help` prints. */
export const HELP = `Usage: deno task bench:peers [OPTIONS]

Measures ${NETWORKS.length} networks here, in PyTorch and in stock tfjs, on the CPU, and prints ratios against PyTorch's
fastest variant. Installs libtensorflow and PyTorch where they are missing.

  --quick           small batches and few samples
  --models GLOB     only these of the networks, 'd2l/*'
  --columns LIST    only these, with commas between them: ${COLUMNS.join(", ")}
  --json FILE       write all samples and figures to it
  --python PATH     a Python that has torch and torchvision [an environment in the cache folder, made where missing]
  --help`;

function networksOf(glob: string | undefined): readonly Network[] {
  if (glob === undefined) return NETWORKS;
  const names = listModels(glob);
  const networks = NETWORKS.filter(({ model }) => names.includes(model));
  if (networks.length > 0) return networks;
  const known = NETWORKS.map(({ model }) => model).join(", ");
  throw new UsageError(`Expected --models to match one of ${known} but found ${show(glob)}`);
}

function columnsOf(list: string | undefined): readonly Column[] {
  if (list === undefined) return COLUMNS;
  const names = list.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !COLUMNS.some((column) => column === name));
  if (unknown !== undefined) {
    throw new UsageError(`Expected --columns to be some of ${COLUMNS.join(", ")} but found ${show(unknown)}`);
  }
  return COLUMNS.filter((column) => names.includes(column));
}

/** It would be a pity to notice after half an hour. */
function writable(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    if (Deno.statSync(dirname(file)).isDirectory) return file;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  throw new UsageError(`Expected --json to lie in a folder that exists but found ${show(file)}`);
}

/**
 * Reads it; nothing where it asks for help.
 *
 * @throws {UsageError} Where a flag is unknown, or a value is none that there is.
 */
export function parsePeersOptions(args: readonly string[]): PeersOptions | undefined {
  const { quick, help, models, columns, json, python } = parseFlags(args, {
    strings: ["models", "columns", "json", "python"],
    booleans: ["quick", "help"],
  });
  if (help) return undefined;
  return {
    networks: networksOf(models),
    columns: columnsOf(columns),
    named: columns !== undefined,
    size: quick ? "quick" : "full",
    json: writable(json),
    python,
  };
}
