/**
 * A picture in memory.
 *
 * @module
 */

/** A picture: rows from the top, red, green and blue. */
export interface RgbImage {
  /** Pixels in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** `[height, width, 3]`, flat: one byte per colour. */
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** The largest picture that is decoded or made where nothing else is said: Pillow's limit, a quarter gigabyte. */
export const MAX_PIXELS = 89_478_485;

/**
 * `image`, where it is one.
 *
 * @throws {RangeError} Where a side is no positive integer, or `data` has not three bytes per pixel.
 */
export function checkImage(image: RgbImage): RgbImage {
  const { width, height, data } = image;
  for (const [name, value] of Object.entries({ width, height })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`Expected image.${name} to be a positive integer but found ${value}`);
    }
  }
  if (!(data instanceof Uint8Array || data instanceof Uint8ClampedArray)) {
    throw new TypeError("Expected image.data to be a Uint8Array or Uint8ClampedArray");
  }
  if (data.length !== width * height * 3) {
    throw new RangeError(
      `Expected image.data to hold ${width}×${height}×3 = ${width * height * 3} bytes but found ${data.length}`,
    );
  }
  return image;
}
