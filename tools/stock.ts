/**
 * Forward and gradients of each network on this project's kernels beside tfjs-node's own, op by op, with the same
 * library under both: `ours` is at least as fast where the ratio is 1 or more.
 *
 *     deno run -A tools/jsr.ts run -A tools/stock.ts -- [--models GLOB] [--batch N] [--iterations N]
 *
 * The two take turns within one process, the order turning around each time: run one after the other, a network with
 * large weights meets a machine that changed meanwhile.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { parseBenchOptions } from "../bench/options.ts";
import { geometricMean, median } from "../bench/report/median.ts";
import { digits } from "../bench/report/numbers.ts";
import { registerStockBackend, STOCK } from "../bench/stock_tensorflow.ts";
import { createWorkload, defaultBatch, type Workload } from "../bench/workloads.ts";
import { useBackend } from "../backends/select.ts";
import { UsageError } from "../cli/flags.ts";
import type { ModelName } from "../models/catalog.ts";
import { describeModel, listModels } from "../models/registry.ts";
import { runCommand } from "./command.ts";

const OURS = "tensorflow";
/** Rounds of turns; the first warms up. */
const ROUNDS = 6;
/** Steps of a turn, the first of which does not count: it moves to the other backend. */
const STEPS = 3;
/** What share of the benchmarks' batch is enough to tell the two apart. */
const SHARE = 1 / 8;

/** Milliseconds of a step on each side. */
async function measure(name: ModelName, batch: number, rounds: number): Promise<{ ours: number; stock: number }> {
  const samples: Record<string, number[]> = { [OURS]: [], [STOCK]: [] };
  const workloads = new Map<string, Workload>();
  try {
    for (let round = 0; round < rounds; round++) {
      for (const backend of round % 2 === 0 ? [OURS, STOCK] : [STOCK, OURS]) {
        await tf.setBackend(backend);
        const workload = workloads.get(backend) ?? createWorkload(name, "train", batch);
        workloads.set(backend, workload);
        for (let step = 0; step < STEPS; step++) {
          const started = performance.now();
          await workload.step();
          if (round > 0 && step > 0) samples[backend]?.push(performance.now() - started);
        }
      }
    }
  } finally {
    for (const [backend, workload] of workloads) {
      await tf.setBackend(backend);
      workload.dispose();
    }
  }
  return { ours: median(samples[OURS] ?? []), stock: median(samples[STOCK] ?? []) };
}

async function main(args: readonly string[]): Promise<number> {
  const { models, batch, iterations = ROUNDS } = parseBenchOptions(args);
  if (iterations < 2) throw new UsageError(`Expected --iterations of 2 or more but found ${iterations}`);
  await useBackend(OURS, { device: "cpu" });
  registerStockBackend();
  // From few to many multiplications: what takes long comes last.
  const names = [...listModels(models)].sort((a, b) => describeModel(a).macs - describeModel(b).macs);
  const ratios: number[] = [];
  for (const name of names) {
    const images = batch ?? Math.max(1, SHARE * defaultBatch(name));
    const { ours, stock } = await measure(name, images, iterations);
    ratios.push(stock / ours);
    console.log(
      `${name}, batch ${images}: ours ${digits(ours)} ms, tfjs-node's ${digits(stock)} ms, ratio ${
        digits(stock / ours)
      }`,
    );
  }
  console.log(
    `${names.length} networks: geometric mean ${digits(geometricMean(ratios))}, least ${digits(Math.min(...ratios))}`,
  );
  return 0;
}

if (import.meta.main) await runCommand(main);
