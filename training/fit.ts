/**
 * Training of a classifier: the loop, its numbers, its checkpoints.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { type Batch, batches } from "../data/batches.ts";
import type { ImageSet } from "../data/image_set.ts";
import { show } from "../models/errors.ts";
import {
  decodeCheckpoint,
  encodeCheckpoint,
  type EpochRecord,
  type Progress,
  START,
  type TrainingState,
} from "./checkpoint.ts";
import { countCorrect, Evaluator, readScalars, requireEmaOf, resizeFor } from "./evaluate.ts";
import { checkFitOptions, type FitOptions, type FitResult } from "./fit_options.ts";
import { type GradScaler, lossScaling } from "./grad_scaler.ts";
import { softmaxCrossEntropy } from "./loss.ts";
import type { LearningRateSchedule } from "./schedule.ts";
import { lossWeightsOf, trainStep } from "./train_step.ts";

export type { FitOptions, FitResult, StepReport } from "./fit_options.ts";

/** The learning rate that `schedule` has for `step`. */
function rateAt(schedule: LearningRateSchedule, step: number): number {
  const rate = schedule(step);
  if (Number.isFinite(rate) && rate >= 0) return rate;
  throw new RangeError(
    `Expected schedule of fit() to give a rate of at least 0 but found ${show(rate)} at step ${step}`,
  );
}

/** A scale that no gradient needs: fairseq's `min_loss_scale`. */
const LEAST_SCALE = 1e-4;

/** Throws where a step, at `where`, shows that the run is lost. */
function requireNumbers(loss: number, scaler: GradScaler | undefined, where: string): void {
  if (Number.isNaN(loss)) {
    const weights = scaler === undefined ? "the weights are lost" : "the weights are those before it";
    throw new Error(`Expected a loss but found NaN at ${where}: ${weights}`);
  }
  if (scaler !== undefined && scaler.state.goodSteps === 0 && scaler.scale < LEAST_SCALE) {
    throw new Error(
      `Expected finite gradients but found none down to a loss scale of ${scaler.scale} at ${where}: ` +
        "the weights are those of the last step that had some",
    );
  }
}

/**
 * Trains `model` on `set`: shuffled batches, softmax cross entropy, one optimizer
 * step each. Images are resized to the model's input where they differ. Gives the
 * history; a run that goes on from a checkpoint gives what it would have given.
 *
 * @throws {RangeError} Where an option is out of range or does not fit the model, or `resume` does not fit the run.
 * @throws {Error} Where a loss is not a number, or gradients are not finite whatever the scale of the loss; the message
 * names the step.
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
  const { epochs, batchSize, seed, labelSmoothing, compile, precision, clipNorm, ...parsed } = checkFitOptions(options);
  const lossWeights = lossWeightsOf(model, parsed.lossWeights, "fit()");
  if (ema !== undefined) requireEmaOf(model, ema);
  const lossScale = lossScaling(parsed.lossScale, { compile, precision });
  const scaler = typeof lossScale === "number" ? undefined : lossScale;
  const run: TrainingState = { model, optimizer, ...(ema ? { ema } : {}), ...(scaler ? { scaler } : {}) };
  const progress: Progress = resume === undefined ? { ...START, history: [] } : decodeCheckpoint(resume, run);
  const save = async () => await saveCheckpoint?.(await encodeCheckpoint(run, progress));
  const resize = resizeFor(model, set);
  const stepsPerEpoch = Math.ceil(set.count / batchSize);
  // Validated once an epoch: what one validation compiles serves all.
  const validations = (validation?.count ?? 0) * (epochs - progress.epoch);
  const evaluator = new Evaluator(model, validations, { batchSize, compile, precision }, "fit()");
  const validate = async (set: ImageSet) =>
    await (ema === undefined ? evaluator.evaluate(set) : ema.during(() => evaluator.evaluate(set)));
  const step = trainStep(
    model,
    optimizer,
    (logits, labels) => softmaxCrossEntropy(logits, labels, { labelSmoothing }),
    {
      compile,
      precision,
      lossWeights,
      clipNorm,
      lossScale,
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
      const where = `step ${progress.step + 1} of epoch ${progress.epoch + 1}`;
      requireNumbers(loss, scaler, `${where}, with learning rate ${optimizer.learningRate}`);
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
      const score = validation && await validate(validation);
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
    evaluator.dispose();
  }
}
