/**
 * The command line: `convbench train`.
 *
 * @example
 * ```sh
 * deno run -A jsr:@convbench/convbench/cli train --epochs 3
 * ```
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { closest } from "fastest-levenshtein";
import { z } from "zod";
import { BACKEND_NAMES } from "./backends/source.ts";
import { parseConfig, show } from "./models/errors.ts";
import { listModels } from "./models/registry.ts";
import { trainRun, type TrainRunOptions } from "./training/run.ts";

export type { TrainRunOptions };

const HELP = `Usage: convbench train [OPTIONS]

Trains a network on Fashion-MNIST: the notes' run where no option is given.

  --model NAME          one of ${listModels().join(", ")} [d2l/bnlenet]
  --epochs N            [3]
  --batch N             images in a batch [128]
  --lr RATE             learning rate [0.1]
  --momentum M          [0]
  --weight-decay W      [0]
  --seed N              of weights and order [0]
  --data SOURCE         auto, full or sample [auto]
  --backend NAME        ${BACKEND_NAMES.join(" or ")} [the best that runs here]
  --out FOLDER          for checkpoint, history and curves [runs/MODEL]
  --resume              go on from the folder's checkpoint
  --help

Example: convbench train --model d2l/lenet --lr 0.9 --epochs 10`;

const STRINGS = [
  "model",
  "epochs",
  "batch",
  "lr",
  "momentum",
  "weight-decay",
  "seed",
  "data",
  "backend",
  "out",
] as const;
const BOOLEANS = ["resume", "help"] as const;

const flags = z.object({
  "--model": z.string().default("d2l/bnlenet"),
  "--epochs": z.coerce.number().int().positive().default(3),
  "--batch": z.coerce.number().int().positive().default(128),
  "--lr": z.coerce.number().positive().default(0.1),
  "--momentum": z.coerce.number().min(0).lt(1).default(0),
  "--weight-decay": z.coerce.number().nonnegative().default(0),
  "--seed": z.coerce.number().int().default(0),
  "--data": z.enum(["auto", "full", "sample"]).default("auto"),
  "--backend": z.enum(BACKEND_NAMES).optional(),
  "--out": z.string().min(1).optional(),
});

/** A mistake on the command line: exit code 2. */
class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * The options of `convbench train ARGS`.
 *
 * @throws {UsageError} Where a flag is unknown or a value is out of range.
 */
export function parseTrainOptions(args: readonly string[]): TrainRunOptions | "help" {
  const known = [...STRINGS, ...BOOLEANS];
  const parsed = parseArgs(args.filter((arg) => arg !== "--"), {
    string: STRINGS,
    boolean: BOOLEANS,
    unknown: (arg: string) => {
      const name = arg.replace(/^-+/, "").replace(/=.*/, "");
      throw new UsageError(`Expected a known flag but found ${arg}: is it --${closest(name, known)}`);
    },
  });
  if (parsed.help) return "help";
  let values: z.output<typeof flags>;
  try {
    values = parseConfig(flags, Object.fromEntries(STRINGS.map((name) => [`--${name}`, parsed[name]])), "train");
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
  const model = listModels().find((name) => name === values["--model"]);
  if (model === undefined) {
    throw new UsageError(
      `Expected --model to be a network but found ${show(values["--model"])}: is it ${
        closest(values["--model"], listModels())
      }`,
    );
  }
  return {
    model,
    epochs: values["--epochs"],
    batchSize: values["--batch"],
    learningRate: values["--lr"],
    momentum: values["--momentum"],
    weightDecay: values["--weight-decay"],
    seed: values["--seed"],
    source: values["--data"],
    ...(values["--backend"] === undefined ? {} : { backend: values["--backend"] }),
    out: values["--out"] ?? `runs/${model.replace("/", "-")}`,
    resume: parsed.resume,
  };
}

/** Runs the command line; gives the exit code: 0 fine, 1 failed, 2 a usage error. */
export async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  if (command === "--help" || command === "help") {
    console.log(HELP);
    return 0;
  }
  try {
    if (command !== "train") throw new UsageError(`Expected the command train but found ${show(command)}`);
    const options = parseTrainOptions(rest);
    if (options === "help") console.log(HELP);
    else await trainRun(options);
    return 0;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    console.error(error instanceof UsageError ? `${error.message}\nSee convbench train --help` : error.message);
    return error instanceof UsageError ? 2 : 1;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
