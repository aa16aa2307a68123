/**
 * What is measured of this project and of stock tfjs: steps that end when their number
 * has been read.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { registerStockBackend, STOCK } from "../../bench/stock_tensorflow.ts";
import { syntheticBatch } from "../../data/synthetic.ts";
import type { ModelName } from "../../models/catalog.ts";
import { mainOutputShape } from "../../models/describe.ts";
import { createModel, describeModel } from "../../models/registry.ts";
import { softmaxCrossEntropy } from "../../training/loss.ts";
import { createPredictor, type Predictor } from "../../training/predictor.ts";
import { SGD } from "../../training/sgd.ts";
import { type TrainStep, trainStep } from "../../training/train_step.ts";
import { LEARNING_RATE, SEED, type Work } from "./plan.ts";

/** A network with a batch, ready to be stepped. */
export interface Step {
  /** Trainable parameters. */
  readonly params: number;
  /** One step; gives its number, which all of its work went into. */
  run(): Promise<number>;
  /** Frees all of it. */
  dispose(): void;
}

/** What a step is made of. */
export interface StepOptions extends Work {
  /** The network. */
  readonly model: ModelName;
  /** Images. */
  readonly batch: number;
}

interface Parts {
  readonly model: LayersModel;
  readonly images: tf.Tensor;
  readonly labels: tf.Tensor;
}

function partsOf({ model: name, batch }: StepOptions): Parts {
  const description = describeModel(name);
  const [, height = 1, width = 1, channels = 1] = description.inputShape.map((size) => size ?? 1);
  const { images, labels } = syntheticBatch({
    batchSize: batch,
    inputShape: [height, width, channels],
    classes: mainOutputShape(description).at(-1) ?? 1,
    seed: SEED,
  });
  return { model: createModel(name, { seed: SEED }), images, labels };
}

const paramsOf = ({ trainableWeights }: LayersModel): number =>
  trainableWeights.reduce((sum, { shape }) => sum + shape.reduce<number>((n, size) => n * (size ?? 1), 1), 0);

/** The number in `scalar`, which is freed. */
async function read(scalar: tf.Tensor): Promise<number> {
  const [value = NaN] = await scalar.data();
  scalar.dispose();
  return value;
}

/** This project as it is meant to be used, on the current backend. */
export function prepareOurs(options: StepOptions): Step {
  const { mode, precision } = options;
  const { model, images, labels } = partsOf(options);
  const optimizer = new SGD({ learningRate: LEARNING_RATE });
  // What cannot be compiled is to fail, and not to be measured op by op.
  const how = { compile: true, precision };
  const [run, compiled] = mode === "forward"
    ? forwardOf(createPredictor(model, how), images)
    : trainOf(trainStep(model, optimizer, softmaxCrossEntropy, how), images, labels);
  return {
    params: paramsOf(model),
    run,
    dispose() {
      compiled.dispose();
      optimizer.dispose();
      model.dispose();
      tf.dispose([images, labels]);
    },
  };
}

type Compiled = readonly [run: Step["run"], compiled: { dispose(): void }];

function forwardOf(predict: Predictor, images: tf.Tensor): Compiled {
  return [() => read(tf.tidy(() => tf.sum(predict(images)))), predict];
}

function trainOf(step: TrainStep, images: tf.Tensor, labels: tf.Tensor): Compiled {
  return [() => read(step(images, labels).loss), step];
}

/** tfjs without this project's kernels and without compiling: {@linkcode registerStockBackend}. */
export async function useStock(): Promise<void> {
  registerStockBackend();
  await tf.setBackend(STOCK);
}

/** tfjs as it is, on the current backend: ops one by one, its own SGD. */
export function prepareStock(options: StepOptions): Step {
  const { model, images, labels } = partsOf(options);
  const optimizer = tf.train.sgd(LEARNING_RATE);
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const forward = () => tf.tidy(() => tf.sum(model.apply(images, { training: false }) as tf.Tensor));
  const train = () =>
    tf.tidy(() => {
      const { value, grads } = tf.variableGrads(
        () => softmaxCrossEntropy(model.apply(images, { training: true }) as tf.Tensor, labels),
        variables,
      );
      optimizer.applyGradients(grads);
      return value;
    });
  return {
    params: paramsOf(model),
    run: () => read(options.mode === "forward" ? forward() : train()),
    dispose() {
      optimizer.dispose();
      model.dispose();
      tf.dispose([images, labels]);
    },
  };
}
