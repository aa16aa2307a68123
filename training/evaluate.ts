/**
 * A model's loss and accuracy on a set of images.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { batches } from "../data/batches.ts";
import type { ImageSet } from "../data/image_set.ts";
import type { ModelEma } from "./ema.ts";
import { softmaxCrossEntropy } from "./loss.ts";

/** Options of {@linkcode evaluate}. */
export interface EvaluateOptions {
  /** Images in a batch. @default {128} */
  batchSize?: number;
  /** Whose average of the weights is evaluated, in place of the weights; they are back afterwards. */
  ema?: ModelEma;
}

/** Means over the images. */
export interface Evaluation {
  /** Cross entropy. */
  readonly loss: number;
  /** In [0, 1]. */
  readonly accuracy: number;
}

/** Right answers among `logits`; the caller owns it. */
export function countCorrect(logits: tf.Tensor, labels: tf.Tensor): tf.Scalar {
  return tf.tidy(() => tf.sum(tf.cast(tf.equal(tf.argMax(logits, 1), labels), "float32")));
}

/** The values of scalars; the caller still owns them. */
export async function readScalars(scalars: readonly tf.Tensor[]): Promise<number[]> {
  return await Promise.all(scalars.map(async (scalar) => (await scalar.data())[0] ?? NaN));
}

/** [height, width] that images of `set` have to be resized to for `model`, if they have to. */
export function resizeFor(model: LayersModel, set: ImageSet): [number, number] | undefined {
  const [, height, width] = model.inputs[0]?.shape ?? [];
  if (height == null || width == null) return undefined;
  return height === set.height && width === set.width ? undefined : [height, width];
}

/**
 * Throws where `ema` averages another model's weights.
 *
 * @throws {RangeError} Where it lacks a weight of `model`.
 */
export function requireEmaOf(model: LayersModel, ema: ModelEma): void {
  if (!ema.covers(model)) {
    throw new RangeError(`Expected ema to average the weights of ${model.name} but found those of ${ema.model.name}`);
  }
}

/**
 * Runs `model` over `set` in evaluation mode: moving statistics, no dropout.
 * Images are resized to the model's input where they differ. Where the model has
 * several outputs the main one, the first, is what counts.
 *
 * @throws {RangeError} Where `batchSize` is not a positive integer, or `ema` is of another model.
 *
 * @example
 * ```ts
 * import { createModel, evaluate, fashionMnist, useBackend } from "@convbench/convbench";
 * import { assert } from "@std/assert";
 *
 * await useBackend();
 * const model = createModel("d2l/bnlenet");
 * const { test } = await fashionMnist({ source: "sample" });
 * const { accuracy } = await evaluate(model, test);
 * assert(accuracy >= 0 && accuracy <= 1);
 * model.dispose();
 * ```
 */
export async function evaluate(
  model: LayersModel,
  set: ImageSet,
  { batchSize = 128, ema }: EvaluateOptions = {},
): Promise<Evaluation> {
  if (ema === undefined) return await score(model, set, batchSize);
  requireEmaOf(model, ema);
  return await ema.during(() => score(model, set, batchSize));
}

async function score(model: LayersModel, set: ImageSet, batchSize: number): Promise<Evaluation> {
  let [loss, correct, images] = [0, 0, 0];
  const resize = resizeFor(model, set);
  for (const batch of batches(set, { batchSize, ...(resize ? { resize } : {}) })) {
    const { images: pixels, labels } = batch;
    let scores: tf.Scalar[] = [];
    try {
      scores = tf.tidy(() => {
        const [logits] = [model.apply(pixels, { training: false }) as tf.Tensor | tf.Tensor[]].flat();
        if (logits === undefined) throw new RangeError(`Expected ${model.name} to have an output but found none`);
        return [softmaxCrossEntropy(logits, labels), countCorrect(logits, labels)];
      });
    } finally {
      tf.dispose([pixels, labels]);
    }
    const [mean = NaN, right = NaN] = await readScalars(scores);
    tf.dispose(scores);
    loss += mean * batch.size;
    correct += right;
    images += batch.size;
  }
  return { loss: loss / images, accuracy: correct / images };
}
