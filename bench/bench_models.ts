/**
 * Registers networks with `deno bench`: a group each, forward and forward+backward.
 *
 * @module
 */
import type { ModelName } from "../models/catalog.ts";
import { listModels } from "../models/registry.ts";
import { costOf, stepFlops } from "./cost.ts";
import { FAMILIES, type Family, type FamilyBench } from "./families.ts";
import { label } from "./label.ts";
import { parseBenchOptions, useBenchBackend } from "./options.ts";
import { createWorkload, defaultBatch, type Mode, MODES, type Workload } from "./workloads.ts";

/** The workload under way: one at a time, so that nets do not fill the memory together. */
let current: { key: string; workload: Workload } | undefined;

function workloadOf(name: ModelName, mode: Mode, batch: number, compiled: boolean): Workload {
  const key = `${name} ${mode} ${batch}`;
  if (current?.key !== key) {
    current?.workload.dispose();
    current = { key, workload: createWorkload(name, mode, batch, { compiled }) };
  }
  return current.workload;
}

/** Timed iterations, and those before, where a step takes long: `deno bench` would take thirty. */
const ITERATIONS = { n: 8, warmup: 2 };
/** Floating point operations of a step that takes long on a core. */
const LONG = 1e9;

function iterationsOf(name: ModelName, mode: Mode, batch: number, device: "cpu" | "gpu", asked: number | undefined) {
  if (asked !== undefined) return { n: asked };
  return device === "cpu" && stepFlops(costOf(name, mode), mode, batch) > LONG ? ITERATIONS : {};
}

/** Registers the small networks of a family or, where the command line asks for some, all of its own among these. */
export async function benchFamily(family: Family): Promise<void> {
  const options = parseBenchOptions(Deno.args);
  const { members, small, batch: smallBatch }: FamilyBench = FAMILIES[family];
  const names = options.models === undefined
    ? small
    : listModels(options.models).filter((name) => members.includes(name));
  if (names.length === 0) return;
  const { name: backend, device } = await useBenchBackend(options);
  const { compiled = false } = options;
  for (const name of names) {
    const standard = options.models === undefined && device === "cpu" ? smallBatch : defaultBatch(name, device);
    const batch = options.batch ?? standard;
    for (const mode of MODES) {
      Deno.bench({
        name: label({ what: mode === "train" ? "forward+backward" : mode, amount: batch, unit: "images" }),
        group: `${name} on ${backend} (${device}${compiled ? ", compiled" : ""})`,
        baseline: mode === "forward",
        ...iterationsOf(name, mode, batch, device, options.iterations),
        async fn(b) {
          const workload = workloadOf(name, mode, batch, compiled);
          b.start();
          await workload.step();
          b.end();
        },
      });
    }
  }
}
