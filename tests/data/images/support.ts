/**
 * Pictures for the tests of data/images.
 *
 * @module
 */
import fc from "fast-check";
import type { RgbImage } from "../../../data/images/image.ts";

/** The same picture as `pattern` of tests/fixtures/make_images.py draws. */
export function pattern(width: number, height: number): RgbImage {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [c, x, y] = [i % 3, Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    const noise = (x * 1103 + y * 3571 + c * 7919 + x * y * 31) % 97;
    const tile = (Math.floor(x / 7) + Math.floor(y / 5)) % 2 === 0 ? 0 : 90;
    return (x * 5 + y * 3 + c * 60 + noise + tile) % 256;
  });
  return { width, height, data };
}

/** A picture of one colour. */
export function plain(width: number, height: number, colour: readonly [number, number, number]): RgbImage {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => colour[i % 3] ?? 0);
  return { width, height, data };
}

/** `image` with left and right exchanged, or above and below. */
export function mirrored({ width, height, data }: RgbImage, axis: "across" | "down"): RgbImage {
  const result = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = axis === "across" ? y * width + width - 1 - x : (height - 1 - y) * width + x;
      result.set(data.subarray(from * 3, from * 3 + 3), (y * width + x) * 3);
    }
  }
  return { width, height, data: result };
}

/** Pictures of up to 24 × 24 pixels. */
export const images: fc.Arbitrary<RgbImage> = fc.record({
  width: fc.integer({ min: 1, max: 24 }),
  height: fc.integer({ min: 1, max: 24 }),
}).chain(({ width, height }) =>
  fc.uint8Array({ minLength: width * height * 3, maxLength: width * height * 3 })
    .map((data) => ({ width, height, data }))
);
