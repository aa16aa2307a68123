/**
 * Files of `torch.save`: a ZIP archive since PyTorch 1.6, before that pickles one
 * behind the other with the values after them.
 *
 * @module
 */
import { show } from "../errors.ts";
import type { StateDict } from "../state_dict.ts";
import { type ByteSource, bytesSource, readBytes } from "./byte_source.ts";
import { DTYPES } from "./dtypes.ts";
import { kindOf, type PickleHost, UnfinishedPickleError, unpickle } from "./pickle.ts";
import { checkView, PieceReader, sizeOf, type Storage, type StoredTensor, type WeightFile } from "./stored_tensor.ts";
import { type PickledStorage, type PickledTensor, tensorsOf, torchHost } from "./torch_pickle.ts";
import { type Member, openMembers } from "./zip_storages.ts";

/** Networks of the catalog take less than a hundredth of it, checkpoints with an optimizer's state some more. */
const PICKLE_LIMIT = 2 ** 24;

/** Where the bytes of a storage lie, and how many they are. */
type Place = Pick<Member, "size" | "verify">;

/** The first bytes of a ZIP archive. */
export function isZip(start: Uint8Array): boolean {
  return start[0] === 0x50 && start[1] === 0x4b && start[2] === 3 && start[3] === 4;
}

/** The first bytes of a pickle; a safetensors file may begin with the same two, but has its header's brace behind them. */
export function isPickle(start: Uint8Array): boolean {
  return start[0] === 0x80 && (start[1] ?? 0) >= 2 && (start[1] ?? 0) <= 5 && start[8] !== 0x7b;
}

/** The tensors of the pickle, each a view of its storage's place. */
function storedTensors(saved: unknown, placeOf: (storage: PickledStorage) => Place): WeightFile {
  const storages = new Map<string, Storage>();
  const storageOf = (key: string, { storage, dtype }: PickledTensor): Storage => {
    const place = placeOf(storage);
    const stored = storage.length * (storage.dtype === undefined ? 1 : DTYPES[storage.dtype].bytes);
    if (stored !== place.size) {
      throw new RangeError(`Expected the storage of ${key} to take ${stored} bytes but found ${place.size}`);
    }
    const id = `${dtype} ${storage.key}`;
    const known = storages.get(id);
    if (known !== undefined) return known;
    const length = Math.floor(place.size / DTYPES[dtype].bytes);
    const made: Storage = { dtype, length, verify: () => place.verify() };
    storages.set(id, made);
    return made;
  };
  return new Map([...tensorsOf(saved)].map(([key, tensor]): [string, StoredTensor] => {
    const { shape, strides } = tensor;
    const { view } = tensor.storage;
    if (view !== undefined) {
      checkView(`the view of ${key}`, {
        storage: { dtype: tensor.dtype, length: tensor.storage.length, verify: () => Promise.resolve(0) },
        shape: [view.length],
        strides: [1],
        offset: view.offset,
      });
    }
    const stored = {
      storage: storageOf(key, tensor),
      shape,
      strides,
      offset: tensor.offset + (view?.offset ?? 0),
    };
    checkView(key, stored);
    return [key, stored];
  }));
}

async function openZip(reader: PieceReader): Promise<WeightFile> {
  const { source } = reader;
  const members = await openMembers(reader);
  const bytesOf = async (name: string, limit: number): Promise<Uint8Array | undefined> => {
    const member = members.get(name);
    if (member === undefined) return undefined;
    if (member.size > limit) {
      throw new RangeError(`Expected ${name} to take at most ${limit} bytes but found ${member.size}`);
    }
    return await readBytes(source, await member.verify(), member.size);
  };
  const order = new TextDecoder().decode(await bytesOf("byteorder", 16));
  if (order !== "" && order !== "little") {
    throw new RangeError(`Expected byteorder of the file to be little but found ${show(order)}`);
  }
  const { value } = unpickle(await bytesOf("data.pkl", PICKLE_LIMIT) ?? new Uint8Array(), torchHost(() => {}));
  return storedTensors(value, ({ key }) => {
    const member = members.get(`data/${key}`);
    if (member === undefined) {
      throw new RangeError(`Expected the archive to hold data/${key.slice(0, 80)} but found none`);
    }
    return member;
  });
}

/** Pickles one behind the other. */
class Pickles {
  /** Where the next one begins. */
  at = 0;
  constructor(readonly source: ByteSource) {}

  async next(host: PickleHost): Promise<unknown> {
    for (let window = 2 ** 16;; window *= 4) {
      const length = Math.min(window, PICKLE_LIMIT, this.source.size - this.at);
      try {
        const { value, length: taken } = unpickle(await readBytes(this.source, this.at, length), host);
        this.at += taken;
        return value;
      } catch (error) {
        // Nobody knows how long a pickle is before it is read.
        if (!(error instanceof UnfinishedPickleError) || length < window) throw error;
      }
    }
  }
}

/** What PyTorch wrote in front: `torch.serialization.MAGIC_NUMBER` and `PROTOCOL_VERSION`. */
const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;

async function openStacked(reader: PieceReader): Promise<WeightFile> {
  const { source } = reader;
  const pickles = new Pickles(source);
  const storages = new Map<string, PickledStorage>();
  const host = torchHost((storage) => void storages.set(storage.key, storage));
  for (const [what, expected] of [["magic number", MAGIC], ["protocol", PROTOCOL]] as const) {
    const found = await pickles.next(host);
    if (found !== expected) {
      throw new RangeError(`Expected the ${what} of torch.save() to be ${expected} but found ${kindOf(found)}`);
    }
  }
  const system = await pickles.next(host);
  if (!(system instanceof Map) || system.get("little_endian") !== true) {
    throw new RangeError("Expected the file to be little-endian but found that it does not say so");
  }
  const saved = await pickles.next(host);
  const keys = await pickles.next(host);
  if (!Array.isArray(keys)) throw new TypeError(`Expected a list of storages but found ${kindOf(keys)}`);
  const places = new Map<string, Place>();
  let { at } = pickles;
  for (const key of keys) {
    const storage = storages.get(key);
    if (storage === undefined) throw new RangeError(`Expected storages of the pickle but found ${kindOf(key)}`);
    const header = await readBytes(source, at, 8);
    const length = new DataView(header.buffer).getBigInt64(0, true);
    if (Number(length) !== storage.length) {
      throw new RangeError(`Expected storage ${key} to hold ${storage.length} values but found ${length}`);
    }
    const begin = at + 8;
    const size = storage.length * (storage.dtype === undefined ? 1 : DTYPES[storage.dtype].bytes);
    at = begin + size;
    if (!(at <= source.size)) {
      throw new RangeError(`Expected the file to hold ${at} bytes but found it to end at ${source.size}`);
    }
    places.set(key, {
      size,
      verify: async () => {
        await reader.skim(begin, size);
        return begin;
      },
    });
  }
  return storedTensors(saved, ({ key }) => {
    const place = places.get(key);
    if (place === undefined) {
      throw new RangeError(`Expected the file to hold storage ${key.slice(0, 80)} but found none`);
    }
    return place;
  });
}

/** Where the tensors of a file of `torch.save` lie; the values are not read. */
export async function openTorchFile(reader: PieceReader): Promise<WeightFile> {
  const { source } = reader;
  return isZip(await readBytes(source, 0, Math.min(4, source.size)))
    ? await openZip(reader)
    : await openStacked(reader);
}

/** A small file may ask for one value a million times; a network that is shared in part does not. */
const FREE_VALUES = 2 ** 20;

/**
 * Reads a state dict that PyTorch saved as `.pth` or `.pt`, in its ZIP format or the
 * older one, or a checkpoint that holds one as `state_dict_ema`, `model_ema`,
 * `state_dict` or `model`. All types become F32; `num_batches_tracked` is left out.
 * Nothing in the file is run.
 *
 * @throws {RangeError} Where the file is truncated, damaged, compressed, or a tensor reaches out of its storage.
 * @throws {TypeError} Where it holds anything else than tensors and dicts: a class or function that is not PyTorch's
 * own for tensors is named.
 *
 * @example
 * ```ts
 * import { readPth } from "@convbench/convbench";
 * import { assertRejects } from "@std/assert";
 *
 * // const dict = await readPth(await Deno.readFile("resnet18-f37072fd.pth"));
 * await assertRejects(() => readPth(new Uint8Array(4)), RangeError, "Expected a file of torch.save()");
 * ```
 */
export async function readPth(bytes: Uint8Array): Promise<StateDict> {
  if (!isZip(bytes) && !isPickle(bytes)) {
    throw new RangeError("Expected a file of torch.save() but found other bytes at its start");
  }
  const reader = new PieceReader(bytesSource(bytes));
  const tensors = [...await openTorchFile(reader)].filter(([key]) => !key.endsWith("num_batches_tracked"));
  const total = tensors.reduce((sum, [, { shape }]) => sum + sizeOf(shape), 0);
  const limit = Math.max(bytes.length, FREE_VALUES);
  if (total > limit) throw new RangeError(`Expected the tensors to hold at most ${limit} values but found ${total}`);
  const dict: [string, StateDict[string]][] = [];
  for (const [key, tensor] of tensors) {
    const data = new Float32Array(sizeOf(tensor.shape));
    await reader.read(tensor, await tensor.storage.verify(), (values, start) => data.set(values, start));
    dict.push([key, { dtype: "F32", shape: tensor.shape, data }]);
  }
  return Object.fromEntries(dict);
}
