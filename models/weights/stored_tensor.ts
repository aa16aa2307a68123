/**
 * Tensors where they lie in a weight file.
 *
 * @module
 */
import type { ByteSource } from "./byte_source.ts";
import { decode, type Dtype, DTYPES } from "./dtypes.ts";

/** Bytes of a file that hold values of one type. */
export interface Storage {
  readonly dtype: Dtype;
  /** How many values. */
  readonly length: number;
  /**
   * Checks the bytes as well as the format allows, and says where in the file they begin.
   *
   * @throws {RangeError} Where they are damaged.
   */
  verify(): Promise<number>;
}

/** A view of a storage, as PyTorch's tensors are. */
export interface StoredTensor {
  readonly storage: Storage;
  readonly shape: number[];
  /** Steps between neighbours along each axis, in values. */
  readonly strides: readonly number[];
  /** The first value's place in the storage. */
  readonly offset: number;
}

/** A weight file: where its tensors lie, by their names there. */
export type WeightFile = ReadonlyMap<string, StoredTensor>;

/** What is read at once, in bytes: large enough for the disk, small beside any model. */
export const PIECE_BYTES = 1 << 21;

/** Number of values. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** The strides of a tensor without gaps, its last axis running fastest. */
export function denseStrides(shape: readonly number[]): number[] {
  let step = 1;
  return shape.map((_, i) => {
    const axis = shape.length - 1 - i;
    const stride = step;
    step *= shape[axis] ?? 1;
    return stride;
  }).reverse();
}

/**
 * Checks that `tensor` lies within its storage.
 *
 * @throws {RangeError} Where it does not, or a stride is negative.
 */
export function checkView(key: string, { storage, shape, strides, offset }: StoredTensor): void {
  const natural = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  for (const [what, sizes] of [["shape", shape], ["strides", strides], ["offset", [offset]]] as const) {
    if (!sizes.every(natural)) {
      throw new RangeError(`Expected ${what} of ${key} to be whole and not negative but found [${sizes}]`);
    }
  }
  if (strides.length !== shape.length) {
    throw new RangeError(`Expected strides of ${key} to be ${shape.length} but found ${strides.length}`);
  }
  if (sizeOf(shape) === 0) return;
  const last = shape.reduce((at, size, axis) => at + (size - 1) * (strides[axis] ?? 0), offset);
  if (last >= storage.length) {
    throw new RangeError(
      `Expected ${key} to lie within the ${storage.length} values of its storage but found it to reach ${last + 1}`,
    );
  }
}

function isDense({ shape, strides }: StoredTensor): boolean {
  const dense = denseStrides(shape);
  return shape.every((size, axis) => size === 1 || strides[axis] === dense[axis]);
}

/** Calls `take` with each piece of a tensor's values in order, and where the piece starts; the values are lent. */
export type Take = (values: Float32Array, start: number) => void;

/** Reads tensors of one file piece by piece, with the same buffers for all of them. */
export class PieceReader {
  readonly #bytes = new Uint8Array(PIECE_BYTES);
  #floats = new Float32Array(PIECE_BYTES / 4);

  /** Reads from `source`. */
  constructor(readonly source: ByteSource) {}

  /** Reads `length` bytes from `begin` on, for what reading finds out, and shows them to `see`. */
  async skim(begin: number, length: number, see: (bytes: Uint8Array) => void = () => {}): Promise<void> {
    for (let at = 0; at < length; at += PIECE_BYTES) {
      const piece = this.#bytes.subarray(0, Math.min(PIECE_BYTES, length - at));
      await this.source.read(piece, begin + at);
      see(piece);
    }
  }

  /** Hands the values of `tensor`, whose storage begins at byte `begin`, to `take`, in the order of its axes. */
  async read(tensor: StoredTensor, begin: number, take: Take): Promise<void> {
    const { storage: { dtype }, shape, offset } = tensor;
    const size = sizeOf(shape);
    if (size === 0) return;
    if (isDense(tensor)) return await this.#readRange(dtype, begin, { from: offset, to: offset + size }, take);
    // The values may lie anywhere in the range, in any order: all of it has to be at hand.
    const last = shape.reduce((at, count, axis) => at + (count - 1) * (tensor.strides[axis] ?? 0), offset);
    const range = new Float32Array(last + 1 - offset);
    await this.#readRange(dtype, begin, { from: offset, to: last + 1 }, (values, start) => range.set(values, start));
    this.#gather(range, tensor, take);
  }

  async #readRange(dtype: Dtype, begin: number, range: { from: number; to: number }, take: Take): Promise<void> {
    const { bytes } = DTYPES[dtype];
    const count = PIECE_BYTES / bytes;
    const floats = this.#floatsOf(Math.min(count, range.to - range.from));
    for (let at = range.from; at < range.to; at += count) {
      const length = Math.min(count, range.to - at);
      const piece = this.#bytes.subarray(0, length * bytes);
      await this.source.read(piece, begin + at * bytes);
      decode(dtype, piece, floats);
      take(floats.subarray(0, length), at - range.from);
    }
  }

  #gather(range: Float32Array, { shape, strides }: StoredTensor, take: Take): void {
    const size = sizeOf(shape);
    const floats = this.#floatsOf(Math.min(size, PIECE_BYTES / 4));
    const index = shape.map(() => 0);
    let from = 0;
    for (let start = 0; start < size; start += floats.length) {
      const length = Math.min(floats.length, size - start);
      for (let i = 0; i < length; i++) {
        floats[i] = range[from] as number;
        for (let axis = shape.length - 1; axis >= 0; axis--) {
          from += strides[axis] as number;
          if (++(index[axis] as number) < (shape[axis] as number)) break;
          from -= (strides[axis] as number) * (shape[axis] as number);
          index[axis] = 0;
        }
      }
      take(floats.subarray(0, length), start);
    }
  }

  #floatsOf(length: number): Float32Array {
    if (this.#floats.length < length) this.#floats = new Float32Array(length);
    return this.#floats.subarray(0, length);
  }
}
