/**
 * A training run in one file: weights, moving statistics, the optimizer's state,
 * the average of the weights, the scale of the loss, dropout's place and how far the
 * run has come. A run that goes on from it gives the numbers that it would have given.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { z } from "zod";
import { parseConfig } from "../models/errors.ts";
import { RandomLayer } from "../models/layers/random_layer.ts";
import { fromTorch, toTorch, type WeightLayout } from "../models/layers/weight_layout.ts";
import { decodeSafetensors, encodeSafetensors } from "../models/weights/safetensors.ts";
import { declaredWeights, loadStateDict, type StateDict, stateDict, type StateTensor } from "../models/state_dict.ts";
import type { ModelEma } from "./ema.ts";
import type { GradScaler } from "./grad_scaler.ts";
import type { StatefulOptimizer } from "./optimizer.ts";

/** What an epoch came to; losses and accuracies are means over the images. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  /** In training mode, while the weights move. */
  readonly trainLoss: number;
  /** In [0, 1], in training mode. */
  readonly trainAccuracy: number;
  /** In evaluation mode, after the epoch. */
  readonly validationLoss?: number | undefined;
  /** In [0, 1], in evaluation mode, after the epoch. */
  readonly validationAccuracy?: number | undefined;
  /** Of training. */
  readonly seconds: number;
  /** Of training. */
  readonly imagesPerSecond: number;
}

/** How far a run has come: whole epochs, steps of the one under way, and its sums. */
export interface Progress {
  epoch: number;
  step: number;
  lossSum: number;
  correct: number;
  images: number;
  seconds: number;
  history: EpochRecord[];
}

const epochRecord: z.ZodType<EpochRecord> = z.object({
  epoch: z.int().positive(),
  trainLoss: z.number(),
  trainAccuracy: z.number(),
  validationLoss: z.number().optional(),
  validationAccuracy: z.number().optional(),
  seconds: z.number(),
  imagesPerSecond: z.number(),
});

const progressSchema: z.ZodType<Progress> = z.object({
  epoch: z.int().nonnegative(),
  step: z.int().nonnegative(),
  lossSum: z.number(),
  correct: z.number(),
  images: z.number(),
  seconds: z.number(),
  history: z.array(epochRecord),
});

/** A run that has not begun. */
export const START: Progress = { epoch: 0, step: 0, lossSum: 0, correct: 0, images: 0, seconds: 0, history: [] };

/** What a checkpoint keeps the state of. */
export interface TrainingState {
  readonly model: LayersModel;
  readonly optimizer: StatefulOptimizer;
  /** The average of the model's weights, if the run has one. */
  readonly ema?: ModelEma;
  /** What scales its loss, if the run has one. */
  readonly scaler?: GradScaler;
}

const EMA = "ema.";
const slotPrefix = (slot: string): string => `optimizer.${slot}.`;

const metadataSchema = z.object({
  convbench_checkpoint: z.literal("1"),
  model: z.string(),
  progress: z.string(),
  dropout: z.string(),
  optimizer: z.string(),
  ema: z.string().optional(),
  scaler: z.string().optional(),
});
const count = z.int().nonnegative();
const scalerSchema = z.object({ scale: z.number().nonnegative(), goodSteps: count });
const optimizerSchema = z.object({ type: z.string(), iterations: count });

const randomLayers = (model: LayersModel): RandomLayer[] =>
  model.layers.filter((layer): layer is RandomLayer => layer instanceof RandomLayer);

async function stateTensor(tensor: tf.Tensor, layout: WeightLayout): Promise<StateTensor> {
  const data = toTorch(await tensor.data() as Float32Array, layout);
  return { dtype: "F32", shape: [...layout.torchShape], data };
}

/** The checkpoint of a run, as the bytes of a safetensors file. */
export async function encodeCheckpoint(
  { model, optimizer, ema, scaler }: TrainingState,
  progress: Progress,
): Promise<Uint8Array<ArrayBuffer>> {
  const dict: StateDict = await stateDict(model);
  const averages = ema?.averages();
  for (const [key, { spec, variable }] of declaredWeights(model)) {
    for (const slot of optimizer.slotNames) {
      const value = optimizer.slot(slot, variable.name);
      if (value !== undefined) dict[slotPrefix(slot) + key] = await stateTensor(value, spec.layout);
    }
    const average = averages?.get(key);
    if (average !== undefined) dict[EMA + key] = await stateTensor(average, spec.layout);
  }
  return encodeSafetensors(dict, {
    convbench_checkpoint: "1",
    model: model.name,
    progress: JSON.stringify(progress),
    dropout: JSON.stringify(Object.fromEntries(randomLayers(model).map(({ name, calls }) => [name, calls]))),
    optimizer: JSON.stringify({ type: optimizer.getClassName(), iterations: optimizer.iterations }),
    ...(ema === undefined ? {} : { ema: JSON.stringify(ema.updates) }),
    ...(scaler === undefined ? {} : { scaler: JSON.stringify(scaler.state) }),
  });
}

/** Takes the tensors whose keys begin with `prefix` out of `dict`, and says what each is of. */
function takeOut(dict: Map<string, StateTensor>, prefix: string): Map<string, StateTensor> {
  const taken = [...dict].filter(([key]) => key.startsWith(prefix));
  for (const [key] of taken) dict.delete(key);
  return new Map(taken.map(([key, value]) => [key.slice(prefix.length), value]));
}

/**
 * Puts a run back to where `bytes` left it, and says how far that was.
 *
 * @throws {RangeError} Where the bytes are damaged or of another model, optimizer or average; all is as it was then.
 */
export function decodeCheckpoint(bytes: Uint8Array, { model, optimizer, ema, scaler }: TrainingState): Progress {
  const { dict, metadata } = decodeSafetensors(bytes);
  const { model: name, ...texts } = parseConfig(metadataSchema, metadata, "checkpoint");
  if (name !== model.name) throw new RangeError(`Expected a checkpoint of ${model.name} but found one of ${name}`);
  const read = <Schema extends z.ZodType>(schema: Schema, text: string) =>
    parseConfig(schema, JSON.parse(text), "checkpoint");
  const progress = read(progressSchema, texts.progress);
  const calls = read(z.record(z.string(), count), texts.dropout);
  const { type, iterations } = read(optimizerSchema, texts.optimizer);
  if (type !== optimizer.getClassName()) {
    throw new RangeError(`Expected a checkpoint of a run with ${optimizer.getClassName()} but found one with ${type}`);
  }
  const scale = texts.scaler === undefined ? undefined : read(scalerSchema, texts.scaler);
  const updates = texts.ema === undefined ? undefined : read(count, texts.ema);
  if ((updates === undefined) !== (ema === undefined)) {
    const [expected, found] = ema === undefined ? ["out", ""] : ["", "out"];
    throw new RangeError(`Expected a checkpoint with${expected} averaged weights but found one with${found}`);
  }

  const rest = new Map(Object.entries(dict));
  const slots = optimizer.slotNames.map((slot) => ({ slot, values: takeOut(rest, slotPrefix(slot)) }));
  const averages = takeOut(rest, EMA);
  const weights = declaredWeights(model);
  for (const [key, { spec: { layout: { torchShape } } }] of weights) {
    for (
      const [what, values] of [...slots.map(({ slot, values }) => [slot, values] as const), ["ema", averages] as const]
    ) {
      const shape = values.get(key)?.shape;
      if (shape !== undefined && String(shape) !== String(torchShape)) {
        throw new RangeError(`Expected ${what} of ${key} to have shape [${torchShape}] but found [${shape}]`);
      }
    }
    if (ema !== undefined && !averages.has(key)) throw new RangeError(`Expected ema of ${key} but found none`);
  }
  loadStateDict(model, Object.fromEntries(rest));
  optimizer.dispose();
  tf.tidy(() => {
    const restored = new Map<string, tf.Tensor>();
    for (const [key, { spec, variable }] of weights) {
      const tensor = ({ data }: StateTensor) => tf.tensor(fromTorch(data, spec.layout), [...spec.shape]);
      for (const { slot, values } of slots) {
        const value = values.get(key);
        if (value !== undefined) optimizer.setSlot(slot, variable.name, tensor(value));
      }
      const average = averages.get(key);
      if (average !== undefined) restored.set(key, tensor(average));
    }
    if (ema !== undefined && updates !== undefined) ema.restore(restored, updates);
  });
  optimizer.setIterations(iterations);
  // A run may go on with a scale where it had none, or without one: the gradients are the same.
  if (scale !== undefined) scaler?.restore(scale);
  for (const layer of randomLayers(model)) layer.calls = calls[layer.name] ?? 0;
  return progress;
}
