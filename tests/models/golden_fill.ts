/**
 * The fill that golden files rest on: weights and images as a hash of their place,
 * the same in every language (tests/fixtures/golden_fill.py).
 *
 * @module
 */

/** A hash of a parameter's place k and a value's flat place i, in [0, 1). */
export function u(k: number, i: number): number {
  let x = Math.imul(i + 1, 0x9E3779B1) ^ Math.imul(k + 1, 0x85EBCA77);
  x ^= x >>> 16;
  x = Math.imul(x, 0x7FEB352D);
  x ^= x >>> 15;
  x = Math.imul(x, 0x846CA68B);
  x ^= x >>> 16;
  return (x >>> 0) / 2 ** 32;
}

/** The same in [-1, 1). */
export const v = (k: number, i: number): number => 2 * u(k, i) - 1;

/** A parameter of a golden file. */
export interface GoldenParameter {
  readonly k: number;
  readonly name: string;
  readonly kind: "conv_w" | "linear_w" | "bias" | "bn_gamma" | "bn_beta";
  readonly shape: number[];
  readonly fan_in?: number;
}

/** The values of a parameter, in PyTorch's order. */
export function parameterValues({ k, kind, shape, fan_in = 1 }: GoldenParameter): Float32Array<ArrayBuffer> {
  const value = {
    conv_w: (r: number) => Math.sqrt(6 / fan_in) * r,
    linear_w: (r: number) => Math.sqrt(6 / fan_in) * r,
    bias: (r: number) => 0.1 * r,
    bn_gamma: (r: number) => 1 + 0.25 * r,
    bn_beta: (r: number) => 0.1 * r,
  }[kind];
  return Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => value(v(k, i)));
}

/** The moving mean of the j-th BatchNorm. */
export const runningMean = (j: number, channels: number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: channels }, (_, i) => 0.1 * v(100_000 + 2 * j, i));

/** The moving variance of the j-th BatchNorm. */
export const runningVar = (j: number, channels: number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: channels }, (_, i) => 0.5 + u(100_000 + 2 * j + 1, i));

/** Images of that NCHW shape, in NCHW order. */
export function images([n, c, h, w]: readonly [number, number, number, number]): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: n * c * h * w }, (_, i) => {
    const [x, y] = [i % w, Math.floor(i / w) % h];
    const [channel, image] = [Math.floor(i / (w * h)) % c, Math.floor(i / (w * h * c))];
    const wave = (y * (image + 1) + 2 * x * (image + 2) + 3 * channel + 5 * image) % 32;
    return 0.5 * v(200_000, i) + wave / 16 - 1;
  });
}
