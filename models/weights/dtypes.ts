/**
 * The number types of weight files, turned into float32.
 *
 * @module
 */

/** safetensors' names of the types that are read. */
export type Dtype = "F64" | "F32" | "F16" | "BF16" | "I64" | "I32" | "I16" | "I8" | "U8" | "BOOL";

interface NumberType {
  /** That one value takes. */
  readonly bytes: number;
  /** Whether it is of floating point. */
  readonly float: boolean;
  /** Turns whole values, little-endian and aligned, into `target`. */
  readonly decode: (bytes: Uint8Array<ArrayBuffer>, target: Float32Array) => void;
}

/** The float32 of every IEEE half, made on first use: a look-up is the fastest way to read them. */
let halves: Float32Array | undefined;

function halfTable(): Float32Array {
  return halves ??= Float32Array.from({ length: 2 ** 16 }, (_, bits) => {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
}

/** Rounds once: a float64 on the way would round twice. Bits that float32 has no room for count as "more than". */
function roundInteger(value: bigint): number {
  if (BigInt.asIntN(53, value) === value) return Number(value);
  const sticky = BigInt.asUintN(11, value) === 0n ? 0n : 1n;
  return Number((value >> 11n) | sticky) * 2 ** 11;
}

type ArrayOf<T> = new (buffer: ArrayBuffer, byteOffset: number, length: number) => ArrayLike<T>;

const viewed =
  <T>(View: ArrayOf<T>, bytes: number, toNumber: (value: T) => number): NumberType["decode"] => (source, target) => {
    const values = new View(source.buffer, source.byteOffset, source.byteLength / bytes);
    for (let i = 0; i < values.length; i++) target[i] = toNumber(values[i] as T);
  };

const same = (value: number): number => value;

/** How each type is read. Float64 and long integers are rounded to the nearest float32, ties to even, as PyTorch does. */
export const DTYPES: Readonly<Record<Dtype, NumberType>> = {
  F64: { bytes: 8, float: true, decode: viewed(Float64Array, 8, same) },
  F32: {
    bytes: 4,
    float: true,
    // As integers: a NaN keeps its bits.
    decode: (source, target) =>
      new Uint32Array(target.buffer, target.byteOffset, target.length).set(
        new Uint32Array(source.buffer, source.byteOffset, source.byteLength / 4),
      ),
  },
  F16: {
    bytes: 2,
    float: true,
    decode: (source, target) => {
      const table = halfTable();
      viewed(Uint16Array, 2, (bits) => table[bits] as number)(source, target);
    },
  },
  BF16: {
    bytes: 2,
    float: true,
    decode: (source, target) => {
      const upper = new Uint16Array(source.buffer, source.byteOffset, source.byteLength / 2);
      const bits = new Uint32Array(target.buffer, target.byteOffset, target.length);
      for (let i = 0; i < upper.length; i++) bits[i] = (upper[i] as number) << 16;
    },
  },
  I64: { bytes: 8, float: false, decode: viewed(BigInt64Array, 8, roundInteger) },
  I32: { bytes: 4, float: false, decode: viewed(Int32Array, 4, same) },
  I16: { bytes: 2, float: false, decode: viewed(Int16Array, 2, same) },
  I8: { bytes: 1, float: false, decode: viewed(Int8Array, 1, same) },
  U8: { bytes: 1, float: false, decode: viewed(Uint8Array, 1, same) },
  BOOL: { bytes: 1, float: false, decode: viewed(Uint8Array, 1, (byte) => byte === 0 ? 0 : 1) },
};

/** Whether `name` is a type that is read. */
export function isDtype(name: string): name is Dtype {
  return Object.hasOwn(DTYPES, name);
}

/** Turns the values of `bytes` into float32, from the start of `target` on. */
export function decode(dtype: Dtype, bytes: Uint8Array<ArrayBuffer>, target: Float32Array): void {
  const { bytes: size, decode } = DTYPES[dtype];
  // Typed arrays start at multiples of their values' size only.
  const aligned = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  decode(aligned, target.subarray(0, bytes.length / size));
}
