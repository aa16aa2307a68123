/**
 * What is on a picture, by a network trained on ImageNet.
 *
 * Lives beside the names and the transforms, not among the models: it takes any
 * `tf.LayersModel`, and of the catalog it needs nothing but the name that
 * `createModel` gave the model.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { z } from "zod";
import { parseConfig } from "../../models/errors.ts";
import type { RgbImage } from "../images/image.ts";
import { preprocess, type Preprocessing } from "../images/preprocess.ts";
import { imagenetClasses } from "./classes.ts";
import { imagenetPreprocessing, imagenetTags } from "./preprocessing.ts";

/** Options of {@linkcode classify}. */
export interface ClassifyOptions {
  /** How many classes are answered, the likeliest first. @default {5} or all, where there are fewer */
  top?: number;
  /** How the picture is prepared; as {@linkcode imagenetPreprocessing} says for the model's name where it is left out. */
  preprocessing?: Preprocessing;
  /** Names of the classes; ImageNet's where it is left out and the model has 1000. */
  labels?: readonly string[];
}

/** A class, and how likely the picture shows it. */
export interface Classification {
  /** The class's name. */
  label: string;
  /** Its place among the model's outputs. */
  index: number;
  /** Of all classes together it is 1. */
  probability: number;
}

const classifyOptions = z.strictObject({
  top: z.int().positive().optional(),
  // preprocess() checks it.
  preprocessing: z.custom<Preprocessing>((value) => typeof value === "object" && value !== null).optional(),
  labels: z.array(z.string()).readonly().optional(),
});

/** What the model's outputs mean. */
function labelsOf(classes: number, labels: readonly string[] | undefined): readonly string[] {
  const names = labels ?? imagenetClasses;
  if (names.length === classes) return names;
  throw new RangeError(
    labels === undefined
      ? `Expected a model of ImageNet's ${names.length} classes but found ${classes}: pass labels to classify()`
      : `Expected labels of classify() to name the model's ${classes} classes but found ${names.length}`,
  );
}

/** The model's last axis of outputs and its input, checked before anything is computed. */
function shapesOf(model: LayersModel): { inputShape: (number | null)[]; classes: number } {
  const inputShape = model.inputs[0]?.shape.slice(1) ?? [];
  const outputShape = model.outputs[0]?.shape ?? [];
  const classes = outputShape.at(-1);
  if (inputShape.length !== 3 || inputShape[2] !== 3 || outputShape.length !== 2 || typeof classes !== "number") {
    throw new RangeError(
      `Expected a model from [height, width, 3] to logits but found [${inputShape}] to [${outputShape.slice(1)}]`,
    );
  }
  return { inputShape, classes };
}

/** How the picture becomes the model's input. */
function preprocessingOf(model: LayersModel, inputShape: (number | null)[], given?: Preprocessing): Preprocessing {
  if (given === undefined && imagenetTags(model.name).length === 0) {
    throw new RangeError(
      `Expected a model with known preprocessing but found ${model.name}: pass preprocessing to classify()`,
    );
  }
  const preprocessing = given ?? imagenetPreprocessing(model.name);
  const crop = preprocessing.crop ?? 224;
  if (inputShape.slice(0, 2).some((side) => side !== null && side !== crop)) {
    throw new RangeError(
      `Expected ${model.name} to take ${crop}×${crop} pixels, which its preprocessing crops to, but found ` +
        `${inputShape[0]}×${inputShape[1]}: build it with inputShape: [${crop}, ${crop}, 3], or pass preprocessing`,
    );
  }
  return preprocessing;
}

/** Probabilities of `logits`. */
function softmax(logits: readonly number[]): number[] {
  const largest = logits.reduce((a, b) => Math.max(a, b));
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

/**
 * The likeliest classes of `image` by `model`, which was trained on ImageNet, or on
 * anything where `labels` and `preprocessing` say what. Of a model with auxiliary
 * outputs the first counts. Leaves no tensor behind.
 *
 * @returns `top` classes, the likeliest first.
 * @throws {RangeError} Where the model takes no pictures of three channels or of another size, where nobody says what
 * its classes are called or how it wants its pictures, or where its outputs are not finite.
 * @throws {TypeError} Where an option is unknown or of the wrong type.
 *
 * @example A network without weights, which knows nothing
 * ```ts
 * import { classify, createModel, useBackend } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend("cpu");
 * const model = createModel("d2l/lenet", { inputShape: [28, 28, 3], classes: 2 });
 * const image = { width: 40, height: 30, data: new Uint8Array(40 * 30 * 3).fill(200) };
 * const [best] = await classify(model, image, {
 *   top: 1,
 *   labels: ["cat", "dog"],
 *   preprocessing: { resize: 32, crop: 28 },
 * });
 * assertEquals(["cat", "dog"].includes(best?.label ?? ""), true);
 * model.dispose();
 * ```
 */
export async function classify(
  model: LayersModel,
  image: RgbImage,
  options: ClassifyOptions = {},
): Promise<Classification[]> {
  const { top = 5, preprocessing, labels } = parseConfig(classifyOptions, options, "classify()");
  const { inputShape, classes } = shapesOf(model);
  const names = labelsOf(classes, labels);
  const transform = preprocessingOf(model, inputShape, preprocessing);
  if (options.top !== undefined && top > classes) {
    throw new RangeError(`Expected top of classify() to be at most ${classes}, the model's classes, but found ${top}`);
  }
  const logits = tf.tidy(() => {
    const outputs = model.predict(preprocess(image, transform));
    return Array.isArray(outputs) ? outputs[0] : outputs;
  });
  if (logits === undefined) throw new RangeError("Expected a model with an output but found none");
  const values = [...await logits.data().finally(() => logits.dispose())];
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    throw new RangeError(
      `Expected finite outputs of ${model.name} but found ${values[wrong]} for class ${wrong}: are its weights whole?`,
    );
  }
  const probabilities = softmax(values);
  // By logit: of the unlikely ones the probabilities may all have become 0.
  return values.map((value, index) => ({ value, index }))
    .sort((a, b) => b.value - a.value)
    .slice(0, top)
    .map(({ index }) => ({ label: names[index] ?? "", index, probability: probabilities[index] ?? 0 }));
}
