/**
 * What `deno task test:full` takes.
 *
 * @module
 */
import { parseFlags, UsageError } from "../../cli/flags.ts";
import type { ModelName } from "../../models/catalog.ts";
import { listModels } from "../../models/registry.ts";
import { show } from "../../models/errors.ts";

/** Which networks are tested. */
export interface FullTestOptions {
  /** Those of the catalog that match `--models`. */
  readonly models: readonly ModelName[];
  /** Whether they are all, and the golden files with them. */
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
  return { models, isNarrowed: glob !== undefined };
}
