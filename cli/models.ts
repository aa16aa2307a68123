/**
 * `convbench models`: the names of networks. Deno only.
 *
 * @module
 */
import { closest } from "fastest-levenshtein";
import { show } from "../models/errors.ts";
import { listModels } from "../models/registry.ts";
import { command, parseCommand, UsageError } from "./flags.ts";

/** `convbench models`. */
export const MODELS = command({
  name: "models",
  about: "Lists the networks, a name a line: all of them, or those that a glob matches.",
  args: [{ name: "GLOB", optional: true, completes: "model" }],
  flags: {},
  examples: ["convbench models", "convbench models 'torchvision/*'"],
});

/**
 * Runs `convbench models ARGS`; gives the exit code.
 *
 * @throws {UsageError} Where no network matches.
 */
export function modelsCommand(args: readonly string[]): Promise<number> {
  const { args: [glob = "**"] } = parseCommand(MODELS, args);
  const names = listModels(glob);
  if (names.length === 0) {
    throw new UsageError(
      `Expected GLOB to match a network but found ${show(glob)}: is it ${closest(glob, listModels())}`,
    );
  }
  console.log(names.join("\n"));
  return Promise.resolve(0);
}
