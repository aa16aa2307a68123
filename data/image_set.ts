/**
 * Labelled images in memory, as bytes: what loaders give and `batches()` takes.
 *
 * @module
 */
import { type IdxArray, parseIdx } from "./idx.ts";

/** Labelled images of one size. */
export interface ImageSet {
  /** `[count, height, width, channels]`, 0 to 255. */
  readonly images: Uint8Array<ArrayBuffer>;
  /** `[count]`: indices of classes. */
  readonly labels: Uint8Array<ArrayBuffer>;
  /** How many images there are. */
  readonly count: number;
  /** In pixels. */
  readonly height: number;
  /** In pixels. */
  readonly width: number;
  /** 1: grey. */
  readonly channels: number;
}

/** An uncompressed IDX file and what errors call it. */
export interface NamedFile {
  /** A path or an address. */
  readonly name: string;
  /** Its content, uncompressed. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * The set that two uncompressed IDX files hold, images and labels, of `classes` classes.
 *
 * @throws {RangeError} Where one of them is no whole IDX file of its kind, their
 * counts differ, or a label is not below `classes`.
 *
 * @example
 * ```ts
 * import { encodeIdx, parseImageSet } from "@convbench/convbench/data";
 * import { assertEquals } from "@std/assert";
 *
 * const images = encodeIdx({ shape: [1, 2, 2], values: Uint8Array.of(0, 64, 128, 255) });
 * const labels = encodeIdx({ shape: [1], values: Uint8Array.of(9) });
 * const set = parseImageSet({ name: "images", bytes: images }, { name: "labels", bytes: labels }, 10);
 * assertEquals([set.count, set.height, set.width, set.channels], [1, 2, 2, 1]);
 * ```
 */
export function parseImageSet(imageFile: NamedFile, labelFile: NamedFile, classes: number): ImageSet {
  const images: IdxArray = parseIdx(imageFile.bytes, { rank: 3, name: imageFile.name });
  const labels: IdxArray = parseIdx(labelFile.bytes, { rank: 1, name: labelFile.name });
  const [count = 0, height = 0, width = 0] = images.shape;
  if (labels.values.length !== count) {
    throw new RangeError(
      `Expected ${labelFile.name} to hold ${count} labels, as many as ${imageFile.name} holds images, but found ${labels.values.length}`,
    );
  }
  const wrong = labels.values.findIndex((label) => label >= classes);
  if (wrong !== -1) {
    throw new RangeError(
      `Expected the labels of ${labelFile.name} to be below ${classes} but found ${labels.values[wrong]} at ${wrong}`,
    );
  }
  return { images: images.values, labels: labels.values, count, height, width, channels: 1 };
}
