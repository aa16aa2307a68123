/**
 * IDX, the file format of MNIST and its kin: a big-endian header, then one byte a
 * value. Files are read gzip-compressed or plain, whatever their name says.
 *
 * The format: http://yann.lecun.com/exdb/mnist/ (at the end of the page).
 *
 * @module
 */

/** Values of an IDX file. */
export interface IdxArray {
  /** `[count]` of labels, `[count, height, width]` of images. */
  readonly shape: readonly number[];
  /** The values, the last axis fastest. */
  readonly values: Uint8Array<ArrayBuffer>;
}

/** What an IDX file has to hold. */
export interface IdxExpectation {
  /** Number of axes: 1 for labels, 3 for images. */
  readonly rank: number;
  /** What errors call the file. */
  readonly name: string;
}

/** The type code of unsigned bytes, the third byte of the magic number. */
const UNSIGNED_BYTE = 0x08;

const hex = (value: number): string => `0x${value.toString(16).padStart(8, "0")}`;

/**
 * The values of an uncompressed IDX file of unsigned bytes; a view of `bytes`.
 *
 * @throws {RangeError} Where the file is truncated, goes on after its last value,
 * is of another type or rank (its magic number says so) or has an empty axis.
 *
 * @example
 * ```ts
 * import { parseIdx } from "@convbench/convbench/data";
 * import { assertEquals } from "@std/assert";
 *
 * const file = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 9, 0, 3);
 * const { shape, values } = parseIdx(file, { rank: 1, name: "labels" });
 * assertEquals(shape, [3]);
 * assertEquals([...values], [9, 0, 3]);
 * ```
 */
export function parseIdx(bytes: Uint8Array<ArrayBuffer>, { rank, name }: IdxExpectation): IdxArray {
  const headerLength = 4 + 4 * rank;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = UNSIGNED_BYTE << 8 | rank;
  // A wrong file is told from a cut one as long as there are four bytes.
  if (bytes.length >= 4 && view.getUint32(0) !== magic) {
    throw new RangeError(
      `Expected ${name} to start with the magic number ${hex(magic)} but found ${hex(view.getUint32(0))}`,
    );
  }
  if (bytes.length < headerLength) {
    throw new RangeError(`Expected ${name} to have a header of ${headerLength} bytes but found ${bytes.length} in all`);
  }
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  if (shape.includes(0)) {
    throw new RangeError(`Expected the sizes of ${name} to be positive but found [${shape.join(", ")}]`);
  }
  const length = headerLength + shape.reduce((product, size) => product * size, 1);
  if (bytes.length !== length) {
    const problem = bytes.length < length ? "the file is truncated" : "bytes trail the last value";
    throw new RangeError(
      `Expected ${name} to have ${length} bytes, as its header [${
        shape.join(", ")
      }] says, but found ${bytes.length}: ${problem}`,
    );
  }
  return { shape, values: bytes.subarray(headerLength) };
}

/**
 * The inverse of {@linkcode parseIdx}: an uncompressed IDX file of unsigned bytes.
 *
 * @throws {RangeError} Where `shape` and the number of values disagree.
 *
 * @example
 * ```ts
 * import { encodeIdx } from "@convbench/convbench/data";
 * import { assertEquals } from "@std/assert";
 *
 * const file = encodeIdx({ shape: [3], values: Uint8Array.of(9, 0, 3) });
 * assertEquals([...file], [0, 0, 8, 1, 0, 0, 0, 3, 9, 0, 3]);
 * ```
 */
export function encodeIdx({ shape, values }: IdxArray): Uint8Array<ArrayBuffer> {
  const length = shape.reduce((product, size) => product * size, 1);
  if (values.length !== length) {
    throw new RangeError(`Expected values to have ${length} entries, as shape says, but found ${values.length}`);
  }
  const headerLength = 4 + 4 * shape.length;
  const bytes = new Uint8Array(headerLength + length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, UNSIGNED_BYTE << 8 | shape.length);
  shape.forEach((size, axis) => view.setUint32(4 + 4 * axis, size));
  bytes.set(values, headerLength);
  return bytes;
}

/**
 * `bytes` decompressed where they are gzip, as they are otherwise; `name` is what
 * errors call them.
 *
 * @throws {RangeError} Where they begin as gzip but are truncated or damaged, or
 * something follows the compressed data.
 *
 * @example
 * ```ts
 * import { decompress } from "@convbench/convbench/data";
 * import { assertEquals } from "@std/assert";
 *
 * const zipped = new Blob(["IDX"]).stream().pipeThrough(new CompressionStream("gzip"));
 * const bytes = await decompress(await new Response(zipped).bytes(), "file.gz");
 * assertEquals(new TextDecoder().decode(bytes), "IDX");
 * ```
 */
export async function decompress(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<Uint8Array<ArrayBuffer>> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (cause) {
    throw new RangeError(
      `Expected ${name} to be a whole gzip file but found ${bytes.length} bytes that cannot be decompressed`,
      { cause },
    );
  }
}
