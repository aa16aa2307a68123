/**
 * Made-up images for benchmarks, which need no data set: what a step costs does
 * not depend on the pixels.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { z } from "zod";
import { parseConfig } from "../models/errors.ts";
import { hashSeed, uniformValues } from "../models/random.ts";
import type { Batch } from "./batches.ts";

/** Options of {@linkcode syntheticBatch}. */
export interface SyntheticBatchOptions {
  /** Images in the batch. */
  batchSize: number;
  /** [height, width, channels] of an image. */
  inputShape: readonly [height: number, width: number, channels: number];
  /** Labels are below it. */
  classes: number;
  /** An integer; the same seed gives the same batch on every platform. @default {0} */
  seed?: number;
}

const size = z.int().positive();
const schema = z.strictObject({
  batchSize: size,
  inputShape: z.tuple([size, size, size]),
  classes: size,
  seed: z.int().default(0),
});

/**
 * A batch of uniform noise in [0, 1] with uniform labels, on the current backend.
 * The caller owns its tensors.
 *
 * @throws {TypeError} Where an option is unknown or of the wrong type.
 * @throws {RangeError} Where an option is out of range.
 *
 * @example
 * ```ts
 * import { useBackend } from "@convbench/convbench";
 * import { syntheticBatch } from "@convbench/convbench/data";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend("cpu");
 * const { images, labels } = syntheticBatch({ batchSize: 2, inputShape: [28, 28, 1], classes: 10 });
 * assertEquals(images.shape, [2, 28, 28, 1]);
 * assertEquals(labels.shape, [2]);
 * tf.dispose([images, labels]);
 * ```
 */
export function syntheticBatch(options: SyntheticBatchOptions): Batch {
  const { batchSize, inputShape, classes, seed } = parseConfig(schema, options, "syntheticBatch()");
  const shape: [number, number, number, number] = [batchSize, ...inputShape];
  const pixels = uniformValues(tf.util.sizeFromShape(shape), 0, 1, hashSeed(seed, "images"));
  const generator = xoroshiro128plus(hashSeed(seed, "labels"));
  const labels = Int32Array.from({ length: batchSize }, () => uniformInt(generator, 0, classes - 1));
  return { images: tf.tensor4d(pixels, shape), labels: tf.tensor1d(labels, "int32"), size: batchSize };
}
