/**
 * The safetensors format, read and written: eight bytes of header length, a JSON
 * header, the values.
 *
 * @see {@link https://github.com/huggingface/safetensors} for the format
 *
 * @module
 */
import { z } from "zod";
import { parseConfig, show } from "../errors.ts";
import type { StateDict, StateTensor } from "../state_dict.ts";
import { readBytes } from "./byte_source.ts";
import { decode, type Dtype, DTYPES, isDtype } from "./dtypes.ts";
import { denseStrides, type PieceReader, sizeOf, type WeightFile } from "./stored_tensor.ts";

/** The format's own limit for headers. */
const HEADER_LIMIT = 100_000_000;

const headerEntry = z.object({
  dtype: z.string(),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});

/** A tensor as the header tells of it; `begin` counts from the end of the header. */
interface Entry {
  readonly key: string;
  readonly dtype: Dtype;
  readonly shape: number[];
  readonly begin: number;
  readonly end: number;
}

interface Header {
  readonly entries: Entry[];
  readonly metadata: Record<string, string>;
}

/** Where the header ends, of a file of `size` bytes that begins with `bytes`. */
function headerEnd(bytes: Uint8Array, size: number): number {
  if (bytes.length < 8) {
    throw new RangeError(`Expected bytes to hold a safetensors header but found ${bytes.length} bytes`);
  }
  const end = 8 + Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  if (end > size) {
    throw new RangeError(`Expected the safetensors header to end within ${size} bytes but found it to end at ${end}`);
  }
  if (end - 8 > HEADER_LIMIT) {
    throw new RangeError(`Expected the safetensors header to take at most ${HEADER_LIMIT} bytes but found ${end - 8}`);
  }
  return end;
}

/** The header in `bytes`, checked against the `size` of the values behind it. */
function parseHeader(bytes: Uint8Array, size: number): Header {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new RangeError("Expected the safetensors header to be JSON but found other text", { cause });
  }
  if (typeof header !== "object" || header === null || Array.isArray(header)) {
    throw new TypeError(`Expected the safetensors header to be an object but found ${show(header)}`);
  }
  const { __metadata__, ...tensors } = header as Record<string, unknown>;
  const metadata = parseConfig(z.record(z.string(), z.string()).default({}), __metadata__, "__metadata__");
  const listed = Object.entries(tensors)
    .map(([key, value]) => ({ key, ...parseConfig(headerEntry, value, `safetensors entry ${key}`) }))
    .sort((a, b) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1]);
  let covered = 0;
  const entries: Entry[] = [];
  for (const { key, dtype, shape, data_offsets: [begin, end] } of listed) {
    if (begin !== covered || end < begin || end > size) {
      throw new RangeError(
        `Expected data_offsets of ${key} to go from ${covered} to at most ${size} but found [${begin}, ${end}]`,
      );
    }
    covered = end;
    if (key.endsWith("num_batches_tracked")) continue;
    if (!isDtype(dtype) || !DTYPES[dtype].float) {
      const floats = Object.entries(DTYPES).flatMap(([name, { float }]) => float ? [name] : []);
      throw new TypeError(`Expected dtype of ${key} to be one of ${floats.join(", ")} but found ${show(dtype)}`);
    }
    const length = sizeOf(shape) * DTYPES[dtype].bytes;
    if (length !== end - begin) {
      throw new RangeError(`Expected ${key} to take ${length} bytes but found ${end - begin}`);
    }
    entries.push({ key, dtype, shape, begin, end });
  }
  if (covered !== size) throw new RangeError(`Expected the tensors to cover ${size} bytes but found ${covered}`);
  return { entries, metadata };
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
  const start = headerEnd(bytes, bytes.length);
  const { entries, metadata } = parseHeader(bytes.subarray(8, start), bytes.length - start);
  const tensors = entries.map(({ key, dtype, shape, begin, end }): [string, StateTensor] => {
    const data = new Float32Array(sizeOf(shape));
    decode(dtype, bytes.slice(start + begin, start + end), data);
    return [key, { dtype: "F32", shape, data }];
  });
  return { dict: Object.fromEntries(tensors), metadata };
}

/** Where the tensors of a safetensors file lie; the values are not read. */
export async function openSafetensors(reader: PieceReader): Promise<WeightFile> {
  const { source } = reader;
  const start = headerEnd(await readBytes(source, 0, Math.min(8, source.size)), source.size);
  const { entries } = parseHeader(await readBytes(source, 8, start - 8), source.size - start);
  return new Map(entries.map(({ key, dtype, shape, begin, end }) => {
    const verify = async () => {
      await reader.skim(start + begin, end - begin);
      return start + begin;
    };
    const storage = { dtype, length: sizeOf(shape), verify };
    return [key, { storage, shape, strides: denseStrides(shape), offset: 0 }];
  }));
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
