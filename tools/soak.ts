/**
 * `deno task soak`: does a long training run hold on to memory? Trains BNLeNet on
 * one backend and compares tensors, the backend's own count, wasm's heap and resident
 * memory early and late.
 *
 *     deno task soak --backend tensorflow --steps 10000
 *     deno task soak --backend tensorflow --compiled
 *
 * @module
 */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../backends/select.ts";
import { tensorflowMemory } from "../backends/tensorflow/mod.ts";
import { parseFlags, UsageError } from "../cli/flags.ts";
import { syntheticBatch } from "../data/synthetic.ts";
import { createModel } from "../models/registry.ts";
import { SGD } from "../training/sgd.ts";
import { trainStep } from "../training/train_step.ts";
import { runCommand } from "./command.ts";

/** How long a backend is watched, and what it may hold on to. */
interface Limits {
  readonly steps: number;
  /** After so many steps all caches are filled. */
  readonly warmUp: number;
  /** By how many bytes resident memory may grow until then. */
  readonly warmUpGrowth: number;
  /** By which share it may grow afterwards: V8 gives pages back when it likes. */
  readonly growth: number;
}

const LIMITS: Readonly<Record<"wasm" | "tensorflow", Limits>> = {
  wasm: { steps: 2000, warmUp: 800, warmUpGrowth: Infinity, growth: 0.1 },
  tensorflow: { steps: 10_000, warmUp: 1000, warmUpGrowth: 100e6, growth: 0.05 },
};

interface Memory {
  readonly tensors: number;
  /** On the backend's own count. */
  readonly buffers: number;
  /** Of wasm. */
  readonly heap: number;
  readonly rss: number;
}

/** V8 keeps emptied pages at hand for as long as its flag --memory-pool-timeout says: a second, in this task. */
const PAGES_KEPT_MS = 2000;
const ROUNDS = 8;

/** The least resident memory of `rounds` of collecting garbage (--expose-gc lets us) and waiting for V8 to give it back. */
async function settledRss(rounds: number): Promise<number> {
  const { gc } = globalThis as { gc?: () => void };
  let least = Infinity;
  for (let round = 0; round < rounds; round++) {
    gc?.();
    await new Promise((resolve) => setTimeout(resolve, PAGES_KEPT_MS));
    least = Math.min(least, Deno.memoryUsage().rss);
  }
  return least;
}

async function memory(backend: keyof typeof LIMITS, rounds: number): Promise<Memory> {
  const rss = await settledRss(rounds);
  const { HEAPU8 = [] } = (tf.backend() as BackendWasm).wasm as unknown as { HEAPU8?: Uint8Array } ?? {};
  return {
    tensors: tf.memory().numTensors,
    buffers: backend === "wasm" ? tf.backend().numDataIds() : tensorflowMemory().handles,
    heap: HEAPU8.length,
    rss,
  };
}

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

function line(step: number, { tensors, buffers, heap, rss }: Memory): string {
  const wasm = heap > 0 ? `heap ${mebibytes(heap)}, ` : "";
  return `step ${step}: ${tensors} tensors, ${buffers} buffers, ${wasm}resident ${mebibytes(rss)}`;
}

interface Options {
  readonly backend: keyof typeof LIMITS;
  readonly steps: number;
  readonly compiled: boolean;
}

function parse(args: readonly string[]): Options {
  const flags = parseFlags(args, { strings: ["backend", "steps"], booleans: ["compiled"] });
  const { backend = "wasm", steps, compiled } = flags;
  if (backend !== "wasm" && backend !== "tensorflow") {
    throw new UsageError(`Expected --backend to be wasm or tensorflow but found ${backend}`);
  }
  if (compiled && backend !== "tensorflow") {
    throw new UsageError(`Expected --compiled with --backend tensorflow but found ${backend}`);
  }
  const limits = LIMITS[backend];
  const count = steps === undefined ? limits.steps : Number(steps);
  if (!Number.isInteger(count) || count < 2 * limits.warmUp) {
    throw new UsageError(`Expected --steps to be an integer of at least ${2 * limits.warmUp} but found ${steps}`);
  }
  return { backend, steps: count, compiled };
}

async function soak({ backend, steps, compiled }: Options): Promise<boolean> {
  const { warmUp, warmUpGrowth, growth } = LIMITS[backend];
  await useBackend(backend);
  const model = createModel("d2l/bnlenet");
  const optimizer = new SGD({ learningRate: 0.01, momentum: 0.9, weightDecay: 1e-4 });
  const { images, labels } = syntheticBatch({ batchSize: 128, inputShape: [28, 28, 1], classes: 10 });
  const takeStep = trainStep(model, optimizer, undefined, { compile: compiled });
  const step = async () => {
    const { loss } = takeStep(images, labels);
    await loss.data();
    loss.dispose();
  };

  // The optimizer makes its slots in the first step; the second one is compiled.
  await step();
  await step();
  const first = await memory(backend, ROUNDS);
  console.log(line(2, first));
  const later: Memory[] = [];
  for (let at = 3; at <= steps; at++) {
    await step();
    if (at !== steps && at % warmUp !== 0) continue;
    // The readings that are compared get the time that V8 takes.
    const now = await memory(backend, at === warmUp || at === steps ? ROUNDS : 1);
    console.log(line(at, now));
    later.push(now);
  }
  // V8 and malloc keep and give back some 50 MB as they like: a leak lifts the least of many readings, they do not.
  const least = (readings: readonly Memory[]) => Math.min(...readings.map(({ rss }) => rss));
  const [early = first] = later;
  const middle = Math.ceil(later.length / 2);
  const warm = early.rss - first.rss;
  const lasting = least(later.slice(middle)) / least(later.slice(0, middle)) - 1;
  console.log(
    `resident memory: ${mebibytes(warm)} more after ${warmUp} steps; then the least of the second half is ` +
      `${(100 * lasting).toFixed(1)} % over the least of the first`,
  );
  return later.every(({ tensors, buffers }) => tensors === first.tensors && buffers === first.buffers) &&
    later.every(({ heap }) => heap === early.heap) && warm <= warmUpGrowth && lasting <= growth;
}

await runCommand(async (args) => {
  const isFlat = await soak(parse(args));
  console.log(isFlat ? "flat" : "Memory grows");
  return isFlat ? 0 : 1;
});
