/**
 * `convbench train`: a network on Fashion-MNIST. Deno only.
 *
 * @module
 */
import { closest } from "fastest-levenshtein";
import { z } from "zod";
import { BACKEND_NAMES } from "../backends/source.ts";
import { show } from "../models/errors.ts";
import { listModels } from "../models/registry.ts";
import { trainRun, type TrainRunOptions } from "../training/run.ts";
import { command, parseCommand, UsageError } from "./flags.ts";

const counted = z.coerce.number().int().positive();

/** `convbench train`. */
export const TRAIN = command({
  name: "train",
  about: "Trains a network on Fashion-MNIST: the notes' run where no option is given.",
  args: [],
  flags: {
    model: {
      value: "NAME",
      help: "a network that convbench models lists",
      schema: z.string().default("d2l/bnlenet"),
      completes: "model",
    },
    epochs: { value: "N", help: "passes over the set", schema: counted.default(3) },
    batch: { value: "N", help: "images in a batch", schema: counted.default(128) },
    lr: { value: "RATE", help: "learning rate", schema: z.coerce.number().positive().default(0.1) },
    momentum: { value: "M", help: "of SGD", schema: z.coerce.number().min(0).lt(1).default(0) },
    "weight-decay": { value: "W", help: "of SGD", schema: z.coerce.number().nonnegative().default(0) },
    seed: { value: "N", help: "of weights and order", schema: z.coerce.number().int().default(0) },
    data: {
      value: "SOURCE",
      help: "which set is loaded",
      schema: z.enum(["auto", "full", "sample"]).default("auto"),
    },
    backend: {
      value: "NAME",
      help: "what computes",
      schema: z.enum(BACKEND_NAMES).optional(),
      otherwise: "the best that runs here",
    },
    out: {
      value: "FOLDER",
      help: "for checkpoint, history and curves",
      schema: z.string().optional(),
      otherwise: "runs/MODEL",
      completes: "folder",
    },
    resume: { help: "go on from the folder's checkpoint" },
  },
  examples: ["convbench train --model d2l/lenet --lr 0.9 --epochs 10", "convbench train --resume --epochs 6"],
});

/**
 * The options of `convbench train ARGS`.
 *
 * @throws {UsageError} Where a flag is unknown or a value is out of range.
 */
export function parseTrainOptions(args: readonly string[]): TrainRunOptions {
  const { flags } = parseCommand(TRAIN, args);
  const { model: name, lr, "weight-decay": weightDecay, batch, data, backend, out, ...rest } = flags;
  const model = listModels().find((known) => known === name);
  if (model === undefined) {
    throw new UsageError(
      `Expected --model to be a network but found ${show(name)}: is it ${closest(name, listModels())}`,
    );
  }
  return {
    ...rest,
    model,
    batchSize: batch,
    learningRate: lr,
    weightDecay,
    source: data,
    ...(backend === undefined ? {} : { backend }),
    out: out ?? `runs/${model.replace("/", "-")}`,
  };
}

/** Runs `convbench train ARGS`; gives the exit code. */
export async function trainCommand(args: readonly string[]): Promise<number> {
  await trainRun(parseTrainOptions(args));
  return 0;
}
