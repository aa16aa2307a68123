/**
 * What `deno task test:full` takes.
 *
 * @module
 */
import { parseFlags, UsageError } from "../../cli/flags.ts";
import type { ModelName } from "../../models/catalog.ts";
import { describeModel, listModels } from "../../models/registry.ts";
import { show } from "../../models/errors.ts";

/** Which networks are tested. */
export interface FullTestOptions {
  /** Those of the catalog that match `--models`, from few multiply-accumulates to many. */
  readonly models: readonly ModelName[];
  /** Whether there was a `--models`: golden files are tested only without it. */
  readonly isNarrowed: boolean;
}

/**
 * Reads `--models GLOB`.
 *
 * @throws {UsageError} Where a flag is unknown or no network matches.
 */
export function parseFullTestOptions(args: readonly string[]): FullTestOptions {
  const { models: glob } = parseFlags(args, { strings: ["models"], booleans: [] });
  const models = listModels(glob);
  if (models.length === 0) throw new UsageError(`Expected --models to match a network but found ${show(glob)}`);
  const costs = new Map(models.map((name) => [name, describeModel(name).macs]));
  const cost = (name: ModelName) => costs.get(name) ?? 0;
  return { models: models.sort((a, b) => cost(a) - cost(b)), isNarrowed: glob !== undefined };
}
