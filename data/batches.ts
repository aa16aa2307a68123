/**
 * Batches of a set of images: tensors that the consumer owns, in the set's order
 * or shuffled by a seed.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { z } from "zod";
import { parseConfig } from "../models/errors.ts";
import { hashSeed } from "../models/random.ts";
import type { ImageSet } from "./image_set.ts";

/** Images and labels of one step. The consumer disposes both tensors. */
export interface Batch {
  /** `[size, height, width, channels]`, float32 in [0, 1]. */
  readonly images: tf.Tensor4D;
  /** `[size]`, int32: indices of classes. */
  readonly labels: tf.Tensor1D;
  /** How many images there are: `batchSize`, or fewer in the last batch. */
  readonly size: number;
}

/** Options of {@linkcode batches}. */
export interface BatchOptions {
  /** Images in a batch. */
  batchSize: number;
  /** Whether the order is a permutation that follows from `seed` and `epoch`; the set's order otherwise. @default {false} */
  shuffle?: boolean;
  /** An integer; where shuffling starts from. @default {0} */
  seed?: number;
  /** From 0: each epoch has an order of its own. @default {0} */
  epoch?: number;
  /** Leaves out a last batch of fewer than `batchSize` images. @default {false} */
  dropLast?: boolean;
  /** Leaves out the first batches: a resumed run goes on inside an epoch. @default {0} */
  skip?: number;
  /** [height, width] to which images are scaled, bilinear with half-pixel centres and without antialiasing. */
  resize?: readonly [height: number, width: number];
}

const schema = z.strictObject({
  batchSize: z.int().positive(),
  shuffle: z.boolean().default(false),
  seed: z.int().default(0),
  epoch: z.int().nonnegative().default(0),
  dropLast: z.boolean().default(false),
  skip: z.int().nonnegative().default(0),
  resize: z.tuple([z.int().positive(), z.int().positive()]).optional(),
});

/**
 * The batches of an epoch, made one at a time. Every image comes once; the order
 * of a seed and an epoch is the same on every platform and backend.
 *
 * @throws {TypeError} Where an option is unknown or of the wrong type, before the first batch.
 * @throws {RangeError} Where an option is out of range, before the first batch.
 *
 * @example Shuffled, and disposed once used
 * ```ts
 * import { batches, fashionMnist } from "@convbench/convbench/data";
 * import { useBackend } from "@convbench/convbench";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend("cpu");
 * const { test } = await fashionMnist({ source: "sample" });
 * const sizes: number[] = [];
 * for (const { images, labels, size } of batches(test, { batchSize: 128, shuffle: true, seed: 1 })) {
 *   assertEquals(images.shape, [size, 28, 28, 1]);
 *   tf.dispose([images, labels]);
 *   sizes.push(size);
 * }
 * assertEquals(sizes, [128, 72]);
 * ```
 */
export function batches(set: ImageSet, options: BatchOptions): Generator<Batch, void, undefined> {
  // Not a generator function itself: it would check nothing before the first batch is asked for.
  return generate(set, parseConfig(schema, options, "batches()"));
}

function* generate(
  set: ImageSet,
  { batchSize, shuffle, seed, epoch, dropLast, skip, resize }: z.output<typeof schema>,
): Generator<Batch, void, undefined> {
  const order = Uint32Array.from({ length: set.count }, (_, i) => i);
  if (shuffle) permute(order, hashSeed(seed, `shuffle.${epoch}`));
  const end = dropLast ? set.count - set.count % batchSize : set.count;
  for (let start = skip * batchSize; start < end; start += batchSize) {
    yield gather(set, order.subarray(start, start + batchSize), resize);
  }
}

/** Fisher and Yates's shuffle, in place. */
function permute(order: Uint32Array, seed: number): void {
  const generator = xoroshiro128plus(seed);
  for (let i = order.length - 1; i > 0; i--) {
    const j = uniformInt(generator, 0, i);
    [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
  }
}

function gather(
  { images, labels, height, width, channels }: ImageSet,
  indices: Uint32Array,
  resize: [number, number] | undefined,
): Batch {
  const size = indices.length;
  const imageLength = height * width * channels;
  const pixels = new Float32Array(size * imageLength);
  indices.forEach((index, row) => {
    const from = index * imageLength;
    const to = row * imageLength;
    for (let i = 0; i < imageLength; i++) pixels[to + i] = (images[from + i] ?? 0) / 255;
  });
  const [batchImages, batchLabels] = tf.tidy(() => {
    const full = tf.tensor4d(pixels, [size, height, width, channels]);
    return [
      resize === undefined ? full : tf.image.resizeBilinear(full, resize, false, true),
      tf.tensor1d(Int32Array.from(indices, (index) => labels[index] ?? 0), "int32"),
    ] as [tf.Tensor4D, tf.Tensor1D];
  });
  return { images: batchImages, labels: batchLabels, size };
}
