/**
 * What is measured: one step of a model, with all of its work forced.
 *
 * A step ends when one number has come back that depends on the output and, in
 * training, on every gradient: a backend that computes lazily has to have run
 * every kernel by then. Inputs are on the device before, and disposal comes after.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { ModelName } from "../models/catalog.ts";
import { mainOutputShape } from "../models/describe.ts";
import { createModel, describeModel } from "../models/registry.ts";
import { syntheticBatch } from "../data/synthetic.ts";
import { softmaxCrossEntropy } from "../training/loss.ts";

/** `forward`: evaluation mode. `train`: training mode, forward and the gradients of all weights. */
export type Mode = "forward" | "train";
/** Both, in the order in which they are measured. */
export const MODES: readonly Mode[] = ["forward", "train"];

/** A model on the current backend with a batch, ready to be stepped. */
export interface Workload {
  /** One step; gives a number that the whole step went into, and frees what it made. */
  step(): Promise<number>;
  /** Frees the model and the batch. */
  dispose(): void;
}

/** Images in a batch where none are asked for: the book's 128 where that takes seconds, fewer for large nets. */
export function defaultBatch(name: ModelName): number {
  return describeModel(name).macs < 1e8 ? 128 : 16;
}

const total = (tensors: tf.Tensor[]): tf.Scalar => tf.addN(tensors.map((tensor) => tf.sum(tensor))) as tf.Scalar;

/** Builds the workload; the caller disposes it. */
export function createWorkload(name: ModelName, mode: Mode, batchSize: number): Workload {
  const model = createModel(name);
  const description = describeModel(name);
  const [, height, width, channels] = description.inputShape;
  const batch = syntheticBatch({
    batchSize,
    inputShape: [height ?? 1, width ?? 1, channels ?? 1],
    classes: mainOutputShape(description).at(-1) ?? 1,
    seed: 0,
  });
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const forward = () => tf.sum(model.apply(batch.images, { training: false }) as tf.Tensor) as tf.Scalar;
  const train = () => {
    const { value, grads } = tf.variableGrads(
      () => softmaxCrossEntropy(model.apply(batch.images, { training: true }) as tf.Tensor, batch.labels),
      variables,
    );
    return total([value, ...Object.values(grads)]);
  };
  return {
    async step() {
      const result = tf.tidy(mode === "forward" ? forward : train);
      const [value = NaN] = await result.data();
      result.dispose();
      return value;
    },
    dispose() {
      model.dispose();
      tf.dispose([batch.images, batch.labels]);
    },
  };
}
