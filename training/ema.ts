/**
 * A moving average of a model's weights, which often classifies better than the
 * weights themselves.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { z } from "zod";
import { parseConfig } from "../models/errors.ts";
import { declaredWeights } from "../models/state_dict.ts";

/** Options of {@linkcode ModelEma}; the names and defaults are those of timm's `ModelEmaV3`. */
export interface ModelEmaConfig {
  /** The share of the average that an update leaves, in [0, 1]. @default {0.9999} */
  decay?: number;
  /** The least of it while it warms up. @default {0} */
  minDecay?: number;
  /** Whether the decay rises to `decay`, as `1 − (1 + n / warmUpGamma) ^ −warmUpPower` at update n. @default {false} */
  warmUp?: boolean;
  /** How many updates the rise is stretched over. @default {1} */
  warmUpGamma?: number;
  /** How steep the rise is; 1 with `warmUpGamma` 1 is the plain mean. @default {2 / 3} */
  warmUpPower?: number;
  /** Updates at the start that only copy the weights. @default {0} */
  updateAfterStep?: number;
}

const share = z.number().min(0).max(1);
const schema = z.strictObject({
  decay: share.default(0.9999),
  minDecay: share.default(0),
  warmUp: z.boolean().default(false),
  warmUpGamma: z.number().positive().default(1),
  warmUpPower: z.number().positive().default(2 / 3),
  updateAfterStep: z.int().nonnegative().default(0),
});

interface Averaged {
  readonly weight: ReturnType<typeof declaredWeights>[number][1];
  readonly average: tf.Variable;
}

/**
 * `average = decay · average + (1 − decay) · weight` after each step, for parameters and for BatchNorm's moving
 * statistics: timm's `ModelEmaV3`, and PyTorch's `AveragedModel` with `get_ema_multi_avg_fn(decay)` and `use_buffers`.
 * As in both, the first update copies.
 *
 * `fit({ ema })` updates it and validates with it; `evaluate({ ema })` measures it. The caller owns it.
 *
 * @example The average's weights as a state dict
 * ```ts
 * import { createModel, ModelEma, stateDict, useBackend } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend("cpu");
 * const model = createModel("d2l/bnlenet", { seed: 1 });
 * const ema = new ModelEma(model, { decay: 0.99 });
 * ema.update();
 * assertEquals(await ema.during(() => stateDict(model)), await stateDict(model));
 * ema.dispose();
 * model.dispose();
 * ```
 */
export class ModelEma {
  /** Whose weights are averaged. */
  readonly model: LayersModel;
  /** Updates so far. */
  updates = 0;
  readonly #options: z.output<typeof schema>;
  readonly #averaged: ReadonlyMap<string, Averaged>;
  #inUse = false;

  /**
   * Copies the weights of `model`.
   *
   * @throws {RangeError} Where an option is out of range.
   */
  constructor(model: LayersModel, config: ModelEmaConfig = {}) {
    this.#options = parseConfig(schema, config, "ModelEma");
    this.model = model;
    this.#averaged = new Map(
      declaredWeights(model).map(([key, weight]) => [
        key,
        { weight, average: tf.variable(weight.variable.read(), false) },
      ]),
    );
  }

  /** The decay of the `update`-th update, from 1. */
  decayAt(update: number): number {
    const { decay, minDecay, warmUp, warmUpGamma, warmUpPower, updateAfterStep } = this.#options;
    const step = update - updateAfterStep - 1;
    if (step <= 0) return 0;
    if (!warmUp) return decay;
    return Math.max(Math.min(1 - (1 + step / warmUpGamma) ** -warmUpPower, decay), minDecay);
  }

  /**
   * Moves the average towards the model's weights of now.
   *
   * @throws {Error} Where the average is in use by {@linkcode during}.
   */
  update(): void {
    this.#refuseWhileInUse();
    const decay = this.decayAt(++this.updates);
    for (const { weight, average } of this.#averaged.values()) {
      tf.tidy(() => {
        const value = weight.variable.read();
        average.assign(decay === 0 ? value : tf.add(average, tf.mul(tf.sub(value, average), 1 - decay)));
      });
    }
  }

  /** The average of each weight, by its key in the state dict; the average owns them. */
  averages(): Map<string, tf.Tensor> {
    return new Map([...this.#averaged].map(([key, { average }]) => [key, average]));
  }

  /**
   * Puts the average back to where a checkpoint left it; the caller keeps `averages`.
   *
   * @throws {RangeError} Where a weight is missing.
   */
  restore(averages: ReadonlyMap<string, tf.Tensor>, updates: number): void {
    this.#refuseWhileInUse();
    const values = [...this.#averaged].map(([key, { average }]) => {
      const value = averages.get(key);
      if (value === undefined) throw new RangeError(`Expected averages to hold ${key} but found none`);
      return { average, value };
    });
    for (const { average, value } of values) average.assign(value);
    this.updates = updates;
  }

  /** Whether all weights of `model` are averaged here. */
  covers(model: LayersModel): boolean {
    const variables = new Set([...this.#averaged.values()].map(({ weight }) => weight.variable));
    return model.weights.every((weight) => variables.has(weight));
  }

  /**
   * Runs `run` while the model holds the average; it has its own weights back afterwards, whatever happens.
   *
   * @throws {Error} Where the average is in use already.
   */
  async during<T>(run: () => T | Promise<T>): Promise<T> {
    this.#refuseWhileInUse();
    this.#inUse = true;
    // A variable takes over what it is assigned without copying it: both swaps are free.
    const own = [...this.#averaged.values()].map(({ weight: { variable }, average }) => {
      const value = variable.read().clone();
      variable.write(average);
      return { variable, value };
    });
    try {
      return await run();
    } finally {
      for (const { variable, value } of own) {
        variable.write(value);
        value.dispose();
      }
      this.#inUse = false;
    }
  }

  #refuseWhileInUse(): void {
    if (this.#inUse) throw new Error("Expected the average of the weights to be free but found it in use");
  }

  /** Frees the average; the model stays. */
  dispose(): void {
    for (const { average } of this.#averaged.values()) average.dispose();
  }
}
