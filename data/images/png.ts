/**
 * PNG files: what the header says, and the pixels.
 *
 * @module
 */
import decode from "@jsquash/png/decode.js";
import type { ImageHeader } from "./jpeg.ts";

/** The eight bytes that a PNG file starts with. */
export const PNG_SIGNATURE: readonly number[] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** A part of a PNG file, with its length, type and checksum. */
interface Chunk {
  readonly type: string;
  /** All of it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

function truncated(name: string, bytes: Uint8Array): RangeError {
  return new RangeError(`Expected ${name} to be a whole PNG but found it truncated at ${bytes.length} bytes`);
}

/** The chunks up to the one that ends the picture. */
function* chunksOf(bytes: Uint8Array<ArrayBuffer>, name: string): Generator<Chunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = PNG_SIGNATURE.length;
  let type = "";
  while (type !== "IEND") {
    // Length, type and checksum around the content.
    const end = at + 12 <= bytes.length ? at + 12 + view.getUint32(at) : Infinity;
    if (end > bytes.length) throw truncated(name, bytes);
    type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    yield { type, bytes: bytes.subarray(at, end) };
    at = end;
  }
}

/**
 * What the PNG file says of its picture.
 *
 * @throws {RangeError} Where it ends before it says so.
 */
export function readPngHeader(bytes: Uint8Array<ArrayBuffer>, name: string): ImageHeader {
  const [first] = chunksOf(bytes, name);
  if (first?.type !== "IHDR" || first.bytes.length !== 25) {
    throw new RangeError(`Expected ${name} to be a PNG that starts with its header but found none`);
  }
  const view = new DataView(first.bytes.buffer, first.bytes.byteOffset);
  return { width: view.getUint32(8), height: view.getUint32(12) };
}

/**
 * The pixels of a PNG file of any colour type and depth, red, green, blue and
 * alpha; of 16 bits the upper eight. Of an animation it is the still picture.
 *
 * @throws {RangeError} Where it is truncated or damaged.
 */
export async function decodePng(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
): Promise<ImageHeader & { data: Uint8ClampedArray }> {
  // Only what makes the pixels: texts and profiles may be compressed bombs of their own, and are not used.
  const wanted = [...chunksOf(bytes, name)].filter(({ type }) => ["IHDR", "PLTE", "IDAT", "IEND"].includes(type));
  const file = new Blob([Uint8Array.from(PNG_SIGNATURE), ...wanted.map(({ bytes }) => bytes)]);
  try {
    const { width, height, data } = await decode(await file.arrayBuffer());
    return { width, height, data: new Uint8ClampedArray(data.buffer, data.byteOffset, data.byteLength) };
  } catch (error) {
    throw new RangeError(`Expected ${name} to be a PNG that can be decoded but found it damaged`, { cause: error });
  }
}
