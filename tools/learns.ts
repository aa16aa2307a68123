/**
 * `deno task learns`: does each family of networks learn? A small member of each takes
 * 60 steps on the sample of Fashion-MNIST that ships with the package, and has to
 * halve its loss.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { parseFlags, UsageError } from "../cli/flags.ts";
import { useBackend } from "../backends/select.ts";
import { BACKEND_NAMES, type BackendName } from "../backends/source.ts";
import { fashionMnist } from "../data/fashion_mnist.ts";
import { show } from "../models/errors.ts";
import { evaluate } from "../training/evaluate.ts";
import { fit } from "../training/fit.ts";
import { runCommand } from "./command.ts";
import { type Learner, LEARNERS } from "./learns/learners.ts";

/** How long a run is; the steps at its end whose mean loss it comes to; and where order and, as a rule, weights start from. */
const [STEPS, LAST, SEED] = [60, 10, 1];

/** What guessing costs with ten classes: a first loss above it would be easy to halve. */
const CHANCE = Math.log(10);

const HELP = `Usage: deno task learns [OPTIONS]

  --backend NAME    ${BACKEND_NAMES.join(", ")} [the best that runs here]
  --family TEXT     only families whose name contains it
  --help`;

/** What a run came to. */
export interface Learned {
  readonly learner: Learner;
  readonly params: number;
  readonly steps: number;
  /** Of the first step, before any weight moved. */
  readonly firstLoss: number;
  /** Mean of the last ten steps, in training. */
  readonly lastLoss: number;
  /** Of the 200 test images. */
  readonly accuracy: number;
  readonly seconds: number;
}

/** Whether the loss is at most half of the first one, or of what guessing costs where that is less. */
export function halves({ learner: { lossWeights = [1] }, firstLoss, lastLoss }: Learned): boolean {
  const chance = CHANCE * lossWeights.reduce((sum, weight) => sum + weight, 0);
  return lastLoss <= Math.min(firstLoss, chance) / 2;
}

/** Trains a new model of `learner` for 60 steps, on the current backend. Owns and frees all it makes. */
export async function learn(learner: Learner): Promise<Learned> {
  const { train, test } = await fashionMnist({ source: "sample" });
  const { batchSize, optimizer: { make }, schedule, lossWeights, seed = SEED } = learner;
  const [model, optimizer] = [learner.model(seed), make()];
  const losses: number[] = [];
  const started = performance.now();
  try {
    await fit(model, train, {
      optimizer,
      epochs: STEPS * batchSize / train.count,
      batchSize,
      seed: SEED,
      ...(schedule ? { schedule } : {}),
      ...(lossWeights ? { lossWeights } : {}),
      onStep: ({ loss }) => losses.push(loss),
    });
    const seconds = (performance.now() - started) / 1000;
    const { accuracy } = await evaluate(model, test);
    const last = losses.slice(-LAST);
    return {
      learner,
      params: countParams(model),
      steps: losses.length,
      firstLoss: losses[0] ?? NaN,
      lastLoss: last.reduce((sum, loss) => sum + loss, 0) / last.length,
      accuracy,
      seconds,
    };
  } finally {
    optimizer.dispose();
    model.dispose();
  }
}

const countParams = (model: LayersModel): number =>
  model.trainableWeights.reduce((sum, { shape }) => sum + shape.reduce<number>((a, b) => a * (b ?? 1), 1), 0);

const HEAD = [
  "| family | network | input | params | trained with | first loss | last loss | accuracy | seconds |",
  "| --- | --- | ---: | ---: | --- | ---: | ---: | ---: | ---: |",
];

/** One row of the table in docs/training.md. */
export function row({ learner, params, firstLoss, lastLoss, accuracy, seconds }: Learned): string {
  const { family, network, inputSize, batchSize, optimizer, seed } = learner;
  const size = `${inputSize}×${inputSize}`;
  const how = `${optimizer.text}, batch ${batchSize}${seed === undefined ? "" : `, seed ${seed}`}`;
  const numbers = [firstLoss, lastLoss, accuracy].map((value) => value.toFixed(2));
  const cells = [family, network, size, params.toLocaleString("en"), how, ...numbers, seconds.toFixed(1)];
  return `| ${cells.join(" | ")} |`;
}

/**
 * The learners and the backend that the command line asks for; nothing where it asks for help.
 *
 * @throws {UsageError} Where a flag is unknown, or a value is none that there is.
 */
export function parseLearnsOptions(
  args: readonly string[],
): { learners: readonly Learner[]; backend: BackendName | undefined } | undefined {
  const { help, backend: name, family = "" } = parseFlags(args, { strings: ["backend", "family"], booleans: ["help"] });
  if (help) return undefined;
  const backend = BACKEND_NAMES.find((known) => known === name);
  if (name !== undefined && backend === undefined) {
    throw new UsageError(`Expected --backend to be one of ${BACKEND_NAMES.join(", ")} but found ${show(name)}`);
  }
  const learners = LEARNERS.filter((learner) => learner.family.toLowerCase().includes(family.toLowerCase()));
  if (learners.length === 0) {
    const known = LEARNERS.map((learner) => learner.family).join(", ");
    throw new UsageError(`Expected --family to be part of one of ${known} but found ${show(family)}`);
  }
  return { learners, backend };
}

async function main(args: readonly string[]): Promise<number> {
  const options = parseLearnsOptions(args);
  if (options === undefined) {
    console.log(HELP);
    return 0;
  }
  const { name } = await useBackend(options.backend);
  console.error(`on ${name}`);
  console.log(HEAD.join("\n"));
  const failed: string[] = [];
  for (const learner of options.learners) {
    const before = tf.memory().numTensors;
    const learned = await learn(learner);
    console.log(row(learned));
    if (!halves(learned)) failed.push(`${learner.family} does not halve its loss`);
    const left = tf.memory().numTensors - before;
    if (left !== 0) failed.push(`${learner.family} leaves ${left} tensors`);
  }
  for (const message of failed) console.error(message);
  return failed.length === 0 ? 0 : 1;
}

if (import.meta.main) await runCommand(main, HELP);
