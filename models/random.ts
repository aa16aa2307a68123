/**
 * Seeded randomness: every weight and every dropout layer draws from a stream of
 * its own, so that a net's numbers depend on its seed and its layers' names and
 * not on the backend or on the order in which layers are made.
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
