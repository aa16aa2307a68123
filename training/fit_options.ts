/**
 * What `fit` takes and gives.
 *
 * @module
 */
import { z } from "zod";
import type { Precision } from "../backends/compiler.ts";
import type { ImageSet } from "../data/image_set.ts";
import { parseConfig } from "../models/errors.ts";
import type { EpochRecord } from "./checkpoint.ts";
import { type CompileChoice, compileOptions } from "./compiled.ts";
import type { ModelEma } from "./ema.ts";
import { type LossScale, lossScaleOption } from "./grad_scaler.ts";
import { labelSmoothingOption } from "./loss.ts";
import type { StatefulOptimizer } from "./optimizer.ts";
import type { LearningRateSchedule } from "./schedule.ts";

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
  /** Whether steps and validation are compiled: {@linkcode trainStep}, {@linkcode evaluate}. @default {"auto"} */
  compile?: CompileChoice;
  /** What products of what is compiled are computed in; weights stay float32. @default {"float32"} */
  precision?: Precision;
  /** What the loss is multiplied by while its gradients are computed: {@linkcode trainStep}. A checkpoint keeps it. */
  lossScale?: LossScale;
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

const schema = z.object({
  epochs: z.int().positive().default(1),
  batchSize: z.int().positive().default(128),
  seed: z.int().default(0),
  labelSmoothing: labelSmoothingOption,
  lossWeights: z.array(z.number().nonnegative()).optional(),
  clipNorm: z.number().positive().optional(),
  lossScale: lossScaleOption,
  ...compileOptions,
});

/** Options that are numbers or words: checked, and with defaults where they were left out. */
export interface CheckedFitOptions {
  readonly epochs: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly labelSmoothing: number;
  readonly lossWeights?: readonly number[] | undefined;
  readonly clipNorm?: number | undefined;
  readonly lossScale?: LossScale | undefined;
  readonly compile: CompileChoice;
  readonly precision: Precision;
}

/**
 * Checks them.
 *
 * @throws {RangeError} Where one is out of range.
 */
export function checkFitOptions(options: FitOptions): CheckedFitOptions {
  return parseConfig(schema, options, "fit()");
}
