/**
 * Weights from a file into a model.
 *
 * @module
 */
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { readSafetensors } from "./safetensors.ts";
import { loadStateDict, type LoadStateDictOptions, type LoadStateDictResult } from "./state_dict.ts";

async function readPath(path: string): Promise<Uint8Array> {
  // Not an import: bundlers for the browser would look for it.
  const fs = globalThis.process?.getBuiltinModule?.("node:fs/promises");
  if (fs === undefined) {
    throw new TypeError(`Expected weights to be a Blob or a stream here but found the path ${path}`);
  }
  return await fs.readFile(path);
}

/**
 * Reads a safetensors file of `source` and writes it into `model`, as
 * {@linkcode loadStateDict} does. Paths are for Deno, Node and Bun.
 *
 * @throws {RangeError} Where the file is damaged or does not fit the model; the model is as it was.
 *
 * @example
 * ```ts
 * import { createModel, loadWeights, stateDict, useBackend, writeSafetensors } from "@convbench/convbench";
 *
 * await useBackend("cpu");
 * const model = createModel("d2l/lenet");
 * await loadWeights(model, new Blob([writeSafetensors(await stateDict(model))]));
 * model.dispose();
 * ```
 */
export async function loadWeights(
  model: LayersModel,
  source: string | Blob | ReadableStream<Uint8Array<ArrayBuffer>>,
  options: LoadStateDictOptions = {},
): Promise<LoadStateDictResult> {
  const bytes = typeof source === "string"
    ? await readPath(source)
    : new Uint8Array(await new Response(source).arrayBuffer());
  return loadStateDict(model, readSafetensors(bytes), options);
}
