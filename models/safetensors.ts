/**
 * The safetensors format, read and written: eight bytes of header length, a JSON
 * header, the values.
 *
 * @see {@link https://github.com/huggingface/safetensors} for the format
 *
 * @module
 */
import { z } from "zod";
import { parseConfig, show } from "./errors.ts";
import type { StateDict } from "./state_dict.ts";

const headerEntry = z.object({
  dtype: z.string(),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});

/** Turns an IEEE half into a number. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function bfloat16(view: DataView, offset: number, bits: DataView): number {
  bits.setUint32(0, view.getUint16(offset, true) << 16);
  return bits.getFloat32(0);
}

const scratch = new DataView(new ArrayBuffer(4));

/** Bytes a value takes and how it is read, by dtype. */
const FLOATS: Readonly<Record<string, { bytes: number; read: (view: DataView, offset: number) => number }>> = {
  F64: { bytes: 8, read: (view, offset) => view.getFloat64(offset, true) },
  F32: { bytes: 4, read: (view, offset) => view.getFloat32(offset, true) },
  F16: { bytes: 2, read: (view, offset) => half(view.getUint16(offset, true)) },
  BF16: { bytes: 2, read: (view, offset) => bfloat16(view, offset, scratch) },
};

function parseHeader(bytes: Uint8Array): { header: Record<string, unknown>; start: number } {
  if (bytes.length < 8) {
    throw new RangeError(`Expected bytes to hold a safetensors header but found ${bytes.length} bytes`);
  }
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  const start = 8 + length;
  if (start > bytes.length) {
    throw new RangeError(
      `Expected the safetensors header to end within ${bytes.length} bytes but found it to end at ${start}`,
    );
  }
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, start)));
  } catch (cause) {
    throw new RangeError("Expected the safetensors header to be JSON but found other text", { cause });
  }
  if (typeof header !== "object" || header === null || Array.isArray(header)) {
    throw new TypeError(`Expected the safetensors header to be an object but found ${show(header)}`);
  }
  return { header: header as Record<string, unknown>, start };
}

/**
 * Reads a safetensors file. F16, BF16 and F64 become F32; `num_batches_tracked` is
 * left out.
 *
 * @throws {RangeError} Where the file is truncated, or its header does not say the truth about lengths.
 * @throws {TypeError} Where a tensor is not of floating point.
 *
 * @example
 * ```ts
 * import { readSafetensors, writeSafetensors } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * const dict = { bias: { dtype: "F32" as const, shape: [2], data: Float32Array.of(0.5, -1) } };
 * assertEquals(readSafetensors(writeSafetensors(dict)), dict);
 * ```
 */
export function readSafetensors(bytes: Uint8Array): StateDict {
  return decodeSafetensors(bytes).dict;
}

/** The tensors of a safetensors file, and the texts that its writer put beside them. */
export function decodeSafetensors(bytes: Uint8Array): { dict: StateDict; metadata: Record<string, string> } {
  const { header, start } = parseHeader(bytes);
  const metadata = parseConfig(z.record(z.string(), z.string()).default({}), header.__metadata__, "__metadata__");
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, bytes.length - start);
  const dict: StateDict = {};
  let covered = 0;
  const entries = Object.entries(header)
    .filter(([key]) => key !== "__metadata__")
    .map(([key, value]) => ({ key, ...parseConfig(headerEntry, value, `safetensors entry ${key}`) }))
    .sort((a, b) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1]);
  for (const { key, dtype, shape, data_offsets: [begin, end] } of entries) {
    if (begin !== covered || end < begin || end > view.byteLength) {
      throw new RangeError(
        `Expected data_offsets of ${key} to go from ${covered} to at most ${view.byteLength} but found [${begin}, ${end}]`,
      );
    }
    covered = end;
    if (key.endsWith("num_batches_tracked")) continue;
    const float = Object.hasOwn(FLOATS, dtype) ? FLOATS[dtype] : undefined;
    if (float === undefined) {
      throw new TypeError(
        `Expected dtype of ${key} to be one of ${Object.keys(FLOATS).join(", ")} but found ${show(dtype)}`,
      );
    }
    const size = shape.reduce((a, b) => a * b, 1);
    if (size * float.bytes !== end - begin) {
      throw new RangeError(`Expected ${key} to take ${size * float.bytes} bytes but found ${end - begin}`);
    }
    const data = Float32Array.from({ length: size }, (_, i) => float.read(view, begin + i * float.bytes));
    dict[key] = { dtype: "F32", shape, data };
  }
  if (covered !== view.byteLength) {
    throw new RangeError(`Expected the tensors to cover ${view.byteLength} bytes but found ${covered}`);
  }
  return { dict, metadata };
}

/**
 * Writes `dict` as a safetensors file of F32 tensors, in the dict's order.
 *
 * @throws {RangeError} Where a tensor's values do not fill its shape.
 *
 * @example
 * ```ts
 * import { writeSafetensors } from "@convbench/convbench";
 *
 * const bytes = writeSafetensors({ bias: { dtype: "F32", shape: [2], data: Float32Array.of(0.5, -1) } });
 * await new Blob([bytes]).arrayBuffer();
 * ```
 */
export function writeSafetensors(dict: StateDict): Uint8Array<ArrayBuffer> {
  return encodeSafetensors(dict, {});
}

/** As {@linkcode writeSafetensors}, with texts beside the tensors. */
export function encodeSafetensors(dict: StateDict, metadata: Record<string, string>): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = { __metadata__: { format: "pt", ...metadata } };
  let offset = 0;
  for (const [key, { shape, data }] of Object.entries(dict)) {
    const size = shape.reduce((a, b) => a * b, 1);
    if (size !== data.length) throw new RangeError(`Expected ${key} to hold ${size} values but found ${data.length}`);
    header[key] = { dtype: "F32", shape, data_offsets: [offset, offset + 4 * size] };
    offset += 4 * size;
  }
  const text = JSON.stringify(header);
  // Spaces up to a multiple of eight, so that readers may map the values where they lie.
  const encoded = new TextEncoder().encode(text + " ".repeat((8 - new TextEncoder().encode(text).length % 8) % 8));
  const bytes = new Uint8Array(8 + encoded.length + offset);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(encoded.length), true);
  bytes.set(encoded, 8);
  let at = 8 + encoded.length;
  for (const { data } of Object.values(dict)) {
    for (const value of data) {
      view.setFloat32(at, value, true);
      at += 4;
    }
  }
  return bytes;
}
