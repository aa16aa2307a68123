/**
 * A training run in one file: weights, moving statistics, momentum, dropout's
 * place and how far the run has come. A run that goes on from it gives the numbers
 * that it would have given.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { z } from "zod";
import { parseConfig } from "../models/errors.ts";
import { RandomLayer } from "../models/layers/random_layer.ts";
import { fromTorch, toTorch } from "../models/layers/weight_layout.ts";
import { decodeSafetensors, encodeSafetensors } from "../models/safetensors.ts";
import { declaredWeights, loadStateDict, type StateDict, stateDict } from "../models/state_dict.ts";
import type { SGD } from "./sgd.ts";

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

const MOMENTUM = "optimizer.momentum.";
const metadataSchema = z.object({
  convbench_checkpoint: z.literal("1"),
  model: z.string(),
  progress: z.string(),
  dropout: z.string(),
});

const randomLayers = (model: LayersModel): RandomLayer[] =>
  model.layers.filter((layer): layer is RandomLayer => layer instanceof RandomLayer);

/** The checkpoint of a run, as the bytes of a safetensors file. */
export async function encodeCheckpoint(
  model: LayersModel,
  optimizer: SGD,
  progress: Progress,
): Promise<Uint8Array<ArrayBuffer>> {
  const dict: StateDict = await stateDict(model);
  for (const [key, { spec, variable }] of declaredWeights(model)) {
    const buffer = optimizer.momentumBuffer(variable.name);
    if (buffer === undefined) continue;
    const data = toTorch(await buffer.data() as Float32Array, spec.layout);
    dict[MOMENTUM + key] = { dtype: "F32", shape: [...spec.layout.torchShape], data };
  }
  return encodeSafetensors(dict, {
    convbench_checkpoint: "1",
    model: model.name,
    progress: JSON.stringify(progress),
    dropout: JSON.stringify(Object.fromEntries(randomLayers(model).map(({ name, calls }) => [name, calls]))),
  });
}

/**
 * Puts a run back to where `bytes` left it, and says how far that was.
 *
 * @throws {RangeError} Where the bytes are damaged or of another model; model and optimizer are as they were.
 */
export function decodeCheckpoint(bytes: Uint8Array, model: LayersModel, optimizer: SGD): Progress {
  const { dict, metadata } = decodeSafetensors(bytes);
  const { model: name, progress, dropout } = parseConfig(metadataSchema, metadata, "checkpoint");
  if (name !== model.name) throw new RangeError(`Expected a checkpoint of ${model.name} but found one of ${name}`);
  const restored = parseConfig(progressSchema, JSON.parse(progress), "checkpoint");
  const calls = parseConfig(z.record(z.string(), z.int().nonnegative()), JSON.parse(dropout), "checkpoint");
  const isMomentum = ([key]: [string, unknown]) => key.startsWith(MOMENTUM);
  const entries = Object.entries(dict);
  const buffers = new Map(entries.filter(isMomentum).map(([key, value]) => [key.slice(MOMENTUM.length), value]));
  const weights = declaredWeights(model);
  for (const [key, { spec }] of weights) {
    const buffer = buffers.get(key);
    if (buffer !== undefined && String(buffer.shape) !== String(spec.layout.torchShape)) {
      throw new RangeError(
        `Expected momentum of ${key} to have shape [${spec.layout.torchShape}] but found [${buffer.shape}]`,
      );
    }
  }
  loadStateDict(model, Object.fromEntries(entries.filter((entry) => !isMomentum(entry))));
  for (const [key, { spec, variable }] of weights) {
    const buffer = buffers.get(key);
    if (buffer === undefined) continue;
    optimizer.setMomentumBuffer(variable.name, tf.tensor(fromTorch(buffer.data, spec.layout), [...spec.shape]));
  }
  for (const layer of randomLayers(model)) layer.calls = calls[layer.name] ?? 0;
  return restored;
}
