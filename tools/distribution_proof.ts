/**
 * Does TensorFlow's own runtime train over several processes through the C API? Two
 * workers take steps of LeNet on half a batch each and all-reduce their gradients; one
 * process takes them on the whole batch. Losses and weights have to be equal.
 * docs/decisions/distribution.md has what follows from it.
 *
 *     deno run -A tools/jsr.ts run -A tools/distribution_proof.ts -- [--eager] [--lost]
 *
 * TensorFlow's servers know no password and listen on all of the machine's addresses,
 * whatever the cluster says, for the seconds that this runs.
 *
 * @module
 */
import { parseFlags } from "../cli/flags.ts";
import { runCommand } from "./command.ts";
import { freePorts, runTasks } from "./distribution_proof/run.ts";
import type { Outcome, Task } from "./distribution_proof/worker.ts";

const HELP = `Usage: deno run -A tools/jsr.ts run -A tools/distribution_proof.ts -- [OPTIONS]

  --eager    run steps op by op in place of compiled
  --lost     see what happens when a worker is lost, too
  --help`;

/** By how much numbers may differ, relative to the largest: sums are rounded in another order. */
export const TOLERANCE = 1e-6;
const WORKERS = 2;

/** What the proof runs. */
export interface ProofOptions {
  /** Whether a step is one function of TensorFlow's, the all-reduce in the midst of it. */
  readonly compile: boolean;
  /** @default {3} */
  readonly steps?: number;
  /** Images in the batch of both workers together. @default {16} */
  readonly batchSize?: number;
}

/** What it came to. */
export interface Proof {
  /** Of each step: the mean of the workers', and of the process alone. */
  readonly losses: readonly { readonly workers: number; readonly alone: number }[];
  /** The largest relative difference of these. */
  readonly lossDifference: number;
  /** The largest difference of a weight afterwards, relative to the largest weight of its tensor. */
  readonly weightDifference: number;
  /** The first loss of each worker: they differ, for the images do. */
  readonly firstLosses: readonly number[];
  /** Tensors that each process has left. */
  readonly leaked: readonly number[];
  /** Whether the workers' weights are equal to the last bit. */
  readonly alike: boolean;
  /** Milliseconds of the last step: of the slower worker, and of the process alone. */
  readonly lastStep: { readonly workers: number; readonly alone: number };
}

const common = { steps: 3, batchSize: 16, compile: true, timeoutSeconds: 60 } as const;

const clusterOf = (options: Omit<Task, "addresses" | "task">): Task[] => {
  const addresses = freePorts(WORKERS).map((port) => `127.0.0.1:${port}`);
  return addresses.map((_, task) => ({ ...options, addresses, task }));
};

function weightDifference(some: Outcome["weights"], others: Outcome["weights"]): number {
  const differences = some.map((values, i) => {
    const other = others[i] ?? [];
    const largest = other.reduce((most, value) => Math.max(most, Math.abs(value)), Number.MIN_VALUE);
    // Written so that a NaN stays one.
    return values.reduce((most, value, j) => Math.max(most, Math.abs(value - (other[j] ?? NaN))), 0) / largest;
  });
  return Math.max(...differences);
}

/**
 * Trains with two workers and alone, in three processes at once.
 *
 * @throws {Error} Where one of them fails.
 */
export async function prove(options: ProofOptions): Promise<Proof> {
  const settings = { ...common, ...options };
  const outcomes = await runTasks([...clusterOf(settings), { ...settings, addresses: [], task: 0 }]);
  for (const outcome of outcomes) {
    if (outcome?.failure !== undefined) throw new Error(outcome.failure.message);
    if (outcome === undefined) throw new Error("Expected each process to end but found one that had to be killed");
  }
  const [first, second, alone] = outcomes as [Outcome, Outcome, Outcome];
  const losses = alone.losses.map((loss, step) => ({
    workers: ((first.losses[step] ?? NaN) + (second.losses[step] ?? NaN)) / WORKERS,
    alone: loss,
  }));
  return {
    losses,
    lossDifference: Math.max(...losses.map(({ workers, alone }) => Math.abs(workers - alone) / alone)),
    weightDifference: Math.max(...[first, second].map(({ weights }) => weightDifference(weights, alone.weights))),
    firstLosses: [first.losses[0] ?? NaN, second.losses[0] ?? NaN],
    leaked: [first, second, alone].map(({ leaked }) => leaked),
    alike: JSON.stringify(first.weights) === JSON.stringify(second.weights),
    lastStep: {
      workers: Math.max(first.milliseconds.at(-1) ?? NaN, second.milliseconds.at(-1) ?? NaN),
      alone: alone.milliseconds.at(-1) ?? NaN,
    },
  };
}

/** Whether two workers and one process came to the same. */
export function holds({ lossDifference, weightDifference, alike }: Proof): boolean {
  return lossDifference <= TOLERANCE && weightDifference <= TOLERANCE && alike;
}

/** How a worker is lost, and what watches over it. */
export interface Loss extends Pick<Task, "timeoutSeconds" | "heartbeatSeconds"> {
  /** SIGKILL for one that dies, SIGSTOP for one that hangs. */
  readonly signal: "SIGKILL" | "SIGSTOP";
  /** After how long the other is killed where it still waits. @default {120_000} */
  readonly limitMs?: number;
  /** @default {true} */
  readonly compile?: boolean;
}

/** Loses the second worker before its second step; gives what the first one came to, nothing where it waits for ever. */
export async function lose({ signal, limitMs = 120_000, ...options }: Loss): Promise<Outcome | undefined> {
  const tasks = clusterOf({ ...common, ...options }).map((task, index) =>
    index === 0 ? task : { ...task, fault: { before: 1, signal } }
  );
  const [survivor] = await runTasks(tasks, { until: 0, limitMs });
  return survivor;
}

/** What is lost in the trials, each with its name. */
const TRIALS: Readonly<Record<string, Loss>> = {
  "killed, no timeout": { signal: "SIGKILL", timeoutSeconds: 0 },
  "hangs, timeout_seconds 3": { signal: "SIGSTOP", timeoutSeconds: 3 },
  "hangs, heartbeat of 4 s": { signal: "SIGSTOP", timeoutSeconds: 0, heartbeatSeconds: 4 },
  "hangs, no timeout": { signal: "SIGSTOP", timeoutSeconds: 0, limitMs: 30_000 },
};

/** The first line of TensorFlow's own words, without the call before them. */
const reason = (message: string): string => /Collective (?:ops|has).*/.exec(message)?.[0] ?? message;

function fate(survivor: Outcome | undefined): string {
  if (survivor === undefined) return "waits until it is killed";
  const { failure, milliseconds } = survivor;
  if (failure === undefined) return "takes all of its steps";
  const weights = failure.weightsKept ? "with its weights as they were" : "WITH OTHER WEIGHTS";
  return `fails after ${((milliseconds.at(-1) ?? NaN) / 1000).toFixed(1)} s, ${weights}: ${reason(failure.message)}`;
}

async function main(args: readonly string[]): Promise<number> {
  const { help, eager, lost } = parseFlags(args, { strings: [], booleans: ["eager", "lost", "help"] });
  if (help) {
    console.log(HELP);
    return 0;
  }
  const compile = !eager;
  const proof = await prove({ compile });
  for (const [step, { workers, alone }] of proof.losses.entries()) {
    console.log(`step ${step + 1}: loss ${workers.toFixed(7)} of two workers, ${alone.toFixed(7)} of one process`);
  }
  console.log(
    `largest relative difference: ${proof.lossDifference.toExponential(1)} of losses, ` +
      `${proof.weightDifference.toExponential(1)} of weights; the workers' weights are ` +
      `${proof.alike ? "" : "not "}equal to the last bit`,
  );
  console.log(`last step: ${proof.lastStep.workers.toFixed(1)} ms, alone ${proof.lastStep.alone.toFixed(1)} ms`);
  if (lost) {
    for (const [name, trial] of Object.entries(TRIALS)) {
      console.log(`a worker ${name}: the other ${fate(await lose({ ...trial, compile }))}`);
    }
  }
  console.log(holds(proof) ? "equal" : "not equal");
  return holds(proof) ? 0 : 1;
}

if (import.meta.main) await runCommand(main, HELP);
