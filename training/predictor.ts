/**
 * A model for evaluation alone.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { z } from "zod";
import type { Precision } from "../backends/compiler.ts";
import { mainModel } from "../models/main_model.ts";
import { parseConfig } from "../models/errors.ts";
import { type CompileChoice, compileOptions, type PerhapsCompiled, perhapsCompiled } from "./compiled.ts";

/** Options of {@linkcode createPredictor}. */
export interface PredictorOptions {
  /**
   * Whether the model is compiled: `auto` where the backend can, with a warning where it cannot compile this model;
   * `true` throws instead. @default {"auto"}
   */
  compile?: CompileChoice;
  /** What products of a compiled model are computed in. @default {"float32"} */
  precision?: Precision;
  /** Whether XLA compiles the model. @default {false} */
  jit?: boolean;
}

/** A model for evaluation alone: gives the main output of images `[batch, height, width, channels]`. */
export type Predictor = PerhapsCompiled<[images: tf.Tensor], tf.Tensor>;

const schema = z.strictObject({
  ...compileOptions,
  jit: z.boolean().default(false),
});

/** What stands for the values of weights: it is another one after each change. */
function stampOf(model: LayersModel): readonly unknown[] {
  const { tensorMap } = tf.backend() as { tensorMap?: tf.DataStorage<{ id?: number }> };
  return model.weights.flatMap((weight) => {
    const { dataId } = weight.read();
    return [dataId, tensorMap?.get(dataId)?.id];
  });
}

/**
 * A function from images to the main output of `model` in evaluation mode: moving statistics, no dropout. Where the
 * backend can compile, the weights are constants of what is compiled, so that BatchNorm goes into the convolution
 * before it. That holds until a weight changes, which is noticed: the next call compiles anew.
 *
 * @throws {RangeError} Where an option is out of range.
 * @throws {Error} With `compile: true`, where the backend cannot compile.
 *
 * @example
 * ```ts
 * import { createModel, createPredictor, useBackend } from "@convbench/convbench";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend("cpu");
 * const model = createModel("d2l/lenet");
 * const predict = createPredictor(model);
 * const images = tf.ones([2, 28, 28, 1]);
 * const logits = predict(images);
 * assertEquals(logits.shape, [2, 10]);
 * tf.dispose([images, logits]);
 * predict.dispose();
 * model.dispose();
 * ```
 */
export function createPredictor(model: LayersModel, options: PredictorOptions = {}): Predictor {
  const { compile, precision, jit } = parseConfig(schema, options, "createPredictor()");
  const main = mainModel(model);
  const plain = (images: tf.Tensor): tf.Tensor => tf.tidy(() => main.apply(images, { training: false }) as tf.Tensor);
  const whole = perhapsCompiled(plain, model.name, compile, { precision, jit, frozen: true });
  let stamp: readonly unknown[] = [];

  const predict = (images: tf.Tensor): tf.Tensor => {
    if (!whole.compiled) return whole(images);
    const hasChanged = stampOf(main).some((each, i) => each !== stamp[i]);
    if (hasChanged) whole.dispose();
    const logits = whole(images);
    // Weights are uploaded when they are first needed: only then is their stamp what it stays.
    if (hasChanged) stamp = stampOf(main);
    return logits;
  };
  const dispose = () => {
    whole.dispose();
    main.dispose();
  };
  return Object.defineProperties(Object.assign(predict, { dispose }), {
    compiled: { get: () => whole.compiled },
    signatures: { get: () => whole.signatures },
  }) as unknown as Predictor;
}
