/**
 * Seeded randomness: every weight and every dropout layer draws from a stream of
 * its own, so that a net's numbers depend on its seed and its layers' names and
 * not on the order in which layers are made. Weights do not depend on the backend
 * either; masks are drawn on the device where a backend can.
 *
 * @module
 */
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** A 32-bit hash of `text` that starts from `seed` (FNV-1a). */
export function hashSeed(seed: number, text: string): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  }
  return hash;
}

/** `count` values, uniform in [low, high), the same for the same seed everywhere. */
export function uniformValues(count: number, low: number, high: number, seed: number): Float32Array<ArrayBuffer> {
  const generator = xoroshiro128plus(seed);
  const scale = (high - low) / 2 ** 32;
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = low + (generator.next() >>> 0) * scale;
  return values;
}

/** `count` values, normal around 0, the same for the same seed everywhere (Box and Muller 1958). */
export function normalValues(count: number, standardDeviation: number, seed: number): Float32Array<ArrayBuffer> {
  const pairs = Math.ceil(count / 2);
  const uniform = uniformValues(2 * pairs, 0, 1, seed);
  const values = new Float32Array(2 * pairs);
  for (let i = 0; i < 2 * pairs; i += 2) {
    // 1 - u is in (0, 1]: its logarithm is finite.
    const radius = standardDeviation * Math.sqrt(-2 * Math.log(1 - Math.min(uniform[i] ?? 0, 1 - 2 ** -24)));
    const angle = 2 * Math.PI * (uniform[i + 1] ?? 0);
    values[i] = radius * Math.cos(angle);
    values[i + 1] = radius * Math.sin(angle);
  }
  return values.subarray(0, count);
}
