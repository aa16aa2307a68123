/**
 * Pillow's resampling: what torchvision and timm resize a picture with before a
 * network sees it.
 *
 * @module
 */
import { z } from "zod";
import { parseConfig } from "../../models/errors.ts";
import { checkImage, MAX_PIXELS, type RgbImage } from "./image.ts";

/** How a pixel is made of its neighbours. */
export type Interpolation = "bilinear" | "bicubic";

/** All of {@linkcode Interpolation}. */
export const INTERPOLATIONS: readonly Interpolation[] = ["bilinear", "bicubic"];

/** Options of {@linkcode resize}. */
export interface ResizeOptions {
  /** Pixels in a row of the result. */
  width: number;
  /** Rows of the result. */
  height: number;
  /** How a pixel is made of its neighbours. @default {"bilinear"} */
  interpolation?: Interpolation;
  /**
   * The part of the result that is wanted; the rest is not computed. All of it where it is left out.
   */
  window?: PixelWindow;
}

/** A part of a picture. */
export interface PixelWindow {
  /** The first column. */
  left: number;
  /** The first row. */
  top: number;
  /** Columns. */
  width: number;
  /** Rows. */
  height: number;
}

const side = z.int().positive();
const offset = z.int().nonnegative();
const resizeOptions = z.strictObject({
  width: side,
  height: side,
  interpolation: z.enum(INTERPOLATIONS).default("bilinear"),
  window: z.strictObject({ left: offset, top: offset, width: side, height: side }).optional(),
});

/** A kernel, and how far from 0 it reaches. */
interface Filter {
  readonly support: number;
  readonly weight: (x: number) => number;
}

const FILTERS: Readonly<Record<Interpolation, Filter>> = {
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: {
    support: 2,
    weight(x) {
      const a = -0.5;
      const t = Math.abs(x);
      if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
      return t < 2 ? (((t - 5) * t + 8) * t - 4) * a : 0;
    },
  },
};

/** Bits behind the point of a weight: 32, less 8 of the pixel, less 2 for sums that overshoot. */
const PRECISION = 22;

/** What a sum starts from, so that cutting off the bits behind the point rounds. */
const HALF = 1 << (PRECISION - 1);

/** Along one axis: of which pixels each pixel of the result is made. */
interface Taps {
  /** The first pixel of each. */
  readonly starts: Int32Array;
  /** How many. */
  readonly counts: Int32Array;
  /** Their weights, times 2 to the {@linkcode PRECISION}, `stride` apart. */
  readonly weights: Int32Array;
  readonly stride: number;
}

/** Taps of the pixels `first` to `first + count` of `outSize` that `inSize` become (Pillow's `precompute_coeffs`). */
function tapsOf({ support, weight }: Filter, inSize: number, outSize: number, first: number, count: number): Taps {
  const scale = inSize / outSize;
  // Shrinking, a pixel is made of all that it covers: this is the antialiasing.
  const stretch = Math.max(1, scale);
  const reach = support * stretch;
  const stride = Math.ceil(reach) * 2 + 1;
  const starts = new Int32Array(count);
  const counts = new Int32Array(count);
  const weights = new Int32Array(count * stride);
  const exact = new Float64Array(stride);
  for (let i = 0; i < count; i++) {
    const center = (first + i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - reach + 0.5));
    const taps = Math.min(inSize, Math.trunc(center + reach + 0.5)) - start;
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      const value = weight((tap + start - center + 0.5) * (1 / stretch));
      exact[tap] = value;
      sum += value;
    }
    for (let tap = 0; tap < taps; tap++) {
      const value = (exact[tap] ?? 0) / sum * 2 ** PRECISION;
      weights[i * stride + tap] = Math.trunc(value < 0 ? value - 0.5 : value + 0.5);
    }
    starts[i] = start;
    counts[i] = taps;
  }
  return { starts, counts, weights, stride };
}

/** A part of a picture, cut out or the only one computed so far. */
interface Part extends PixelWindow {
  /** `[height, width, 3]`, flat. */
  readonly data: RgbImage["data"];
}

/** From the first to behind the last pixel that is read. */
function extentOf({ starts, counts }: Taps): readonly [first: number, end: number] {
  return [starts[0] ?? 0, (starts.at(-1) ?? 0) + (counts.at(-1) ?? 0)];
}

/** The rows `first` to `end` of `part`, resampled along the row. */
function alongRows(part: Part, [first, end]: readonly [number, number], taps: Taps): Part {
  const { starts, counts, weights, stride } = taps;
  const width = starts.length;
  const data = new Uint8ClampedArray((end - first) * width * 3);
  for (let row = first, to = 0; row < end; row++) {
    for (let column = 0; column < width; column++, to += 3) {
      let [red, green, blue] = [HALF, HALF, HALF];
      let from = ((row - part.top) * part.width + (starts[column] ?? 0) - part.left) * 3;
      const begin = column * stride;
      const behind = begin + (counts[column] ?? 0);
      for (let tap = begin; tap < behind; tap++, from += 3) {
        const weight = weights[tap] ?? 0;
        red += (part.data[from] ?? 0) * weight;
        green += (part.data[from + 1] ?? 0) * weight;
        blue += (part.data[from + 2] ?? 0) * weight;
      }
      // The array clamps to a byte.
      data[to] = red >> PRECISION;
      data[to + 1] = green >> PRECISION;
      data[to + 2] = blue >> PRECISION;
    }
  }
  return { data, left: 0, top: first, width, height: end - first };
}

/** The columns `first` to `end` of `part`, resampled down the column. */
function alongColumns(part: Part, [first, end]: readonly [number, number], taps: Taps): Part {
  const { starts, counts, weights, stride } = taps;
  const [width, height] = [end - first, starts.length];
  const data = new Uint8ClampedArray(height * width * 3);
  const sums = new Int32Array(width * 3);
  for (let row = 0; row < height; row++) {
    sums.fill(HALF);
    for (let tap = 0; tap < (counts[row] ?? 0); tap++) {
      const weight = weights[row * stride + tap] ?? 0;
      const from = (((starts[row] ?? 0) + tap - part.top) * part.width + first - part.left) * 3;
      for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] ?? 0) + (part.data[from + i] ?? 0) * weight;
    }
    for (let i = 0; i < sums.length; i++) data[row * sums.length + i] = (sums[i] ?? 0) >> PRECISION;
  }
  return { data, left: first, top: 0, width, height };
}

/**
 * `image` at another size, byte for byte as Pillow's `Image.resize` makes it:
 * along rows and along columns, each time with weights of 22 bits behind the point
 * and rounded to a byte; shrinking, the filter widens with the scale.
 *
 * @param image Is not changed.
 * @returns A new image of the size asked for, or of its window.
 * @throws {RangeError} Where a size is not positive, the window does not lie in the
 * result, or the result or its window has more than 89,478,485 pixels.
 *
 * @example
 * ```ts
 * import { resize } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * const image = { width: 2, height: 1, data: Uint8Array.of(0, 0, 0, 90, 60, 30) };
 * assertEquals([...resize(image, { width: 1, height: 1 }).data], [45, 30, 15]);
 * ```
 */
export function resize(image: RgbImage, options: ResizeOptions): RgbImage {
  const { data } = checkImage(image);
  const parsed = parseConfig(resizeOptions, options, "resize()");
  const { width, height, interpolation } = parsed;
  const window = parsed.window ?? { left: 0, top: 0, width, height };
  if (window.left + window.width > width || window.top + window.height > height) {
    throw new RangeError(
      `Expected the window ${window.width}×${window.height} at ${window.left}, ${window.top} of resize() ` +
        `to lie in ${width}×${height}`,
    );
  }
  if (window.width * window.height > MAX_PIXELS) {
    throw new RangeError(
      `Expected resize() to give at most ${MAX_PIXELS} pixels but found ${window.width}×${window.height}`,
    );
  }
  const filter = FILTERS[interpolation];
  const across = tapsOf(filter, image.width, width, window.left, window.width);
  const down = tapsOf(filter, image.height, height, window.top, window.height);
  const whole: Part = { data, left: 0, top: 0, width: image.width, height: image.height };
  // Pillow's rule since 13: columns first where that leaves out far more rows than the other order does columns. Up to
  // 12 rows always came first, which differs by a level here and there in pictures twice as high as wide.
  const columnsFirst = height < image.height && image.height - height > 2 * (image.width - width);
  const part = columnsFirst
    ? alongRows(alongColumns(whole, extentOf(across), down), [0, window.height], across)
    : alongColumns(alongRows(whole, extentOf(down), across), [0, window.width], down);
  return { width: window.width, height: window.height, data: part.data };
}
