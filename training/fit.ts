/**
 * Training of a classifier: the loop, its numbers, its checkpoints.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { z } from "zod";
import type { Precision } from "../backends/compiler.ts";
import { type Batch, batches } from "../data/batches.ts";
import type { ImageSet } from "../data/image_set.ts";
import { parseConfig, show } from "../models/errors.ts";
import {
  decodeCheckpoint,
  encodeCheckpoint,
  type EpochRecord,
  type Progress,
  START,
  type TrainingState,
} from "./checkpoint.ts";
import { type CompileChoice, compileOptions } from "./compiled.ts";
import type { ModelEma } from "./ema.ts";
import { countCorrect, evaluate, readScalars, requireEmaOf, resizeFor } from "./evaluate.ts";
import { labelSmoothingOption, softmaxCrossEntropy } from "./loss.ts";
import type { StatefulOptimizer } from "./optimizer.ts";
import type { LearningRateSchedule } from "./schedule.ts";
import { lossWeightsOf, trainStep } from "./train_step.ts";

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
  /** That the step was taken with. */
  readonly learningRate: number;
  /** Mean of the epoch so far. */
  readonly meanLoss: number;
  /** Of the epoch so far. */
  readonly imagesPerSecond: number;
}

/** Options of {@linkcode fit}. */
export interface FitOptions {
  /** Steps the weights: SGD, RMSProp or AdamW; the caller owns it. */
  optimizer: StatefulOptimizer;
  /** Passes over the set; a resumed run counts those before. @default {1} */
  epochs?: number;
  /** Images in a batch. @default {128} */
  batchSize?: number;
  /** Where the order of the images starts from. @default {0} */
  seed?: number;
  /** The learning rate of each step, counted over all epochs; the optimizer's own stays where it is left out. */
  schedule?: LearningRateSchedule;
  /** The share of each label that is spread over all classes, in training only. @default {0} */
  labelSmoothing?: number;
  /**
   * What the loss of each output is multiplied by, the main one's first: `[1, 0.3, 0.3]` for GoogLeNet with its two
   * auxiliary classifiers (Szegedy et al. 2015). 1 each where left out.
   */
  lossWeights?: readonly number[];
  /** The most that the norm of all gradients, as one vector, may be; no limit where left out. */
  clipNorm?: number;
  /** Whether steps are compiled: {@linkcode trainStep}. @default {"auto"} */
  compile?: CompileChoice;
  /** What products of compiled steps are computed in; weights stay float32. @default {"float32"} */
  precision?: Precision;
  /** An average of the model's weights, updated after each step and evaluated in their place; the caller owns it. */
  ema?: ModelEma;
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
  labelSmoothing: labelSmoothingOption,
  lossWeights: z.array(z.number().nonnegative()).optional(),
  clipNorm: z.number().positive().optional(),
  ...compileOptions,
});

/** The learning rate that `schedule` has for `step`. */
function rateAt(schedule: LearningRateSchedule, step: number): number {
  const rate = schedule(step);
  if (Number.isFinite(rate) && rate >= 0) return rate;
  throw new RangeError(
    `Expected schedule of fit() to give a rate of at least 0 but found ${show(rate)} at step ${step}`,
  );
}

/**
 * Trains `model` on `set`: shuffled batches, softmax cross entropy, one optimizer
 * step each. Images are resized to the model's input where they differ. Gives the
 * history; a run that goes on from a checkpoint gives what it would have given.
 *
 * @throws {RangeError} Where an option is out of range or does not fit the model, or `resume` does not fit the run.
 * @throws {Error} Where a loss is not a number; the message names the step.
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
  const { optimizer, schedule, ema, validation, onStep, onEpoch, saveCheckpoint, resume, signal } = options;
  const { epochs, batchSize, seed, labelSmoothing, compile, precision, clipNorm, ...parsed } = parseConfig(
    numbers,
    options,
    "fit()",
  );
  const lossWeights = lossWeightsOf(model, parsed.lossWeights, "fit()");
  if (ema !== undefined) requireEmaOf(model, ema);
  const run: TrainingState = { model, optimizer, ...(ema ? { ema } : {}) };
  const progress: Progress = resume === undefined ? { ...START, history: [] } : decodeCheckpoint(resume, run);
  const save = async () => await saveCheckpoint?.(await encodeCheckpoint(run, progress));
  const resize = resizeFor(model, set);
  const stepsPerEpoch = Math.ceil(set.count / batchSize);
  const step = trainStep(
    model,
    optimizer,
    (logits, labels) => softmaxCrossEntropy(logits, labels, { labelSmoothing }),
    {
      compile,
      precision,
      lossWeights,
      clipNorm,
      metrics: { correct: countCorrect },
    },
  );
  const stepOn = async (batch: Batch) => {
    try {
      if (schedule !== undefined) {
        optimizer.learningRate = rateAt(schedule, progress.epoch * stepsPerEpoch + progress.step);
      }
      const scores = step(batch.images, batch.labels);
      const [loss = NaN, correct = NaN] = await readScalars([scores.loss, scores.correct]);
      tf.dispose(scores);
      if (Number.isNaN(loss)) {
        throw new Error(
          `Expected a loss but found NaN at step ${progress.step + 1} of epoch ${progress.epoch + 1}, ` +
            `with learning rate ${optimizer.learningRate}: the weights are lost`,
        );
      }
      return { loss, correct };
    } finally {
      tf.dispose([batch.images, batch.labels]);
    }
  };

  try {
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
        const { loss, correct } = await stepOn(batch);
        ema?.update();
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
          learningRate: optimizer.learningRate,
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
      const score = validation && await evaluate(model, validation, { batchSize, ...(ema ? { ema } : {}) });
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
  } finally {
    step.dispose();
  }
}
