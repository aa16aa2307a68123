/**
 * Values into TensorFlow's memory and back: one copy each way.
 *
 * @module
 */
import type { Status } from "../capi/status.ts";
import { keptCString } from "../capi/strings.ts";
import type { CApi } from "../capi/symbols.ts";
import { BYTES_PER_VALUE, DATA_TYPES, dataTypeName } from "./constants.ts";

/** What a tensor is made of: numbers, or the UTF-8 bytes of each of its strings. */
export type Values = Float32Array | Int32Array | Uint8Array | Uint8Array[];

/** The part of a context that making a tensor needs. */
interface Host {
  readonly api: CApi;
  readonly status: Status;
  readonly pointer: Deno.PointerValue;
}

/** `sizeof(TF_TString)`. */
const STRING_BYTES = 24;

type NumericArray = Float32ArrayConstructor | Int32ArrayConstructor | Uint8ArrayConstructor;

/** The arrays that hold the values of each type; int64 comes as pairs of int32, the low half first. */
const ARRAYS: Readonly<Record<number, { readonly type: NumericArray; readonly perValue: number }>> = {
  [DATA_TYPES.TF_FLOAT]: { type: Float32Array, perValue: 1 },
  [DATA_TYPES.TF_COMPLEX64]: { type: Float32Array, perValue: 2 },
  [DATA_TYPES.TF_INT32]: { type: Int32Array, perValue: 1 },
  [DATA_TYPES.TF_INT64]: { type: Int32Array, perValue: 2 },
  [DATA_TYPES.TF_BOOL]: { type: Uint8Array, perValue: 1 },
  [DATA_TYPES.TF_UINT8]: { type: Uint8Array, perValue: 1 },
};

/** TensorFlow's memory at `pointer`, to be read or written at once. */
function memory(pointer: Deno.PointerValue, bytes: number): Uint8Array<ArrayBuffer> {
  return pointer === null || bytes === 0
    ? new Uint8Array()
    : new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(pointer, bytes));
}

const offset = (pointer: Deno.PointerValue, bytes: number): Deno.PointerValue =>
  pointer === null ? null : Deno.UnsafePointer.offset(pointer, bytes);

function allocate(api: CApi, dtype: number, shape: readonly number[], bytes: number): Deno.PointerValue {
  const dims = BigInt64Array.from(shape, (size) => BigInt(size));
  const tensor = api.TF_AllocateTensor(dtype, dims, dims.length, BigInt(bytes));
  if (tensor === null) {
    throw new RangeError(`Expected memory for a tensor of shape [${shape}] (${bytes} bytes) but found too little`);
  }
  return tensor;
}

function numbers(
  api: CApi,
  shape: readonly number[],
  dtype: number,
  values: Exclude<Values, Uint8Array[]>,
): Deno.PointerValue {
  const array = ARRAYS[dtype];
  if (array === undefined || !(values instanceof array.type)) {
    throw new TypeError(
      `Tensor type does not match ${values.constructor.name}: expected ${
        array?.type.name ?? "a list of Uint8Array"
      } for ${dataTypeName(dtype)}`,
    );
  }
  const size = shape.reduce((product, axis) => product * axis, 1);
  const expected = size * array.perValue;
  if (values.length !== expected) {
    throw new RangeError(
      `Shape does not match typed-array in bindData() (num_elements=${expected}, array_length=${values.length})`,
    );
  }
  const bytes = size * (BYTES_PER_VALUE[dtype] ?? 0);
  const tensor = allocate(api, dtype, shape, bytes);
  memory(api.TF_TensorData(tensor), bytes).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return tensor;
}

/**
 * A handle to a tensor of strings. TensorFlow frees the memory of a tensor that is
 * allocated over the C API and forgets the strings in it: an op makes a tensor of
 * its own of them, and these here are freed by hand.
 */
function createStrings(
  { api, status, pointer }: Host,
  shape: readonly number[],
  values: readonly Uint8Array[],
): Deno.PointerValue {
  const size = shape.reduce((product, axis) => product * axis, 1);
  if (values.length !== size) {
    throw new RangeError(`Expected ${size} strings for shape [${shape}] but found ${values.length}`);
  }
  for (const value of values) {
    if (!(value instanceof Uint8Array)) {
      throw new TypeError(`Unsupported array type - expecting Uint8Array but found ${typeof value}`);
    }
  }
  const tensor = allocate(api, DATA_TYPES.TF_STRING, shape, size * STRING_BYTES);
  const data = api.TF_TensorData(tensor);
  for (const [i, value] of values.entries()) {
    const place = offset(data, i * STRING_BYTES);
    api.TF_StringInit(place);
    api.TF_StringCopy(place, value as Uint8Array<ArrayBuffer>, BigInt(value.length));
  }
  const borrowed = api.TFE_NewTensorHandle(tensor, status.pointer);
  const op = api.TFE_NewOp(pointer, keptCString("StringJoin"), status.pointer);
  const [outputs, count] = [new BigUint64Array(1), new Int32Array([1])];
  api.TFE_OpAddInput(op, borrowed, status.pointer);
  api.TFE_OpSetAttrInt(op, keptCString("N"), 1n);
  api.TFE_Execute(op, outputs, count, status.pointer);
  api.TFE_DeleteOp(op);
  api.TFE_DeleteTensorHandle(borrowed);
  for (let i = 0; i < size; i++) api.TF_StringDealloc(offset(data, i * STRING_BYTES));
  api.TF_DeleteTensor(tensor);
  status.check(() => `Expected a tensor of ${size} strings but TensorFlow failed`);
  return Deno.UnsafePointer.create(outputs[0] ?? 0n);
}

/**
 * A handle to a new tensor in the host's memory; the caller owns it.
 *
 * @throws {TypeError} Where values are not of the type.
 * @throws {RangeError} Where they are not as many as the shape says, or memory does not suffice.
 */
export function createHandle(
  host: Host,
  shape: readonly number[],
  dtype: number,
  values: Values,
): Deno.PointerValue {
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw new TypeError(`Expected shape to be a list of sizes but found ${String(shape)}`);
  }
  if (!ArrayBuffer.isView(values) && !Array.isArray(values)) {
    throw new TypeError(`Expected values to be a typed array or a list of Uint8Array but found ${typeof values}`);
  }
  if (Array.isArray(values)) return createStrings(host, shape, values);
  const { api, status } = host;
  const tensor = numbers(api, shape, dtype, values);
  const handle = api.TFE_NewTensorHandle(tensor, status.pointer);
  api.TF_DeleteTensor(tensor);
  status.check(() => `Expected a tensor of shape [${shape}] but TensorFlow failed`);
  return handle;
}

/** A copy of the values of `tensor`, which is freed. */
export function takeValues(api: CApi, tensor: Deno.PointerValue, dtype: number): Values | BigInt64Array {
  try {
    if (dtype === DATA_TYPES.TF_STRING) return takeStrings(api, tensor);
    const bytes = memory(api.TF_TensorData(tensor), Number(api.TF_TensorByteSize(tensor))).slice().buffer;
    switch (dtype) {
      case DATA_TYPES.TF_FLOAT:
      case DATA_TYPES.TF_COMPLEX64:
        return new Float32Array(bytes);
      case DATA_TYPES.TF_INT32:
        return new Int32Array(bytes);
      case DATA_TYPES.TF_INT64:
        return new BigInt64Array(bytes);
      case DATA_TYPES.TF_BOOL:
      case DATA_TYPES.TF_UINT8:
      case DATA_TYPES.TF_RESOURCE:
        return new Uint8Array(bytes);
      default:
        throw new TypeError(`Expected a tensor whose type tfjs knows but found ${dataTypeName(dtype)}`);
    }
  } finally {
    api.TF_DeleteTensor(tensor);
  }
}

function takeStrings(api: CApi, tensor: Deno.PointerValue): Uint8Array[] {
  const count = Number(api.TF_TensorElementCount(tensor));
  const data = count === 0 ? null : api.TF_TensorData(tensor);
  return Array.from({ length: count }, (_, i) => {
    const place = offset(data, i * STRING_BYTES);
    return memory(api.TF_StringGetDataPointer(place), Number(api.TF_StringGetSize(place))).slice();
  });
}
