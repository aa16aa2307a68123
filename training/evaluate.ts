/**
 * A model's loss and accuracy on a set of images.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { z } from "zod";
import type { Precision } from "../backends/compiler.ts";
import { type Batch, batches } from "../data/batches.ts";
import type { ImageSet } from "../data/image_set.ts";
import { parseConfig } from "../models/errors.ts";
import { type CompileChoice, compileOptions, type PerhapsCompiled, perhapsCompiled } from "./compiled.ts";
import type { ModelEma } from "./ema.ts";
import { softmaxCrossEntropy } from "./loss.ts";

/** Options of {@linkcode evaluate}. */
export interface EvaluateOptions {
  /** Images in a batch. @default {128} */
  batchSize?: number;
  /** Whose average of the weights is evaluated, in place of the weights; they are back afterwards. */
  ema?: ModelEma;
  /**
   * Whether batches are compiled: `auto` where the backend can and there are enough of them to win back what compiling
   * costs, or where `precision` needs it; `true` throws where the backend cannot. @default {"auto"}
   */
  compile?: CompileChoice;
  /** What products of compiled batches are computed in. @default {"float32"} */
  precision?: Precision;
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

const schema = z.object({ batchSize: z.int().positive().default(128), ...compileOptions });

/**
 * Batches from which on `auto` compiles. Recording and the first run cost about as much as they save in a few batches;
 * in a dozen or two where the network is as small as LeNet.
 */
export const ENOUGH_BATCHES = 24;

/** What a batch comes to: its mean cross entropy, and how many of its images are classified right. */
type Score = [loss: tf.Scalar, correct: tf.Scalar];

/** A batch of `rows` images: filled up with its first one, whose label there is of no class. */
function filled({ images, labels, size }: Batch, rows: number): { images: tf.Tensor; labels: tf.Tensor } {
  const source = Int32Array.from({ length: rows }, (_, i) => i < size ? i : 0);
  return tf.tidy(() => ({
    images: tf.gather(images, tf.tensor1d(source, "int32")),
    labels: tf.pad(labels, [[0, rows - size]], -1),
  }));
}

/** Evaluates one model again and again: what it compiles serves each time, since weights are read anew. */
export class Evaluator {
  readonly #model: LayersModel;
  readonly #batchSize: number;
  readonly #score: PerhapsCompiled<[images: tf.Tensor, labels: tf.Tensor], Score>;

  /**
   * Takes a model, which stays the caller's, and how many images it is going to see in all.
   *
   * @throws {RangeError} Where an option is out of range.
   * @throws {Error} With `compile: true`, where the backend cannot compile.
   */
  constructor(model: LayersModel, images: number, options: Omit<EvaluateOptions, "ema">, caller: string) {
    const { batchSize, compile, precision } = parseConfig(schema, options, caller);
    const isWorthIt = precision !== "float32" || images / batchSize >= ENOUGH_BATCHES;
    this.#model = model;
    this.#batchSize = batchSize;
    const score = (images: tf.Tensor, labels: tf.Tensor): Score =>
      tf.tidy(() => {
        const [logits] = [model.apply(images, { training: false }) as tf.Tensor | tf.Tensor[]].flat();
        if (logits === undefined) throw new RangeError(`Expected ${model.name} to have an output but found none`);
        return [softmaxCrossEntropy(logits, labels), countCorrect(logits, labels)];
      });
    const choice = compile === "auto" && !isWorthIt ? false : compile;
    this.#score = perhapsCompiled(score, `Evaluation of ${model.name}`, choice, { precision });
  }

  /** Whether batches are compiled from here on. */
  get compiled(): boolean {
    return this.#score.compiled;
  }

  /** What has been compiled. */
  get signatures(): PerhapsCompiled<[tf.Tensor, tf.Tensor], Score>["signatures"] {
    return this.#score.signatures;
  }

  /** Runs the model over `set`, with its weights as they are now. */
  async evaluate(set: ImageSet): Promise<Evaluation> {
    let [loss, correct] = [0, 0];
    const resize = resizeFor(this.#model, set);
    for (const batch of batches(set, { batchSize: this.#batchSize, ...(resize ? { resize } : {}) })) {
      const { mean, right, rows } = await this.#run(batch, set);
      loss += mean * rows;
      correct += right;
    }
    return { loss: loss / set.count, accuracy: correct / set.count };
  }

  /** Scores a batch, which is freed. Where batches are compiled, a last one of fewer images is filled up: no shape is new. */
  async #run(batch: Batch, set: ImageSet): Promise<{ mean: number; right: number; rows: number }> {
    const rows = this.compiled ? Math.min(this.#batchSize, set.count) : batch.size;
    let [scores, whole]: [tf.Tensor[], { images: tf.Tensor; labels: tf.Tensor }] = [[], batch];
    try {
      if (rows > batch.size) whole = filled(batch, rows);
      scores = this.#score(whole.images, whole.labels);
      const [mean = NaN, right = NaN] = await readScalars(scores);
      return { mean, right, rows };
    } finally {
      tf.dispose([scores, batch.images, batch.labels, whole.images, whole.labels]);
    }
  }

  /** Frees what has been compiled. */
  dispose(): void {
    this.#score.dispose();
  }
}

/**
 * Runs `model` over `set` in evaluation mode: moving statistics, no dropout.
 * Images are resized to the model's input where they differ. Where the model has
 * several outputs the main one, the first, is what counts.
 *
 * @throws {RangeError} Where an option is out of range, or `ema` is of another model.
 * @throws {Error} With `compile: true`, where the backend cannot compile.
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
  { ema, ...options }: EvaluateOptions = {},
): Promise<Evaluation> {
  if (ema !== undefined) requireEmaOf(model, ema);
  const evaluator = new Evaluator(model, set.count, options, "evaluate()");
  try {
    return await (ema === undefined ? evaluator.evaluate(set) : ema.during(() => evaluator.evaluate(set)));
  } finally {
    evaluator.dispose();
  }
}
