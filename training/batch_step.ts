/**
 * One step of training: forward, gradients, update.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { show } from "../models/errors.ts";
import { clipByGlobalNorm } from "./clip.ts";
import { countCorrect, readScalars } from "./evaluate.ts";
import { softmaxCrossEntropy } from "./loss.ts";
import type { StatefulOptimizer } from "./optimizer.ts";

/** Options of {@linkcode trainOnBatch}. */
export interface BatchStepOptions {
  /** Of the loss. */
  readonly labelSmoothing: number;
  /** What each output's loss is multiplied by, the main one's first. */
  readonly lossWeights: readonly number[];
  /** The most that the norm of all gradients may be, if there is a limit. */
  readonly clipNorm?: number | undefined;
}

/**
 * The weights of the losses of `model`'s outputs: 1 each where `given` is left out.
 *
 * @throws {RangeError} Where there are more or fewer than the model has outputs.
 */
export function lossWeightsOf(model: LayersModel, given: readonly number[] | undefined): readonly number[] {
  const { length } = model.outputs;
  if (given === undefined) return Array<number>(length).fill(1);
  if (given.length !== length) {
    const entries = length === 1 ? "1 entry" : `${length} entries`;
    throw new RangeError(
      `Expected lossWeights of fit() to have ${entries}, one an output of ${model.name}, but found ${show(given)}`,
    );
  }
  return given;
}

/** Trains on one batch; gives its loss, over all outputs, and the right answers of the main output. */
export async function trainOnBatch(
  model: LayersModel,
  optimizer: StatefulOptimizer,
  { images, labels }: { images: tf.Tensor; labels: tf.Tensor },
  { labelSmoothing, lossWeights, clipNorm }: BatchStepOptions,
): Promise<{ loss: number; correct: number }> {
  const scores = tf.tidy(() => {
    let right: tf.Scalar | undefined;
    const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const { value, grads } = tf.variableGrads(() => {
      const outputs = [model.apply(images, { training: true }) as tf.Tensor | tf.Tensor[]].flat();
      const losses = outputs.map((logits, i) => {
        const loss = softmaxCrossEntropy(logits, labels, { labelSmoothing });
        const weight = lossWeights[i] ?? 1;
        return weight === 1 ? loss : tf.mul(loss, weight) as tf.Scalar;
      });
      const [main] = outputs;
      if (main !== undefined) right = tf.keep(countCorrect(main, labels));
      return losses.reduce((sum, loss) => tf.add(sum, loss));
    }, variables);
    optimizer.applyGradients(clipNorm === undefined ? grads : clipByGlobalNorm(grads, clipNorm).gradients);
    return right === undefined ? [value] : [value, right];
  });
  const [loss = NaN, correct = NaN] = await readScalars(scores);
  tf.dispose(scores);
  return { loss, correct };
}
