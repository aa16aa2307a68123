/**
 * Training steps on this project's kernels beside tfjs-node's own, with the same
 * library under both.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { ModelName } from "../models/catalog.ts";
import { listModels } from "../models/registry.ts";
import { label } from "./label.ts";
import { parseBenchOptions, useBenchBackend } from "./options.ts";
import { createWorkload, defaultBatch, type Workload } from "./workloads.ts";

/** One of each kind, where no networks are asked for. */
const DEFAULT: readonly ModelName[] = ["d2l/bnlenet", "d2l/resnet18", "d2l/densenet"];

const options = parseBenchOptions(Deno.args);
if (options.backend === "tensorflow" && (await useBenchBackend(options)).name === "tensorflow") {
  const { registerStockBackend, STOCK } = await import("./stock_tensorflow.ts");
  registerStockBackend();
  const names = options.models === undefined ? DEFAULT : listModels(options.models);
  for (const name of names) for (const backend of ["tensorflow", STOCK]) benchStep(name, backend);
}

function benchStep(name: ModelName, backend: string): void {
  const batch = options.batch ?? defaultBatch(name);
  let workload: Workload | undefined;
  Deno.bench({
    name: label({ what: backend === "tensorflow" ? "ours" : "tfjs-node's kernels", amount: 1, unit: "ops" }),
    group: `${name}, forward+backward of ${batch}`,
    n: options.iterations ?? 10,
    warmup: 2,
    async fn(b) {
      await tf.setBackend(backend);
      workload ??= createWorkload(name, "train", batch);
      b.start();
      await workload.step();
      b.end();
    },
  });
}
