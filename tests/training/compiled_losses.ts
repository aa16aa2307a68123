/**
 * Ten steps of a small network, compiled or not.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { syntheticBatch } from "../../data/synthetic.ts";
import { buildModel } from "../../models/build.ts";
import { auxiliaryLossWeights } from "../../training/loss.ts";
import { trainStep, type TrainStepOptions } from "../../training/train_step.ts";
import type { TinyModel } from "../models/tiny_models.ts";

/** How many. */
export const STEPS = 10;

/** Losses of ten steps on one batch, with a rate that halves in the middle; and what was compiled. */
export async function losses(
  { block, inputShape }: TinyModel,
  makeOptimizer: () => tf.Optimizer,
  options: TrainStepOptions,
): Promise<{ losses: number[]; signatures: number }> {
  const model = buildModel(block(), { inputShape, seed: 7 });
  const optimizer = makeOptimizer();
  const { images, labels } = syntheticBatch({ batchSize: 4, inputShape, classes: 5, seed: 2 });
  const step = trainStep(model, optimizer, undefined, {
    ...options,
    lossWeights: auxiliaryLossWeights(model.outputs.length),
  });
  const found: number[] = [];
  for (let i = 0; i < STEPS; i++) {
    if (i === STEPS / 2) {
      const settable = optimizer as unknown as { learningRate: number; setLearningRate?(rate: number): void };
      if (settable.setLearningRate) settable.setLearningRate(settable.learningRate / 2);
      else settable.learningRate /= 2;
    }
    const { loss } = step(images, labels);
    found.push((await loss.data())[0] ?? NaN);
    loss.dispose();
  }
  const signatures = step.signatures.length;
  step.dispose();
  optimizer.dispose();
  // tfjs' Momentum leaves its rate behind.
  (optimizer as unknown as { c?: tf.Tensor }).c?.dispose();
  tf.dispose([images, labels]);
  model.dispose();
  return { losses: found, signatures };
}
