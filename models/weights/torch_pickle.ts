/**
 * What PyTorch's pickles may name: what it takes to rebuild tensors, and nothing
 * that does anything. The list is that of PyTorch's `weights_only` reader without
 * sparse, quantised and nested tensors, and with `argparse.Namespace`, which timm's
 * training checkpoints hold.
 *
 * @module
 */
import type { Dtype } from "./dtypes.ts";
import { InertObject, kindOf, type PickleGlobal, type PickleHost } from "./pickle.ts";

/** Values outside of the pickle. */
export interface PickledStorage {
  /** Its name in the file. */
  readonly key: string;
  /** Undefined where they are bytes of no type. */
  readonly dtype: Dtype | undefined;
  /** How many values, or bytes. */
  readonly length: number;
  /** Where a view of a larger storage begins and how long it is, in values; files before PyTorch 1.6 have those. */
  readonly view: { readonly offset: number; readonly length: number } | undefined;
}

/** A tensor as a pickle tells of it; nothing in it is checked but types. */
export class PickledTensor {
  /** Of those values. */
  constructor(
    readonly storage: PickledStorage,
    readonly dtype: Dtype,
    readonly offset: number,
    readonly shape: number[],
    readonly strides: number[],
  ) {}
}

/** PyTorch's own limit. */
const MAX_RANK = 64;

/** A type of number, by PyTorch's name of its storage; undefined where it is none that is read. */
class StorageType implements PickleGlobal {
  constructor(readonly name: string, readonly dtype: Dtype | undefined) {}
}

/** `torch.float32`. */
class TorchDtype implements PickleGlobal {
  constructor(readonly name: string, readonly dtype: Dtype) {}
}

const STORAGES: Readonly<Record<string, Dtype>> = {
  DoubleStorage: "F64",
  FloatStorage: "F32",
  HalfStorage: "F16",
  BFloat16Storage: "BF16",
  LongStorage: "I64",
  IntStorage: "I32",
  ShortStorage: "I16",
  CharStorage: "I8",
  ByteStorage: "U8",
  BoolStorage: "BOOL",
};

const TORCH_DTYPES: Readonly<Record<string, Dtype>> = {
  float64: "F64",
  float32: "F32",
  float16: "F16",
  bfloat16: "BF16",
  int64: "I64",
  int32: "I32",
  int16: "I16",
  int8: "I8",
  uint8: "U8",
  bool: "BOOL",
};

const isNumber = (value: unknown): value is number => typeof value === "number";

function numberOf(value: unknown, what: string): number {
  if (isNumber(value)) return value;
  throw new TypeError(`Expected ${what} in the pickle to be a number but found ${kindOf(value)}`);
}

function countOf(value: unknown, what: string): number {
  const count = numberOf(value, what);
  if (Number.isSafeInteger(count) && count >= 0) return count;
  throw new RangeError(`Expected ${what} in the pickle to be whole and not negative but found ${count}`);
}

function sizesOf(value: unknown, what: string): number[] {
  if (!Array.isArray(value) || value.length > MAX_RANK || !value.every(isNumber)) {
    throw new TypeError(
      `Expected ${what} in the pickle to be at most ${MAX_RANK} numbers but found ${kindOf(value)}`,
    );
  }
  return [...value];
}

function storageOf(value: unknown): PickledStorage {
  if (value instanceof StorageReference) return value.storage;
  throw new TypeError(`Expected the values of a tensor to be a storage but found ${kindOf(value)}`);
}

/** Told from what else a pickle may hold by its class. */
class StorageReference {
  constructor(readonly storage: PickledStorage) {}
}

/** `_rebuild_tensor(storage, offset, size, stride)`, of which the later ones are variations. */
function rebuildTensor([storage, offset, shape, strides]: unknown[], dtype?: unknown): PickledTensor {
  const values = storageOf(storage);
  const type = dtype instanceof TorchDtype ? dtype.dtype : values.dtype;
  if (type === undefined) throw new TypeError(`Expected a type of number for storage ${values.key} but found none`);
  return new PickledTensor(
    values,
    type,
    numberOf(offset, "the offset of a tensor"),
    sizesOf(shape, "the shape of a tensor"),
    sizesOf(strides, "the strides of a tensor"),
  );
}

function firstTensor([tensor]: unknown[]): PickledTensor {
  if (tensor instanceof PickledTensor) return tensor;
  throw new TypeError(`Expected a parameter in the pickle to be a tensor but found ${kindOf(tensor)}`);
}

/** `_rebuild_from_type_v2(function, class, arguments, state)`: a tensor that has attributes. */
function rebuildFromType([callable, , args]: unknown[]): PickledTensor {
  const rebuild = FUNCTIONS.get((callable as PickleGlobal | null)?.name ?? "");
  if (rebuild === undefined || !Array.isArray(args)) {
    throw new TypeError(
      `Expected what rebuilds a tensor to be one of PyTorch's functions but found ${kindOf(callable)}`,
    );
  }
  return rebuild(args);
}

const FUNCTIONS: ReadonlyMap<string, (args: unknown[]) => PickledTensor> = new Map([
  ["torch._utils._rebuild_tensor", (args) => rebuildTensor(args)],
  ["torch._utils._rebuild_tensor_v2", (args) => rebuildTensor(args)],
  ["torch._utils._rebuild_tensor_v3", (args) => rebuildTensor(args, args[6])],
  ["torch._utils._rebuild_parameter", firstTensor],
  ["torch._utils._rebuild_parameter_with_state", firstTensor],
]);

/** Classes of which only that they are there matters. */
const INERT: readonly string[] = [
  "_codecs.encode",
  "argparse.Namespace",
  ...["set", "bytearray", "complex"].flatMap((name) => [`builtins.${name}`, `__builtin__.${name}`]),
  "collections.Counter",
  "torch.Tensor",
  "torch.device",
  "torch.nn.parameter.Parameter",
  "torch.serialization._get_layout",
];

function newDict(args: unknown[]): Map<unknown, unknown> {
  // Copies of one long list, asked for again and again, would fill the memory; PyTorch fills dicts afterwards.
  if (args.length > 0) throw new TypeError(`Expected OrderedDict in the pickle to start empty but found arguments`);
  return new Map();
}

const entries: PickleGlobal[] = [
  { name: "collections.OrderedDict", call: newDict },
  { name: "torch.Size", call: ([sizes]) => sizes },
  { name: "torch._tensor._rebuild_from_type_v2", call: rebuildFromType },
  ...[...FUNCTIONS].map(([name, call]) => ({ name, call })),
  ...INERT.map((name) => ({ name, call: () => new InertObject(name) })),
  ...Object.entries(STORAGES).map(([name, dtype]) => new StorageType(`torch.${name}`, dtype)),
  ...["torch.UntypedStorage", "torch.storage.UntypedStorage"].map((name) => new StorageType(name, undefined)),
  ...Object.entries(TORCH_DTYPES).map(([name, dtype]) => new TorchDtype(`torch.${name}`, dtype)),
];

/** Everything that a pickle may name. */
const ALLOWED: ReadonlyMap<string, PickleGlobal> = new Map(entries.map((entry) => [entry.name, entry]));

function findGlobal(name: string): PickleGlobal {
  const found = ALLOWED.get(name);
  if (found !== undefined) return found;
  throw new TypeError(
    `Expected the pickle to name nothing but tensors and dicts but found ${name.slice(0, 200)}: ` +
      `save the state_dict() of a model, alone`,
  );
}

/** `("storage", type, key, device, length)`, in older files with the view's `(key, offset, length)` behind it. */
function storageReference(id: unknown): PickledStorage {
  const [kind, type, key, , length, view = null] = Array.isArray(id) ? id : [];
  if (kind !== "storage" || !(type instanceof StorageType) || typeof key !== "string") {
    throw new TypeError(`Expected references of the pickle to be storages but found ${kindOf(id)}`);
  }
  const within = view === null ? undefined : {
    offset: countOf(Array.isArray(view) ? view[1] : view, "the offset of a view"),
    length: countOf(Array.isArray(view) ? view[2] : view, "the length of a view"),
  };
  return { key, dtype: type.dtype, length: countOf(length, "the length of a storage"), view: within };
}

/** What a pickle of PyTorch's is read with; `found` hears of every storage. */
export function torchHost(found: (storage: PickledStorage) => void): PickleHost {
  return {
    find: findGlobal,
    load: (id) => {
      const storage = storageReference(id);
      found(storage);
      return new StorageReference(storage);
    },
  };
}

/** Where timm and torchvision's training scripts put the weights, in timm's order of preference. */
const WRAPPERS = ["state_dict_ema", "model_ema", "state_dict", "model"] as const;

/**
 * The tensors of what `torch.save` saved: a state dict, or a checkpoint that holds
 * one as `state_dict_ema`, `model_ema`, `state_dict` or `model`, whichever is first.
 *
 * @throws {TypeError} Where it is neither.
 */
export function tensorsOf(saved: unknown): Map<string, PickledTensor> {
  if (!(saved instanceof Map)) {
    throw new TypeError(`Expected the file to hold a state dict but found ${kindOf(saved)}`);
  }
  const wrapper = WRAPPERS.find((name) => saved.get(name) instanceof Map);
  const dict: Map<unknown, unknown> = wrapper === undefined ? saved : saved.get(wrapper);
  const tensors = new Map<string, PickledTensor>();
  for (const [key, value] of dict) {
    if (typeof key !== "string") {
      throw new TypeError(`Expected keys of the state dict to be texts but found ${kindOf(key)}`);
    }
    if (!(value instanceof PickledTensor)) {
      throw new TypeError(`Expected ${key} of the state dict to be a tensor but found ${kindOf(value)}`);
    }
    tensors.set(key, value);
  }
  return tensors;
}
