/**
 * Registers models with `deno bench`: a group each, forward and forward+backward.
 *
 * @module
 */
import { useBackend } from "../backends/select.ts";
import type { ModelName } from "../models/catalog.ts";
import { listModels } from "../models/registry.ts";
import { label } from "./label.ts";
import { parseBenchOptions } from "./options.ts";
import { createWorkload, defaultBatch, type Mode, MODES, type Workload } from "./workloads.ts";

/** The workload under way: one at a time, so that nets do not fill the memory together. */
let current: { key: string; workload: Workload } | undefined;

function workloadOf(name: ModelName, mode: Mode, batch: number): Workload {
  const key = `${name} ${mode} ${batch}`;
  if (current?.key !== key) {
    current?.workload.dispose();
    current = { key, workload: createWorkload(name, mode, batch) };
  }
  return current.workload;
}

/** Registers those of `names` that the command line asks for. */
export async function benchModels(names: readonly ModelName[]): Promise<void> {
  const options = parseBenchOptions(Deno.args);
  const asked = new Set(listModels(options.models));
  await useBackend(options.backend);
  for (const name of names.filter((name) => asked.has(name))) {
    const batch = options.batch ?? defaultBatch(name);
    for (const mode of MODES) {
      Deno.bench({
        name: label({ what: mode === "train" ? "forward+backward" : mode, amount: batch, unit: "images" }),
        group: name,
        baseline: mode === "forward",
        ...(options.iterations === undefined ? {} : { n: options.iterations }),
        async fn(b) {
          const workload = workloadOf(name, mode, batch);
          b.start();
          await workload.step();
          b.end();
        },
      });
    }
  }
}
