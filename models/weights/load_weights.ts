/**
 * Weights from a file into a model.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import type { DeclaredWeight } from "../layers/layer.ts";
import { canWriteValues, place, writeValues } from "../ops/write_values.ts";
import { checkFit, declaredWeights, type LoadStateDictOptions, type LoadStateDictResult } from "../state_dict.ts";
import { type ByteSource, openSource, readBytes, type WeightSource } from "./byte_source.ts";
import { adaptKeys } from "./keys.ts";
import { openSafetensors } from "./safetensors.ts";
import { PieceReader, sizeOf, type Storage, type StoredTensor, type WeightFile } from "./stored_tensor.ts";
import { isPickle, isZip, openTorchFile } from "./torch_file.ts";

/** What a safetensors header begins with, behind its length. */
const OPENING_BRACE = 0x7b;

async function openWeights(source: ByteSource, reader: PieceReader): Promise<WeightFile> {
  const start = await readBytes(source, 0, Math.min(16, source.size));
  if (isZip(start) || isPickle(start)) return await openTorchFile(reader);
  if (start.length > 8 && start[8] !== OPENING_BRACE) {
    const found = new TextDecoder("latin1").decode(start).replaceAll(/[^ -~]/g, "·");
    throw new RangeError(
      `Expected a safetensors file or one of torch.save() but found a file that begins with ${found}`,
    );
  }
  return await openSafetensors(reader);
}

/** Reads `tensor`, whose storage begins at byte `begin`, into `variable`. */
async function write(
  { spec, variable }: DeclaredWeight,
  tensor: StoredTensor,
  { begin, reader }: { begin: number; reader: PieceReader },
): Promise<void> {
  const { view, permutation } = spec.layout;
  const value = variable.read();
  if (canWriteValues(value)) {
    await reader.read(tensor, begin, (values, start) => writeValues(value, { values, start, view, permutation }));
    return;
  }
  const target = new Float32Array(sizeOf(spec.shape));
  await reader.read(tensor, begin, (values, start) => place(values, target, { start, view, permutation }));
  tf.tidy(() => void variable.write(tf.tensor(target, [...spec.shape])));
}

/**
 * Reads a file of weights into `model`: safetensors, or what `torch.save` saved
 * (`.pth`, `.pt`), in its ZIP format or the older one. Paths are for Deno, Node and
 * Bun.
 *
 * Names are the model's own, torchvision's or timm's. As they do, it takes the state
 * dict out of a checkpoint (see {@linkcode readPth}), takes `module.` and
 * `_orig_mod.` off the names, knows the old names in DenseNet's files, drops
 * GoogLeNet's auxiliary heads where the model has none, and ignores
 * `num_batches_tracked`. Nothing that a file says is run.
 *
 * All that can be checked is checked first: names, shapes, lengths, checksums, and
 * that every byte can be read. Only then are values written, a piece at a time, so
 * that memory does not grow with the file. A stream is first put aside in a temporary
 * file; where none may be made, in memory.
 *
 * @throws {RangeError} Where the file is damaged or does not fit the model, whose weights are as they were; the
 * message names all keys in the way.
 * @throws {TypeError} Where a `.pth` names a class or function that is not on the list, or holds no state dict.
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
  source: WeightSource,
  options: LoadStateDictOptions = {},
): Promise<LoadStateDictResult> {
  const bytes = await openSource(source);
  try {
    const reader = new PieceReader(bytes);
    const file = await openWeights(bytes, reader);
    const weights = new Map(declaredWeights(model));
    const tensors = adaptKeys(file, new Set(weights.keys()));
    const result = checkFit(model, tensors, { ...options, what: "weights" });
    const wanted = [...tensors].flatMap(([key, tensor]) => {
      const weight = weights.get(key);
      return weight === undefined ? [] : [{ weight, tensor }];
    });
    const begins = new Map<Storage, number>();
    for (const { tensor: { storage } } of wanted) {
      if (!begins.has(storage)) begins.set(storage, await storage.verify());
    }
    for (const { weight, tensor } of wanted) {
      await write(weight, tensor, { begin: begins.get(tensor.storage) ?? 0, reader });
    }
    return result;
  } finally {
    await bytes.close();
  }
}
