/**
 * Schemas that layers' options share, with PyTorch's meaning of a window.
 *
 * @module
 */
import { z } from "zod";
import { InputTooSmallError } from "../errors.ts";

/** A size for height and width, or one for each. */
export type Pair = number | readonly [height: number, width: number];

/** Positive sizes, one or two: becomes [height, width]. */
export const positivePair: z.ZodType<[number, number], Pair> = pairOf(z.int().positive());
/** Sizes from zero on, one or two: becomes [height, width]. */
export const pair: z.ZodType<[number, number], Pair> = pairOf(z.int().nonnegative());

function pairOf(size: z.ZodInt): z.ZodType<[number, number], Pair> {
  // Not a union: its errors would not say which number was wrong.
  return z.preprocess((value) => Array.isArray(value) ? value : [value, value], z.tuple([size, size])) as z.ZodType<
    [number, number],
    Pair
  >;
}

/** A window that slides along one axis. */
export interface Window {
  readonly kernelSize: number;
  readonly stride: number;
  /** Added on both ends. */
  readonly padding: number;
  readonly dilation?: number;
  /** Whether a last window that only partly fits counts, as `ceil_mode` of PyTorch. */
  readonly ceilMode?: boolean;
}

/**
 * Places that a window has along an axis of `size`: PyTorch's formula. With
 * `ceilMode` the last window has to start inside the input or its left padding.
 *
 * @throws {RangeError} Where there is none.
 */
export function outputSize(
  size: number,
  { kernelSize, stride, padding, dilation = 1, ceilMode = false }: Window,
  subject: string,
): number {
  const extent = dilation * (kernelSize - 1) + 1;
  const steps = (size + 2 * padding - extent) / stride;
  let count = (ceilMode ? Math.ceil(steps) : Math.floor(steps)) + 1;
  if (ceilMode && (count - 1) * stride >= size + padding) count--;
  if (count < 1) {
    const minimum = Math.max(1, extent - 2 * padding - (ceilMode ? stride - 1 : 0));
    throw new InputTooSmallError(`Expected the input of ${subject} to be at least ${minimum} wide but found ${size}`);
  }
  return count;
}
