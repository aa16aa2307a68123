/**
 * Training of a classifier: the loop, its numbers, its checkpoints.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { z } from "zod";
import { batches } from "../data/batches.ts";
import type { ImageSet } from "../data/image_set.ts";
import { parseConfig } from "../models/errors.ts";
import { decodeCheckpoint, encodeCheckpoint, type EpochRecord, type Progress, START } from "./checkpoint.ts";
import { countCorrect, evaluate, readScalars, resizeFor } from "./evaluate.ts";
import { softmaxCrossEntropy } from "./loss.ts";
import type { SGD } from "./sgd.ts";

/** What {@linkcode FitOptions.onStep} is told after each step. */
export interface StepReport {
  /** From 1. */
  readonly epoch: number;
  /** From 1, within the epoch. */
  readonly step: number;
  /** Steps in a whole epoch. */
  readonly stepsPerEpoch: number;
  /** Of this batch. */
  readonly loss: number;
  /** Mean of the epoch so far. */
  readonly meanLoss: number;
  /** Of the epoch so far. */
  readonly imagesPerSecond: number;
}

/** Options of {@linkcode fit}. */
export interface FitOptions {
  /** Steps the weights; the caller owns it. */
  optimizer: SGD;
  /** Passes over the set; a resumed run counts those before. @default {1} */
  epochs?: number;
  /** Images in a batch. @default {128} */
  batchSize?: number;
  /** Where the order of the images starts from. @default {0} */
  seed?: number;
  /** Evaluated after each epoch. */
  validation?: ImageSet;
  /** Called after each step. */
  onStep?: (report: StepReport) => void;
  /** Called after each epoch. */
  onEpoch?: (record: EpochRecord) => void;
  /** Takes a checkpoint after each epoch, and when `signal` ends the run. */
  saveCheckpoint?: (bytes: Uint8Array<ArrayBuffer>) => Promise<void> | void;
  /** A checkpoint to go on from. */
  resume?: Uint8Array;
  /** Ends the run after the step under way. */
  signal?: AbortSignal;
}

/** What a run came to. */
export interface FitResult {
  /** What each whole epoch came to. */
  readonly history: EpochRecord[];
  /** Whether `signal` ended it. */
  readonly aborted: boolean;
}

const numbers = z.object({
  epochs: z.int().positive().default(1),
  batchSize: z.int().positive().default(128),
  seed: z.int().default(0),
});

/** One step: forward in training mode, gradients, update. Gives the batch's loss and right answers. */
async function trainBatch(
  model: LayersModel,
  optimizer: SGD,
  { images, labels }: { images: tf.Tensor; labels: tf.Tensor },
): Promise<{ loss: number; correct: number }> {
  const scores = tf.tidy(() => {
    let right: tf.Scalar | undefined;
    const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const { value, grads } = tf.variableGrads(() => {
      const logits = model.apply(images, { training: true }) as tf.Tensor;
      right = tf.keep(countCorrect(logits, labels));
      return softmaxCrossEntropy(logits, labels);
    }, variables);
    optimizer.applyGradients(grads);
    return right === undefined ? [value] : [value, right];
  });
  const [loss = NaN, correct = NaN] = await readScalars(scores);
  tf.dispose(scores);
  return { loss, correct };
}

/**
 * Trains `model` on `set`: shuffled batches, softmax cross entropy, one optimizer
 * step each. Images are resized to the model's input where they differ. Gives the
 * history; a run that goes on from a checkpoint gives what it would have given.
 *
 * @throws {RangeError} Where an option is out of range, or `resume` does not fit the model.
 *
 * @example
 * ```ts
 * import { createModel, fashionMnist, fit, SGD, useBackend } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const model = createModel("d2l/bnlenet");
 * const { train } = await fashionMnist({ source: "sample" });
 * const optimizer = new SGD({ learningRate: 0.1 });
 * const { history } = await fit(model, train, { optimizer, epochs: 1, batchSize: 250 });
 * assertEquals(history.length, 1);
 * optimizer.dispose();
 * model.dispose();
 * ```
 */
export async function fit(model: LayersModel, set: ImageSet, options: FitOptions): Promise<FitResult> {
  const { optimizer, validation, onStep, onEpoch, saveCheckpoint, resume, signal } = options;
  const { epochs, batchSize, seed } = parseConfig(numbers, options, "fit()");
  const progress: Progress = resume === undefined
    ? { ...START, history: [] }
    : decodeCheckpoint(resume, model, optimizer);
  const save = async () => await saveCheckpoint?.(await encodeCheckpoint(model, optimizer, progress));
  const resize = resizeFor(model, set);
  const stepsPerEpoch = Math.ceil(set.count / batchSize);

  while (progress.epoch < epochs) {
    const started = performance.now() - progress.seconds * 1000;
    const order = batches(set, {
      batchSize,
      shuffle: true,
      seed,
      epoch: progress.epoch,
      skip: progress.step,
      ...(resize ? { resize } : {}),
    });
    for (const batch of order) {
      const { loss, correct } = await trainBatch(model, optimizer, batch);
      tf.dispose([batch.images, batch.labels]);
      progress.step++;
      progress.lossSum += loss * batch.size;
      progress.correct += correct;
      progress.images += batch.size;
      progress.seconds = (performance.now() - started) / 1000;
      onStep?.({
        epoch: progress.epoch + 1,
        step: progress.step,
        stepsPerEpoch,
        loss,
        meanLoss: progress.lossSum / progress.images,
        imagesPerSecond: progress.images / progress.seconds,
      });
      // Steps on a synchronous backend would starve timers and signals.
      await tf.nextFrame();
      if (signal?.aborted) {
        await save();
        return { history: progress.history, aborted: true };
      }
    }
    const score = validation && await evaluate(model, validation, { batchSize });
    const record: EpochRecord = {
      epoch: progress.epoch + 1,
      trainLoss: progress.lossSum / progress.images,
      trainAccuracy: progress.correct / progress.images,
      ...(score ? { validationLoss: score.loss, validationAccuracy: score.accuracy } : {}),
      seconds: progress.seconds,
      imagesPerSecond: progress.images / progress.seconds,
    };
    Object.assign(progress, START, { epoch: record.epoch, history: [...progress.history, record] });
    onEpoch?.(record);
    await save();
  }
  return { history: progress.history, aborted: false };
}
