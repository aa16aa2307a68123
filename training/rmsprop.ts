/**
 * RMSProp, in TensorFlow's definition, which EfficientNet was trained with, and in
 * PyTorch's.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { parseConfig } from "../models/errors.ts";
import { type OptimizerConfig, optimizerOptions, StatefulOptimizer } from "./optimizer.ts";

/** Options of {@linkcode RMSProp}. */
export interface RMSPropConfig extends OptimizerConfig {
  /**
   * Whose optimizer it is. `tensorflow`: the mean square starts from ones, `eps` stands inside the root, and the
   * learning rate goes into the momentum buffer, as in timm's `RMSpropTF`. `torch`: from zeros, outside, and not, as
   * in `torch.optim.RMSprop`. @default {"tensorflow"}
   */
  definition?: "tensorflow" | "torch";
  /** The share of the old mean square that stays, in [0, 1]; 0.9, or 0.99 by PyTorch's definition, where left out. */
  decay?: number;
  /** Keeps the divisor from zero; 1e-10, or 1e-8 by PyTorch's definition, where left out. */
  eps?: number;
  /** The share of the last step that goes on, in [0, 1). @default {0} */
  momentum?: number;
  /**
   * Whether steps are scaled by the learning rate before they are added up, so that a change of the rate comes slowly;
   * as the definition has it where left out.
   */
  learningRateInMomentum?: boolean;
}

const schema = z.strictObject({
  ...optimizerOptions,
  definition: z.enum(["tensorflow", "torch"]).default("tensorflow"),
  decay: z.number().min(0).max(1).optional(),
  eps: z.number().nonnegative().optional(),
  momentum: z.number().min(0).lt(1).default(0),
  learningRateInMomentum: z.boolean().optional(),
});

const DEFAULTS = {
  tensorflow: { decay: 0.9, eps: 1e-10, learningRateInMomentum: true },
  torch: { decay: 0.99, eps: 1e-8, learningRateInMomentum: false },
};

/**
 * Divides each gradient by the root of its moving mean square (Tieleman and Hinton
 * 2012): `square += (1 − decay) · (gradient² − square)`,
 * `buffer = momentum · buffer + learningRate · gradient / √(square + eps)`,
 * `weight -= buffer`. EfficientNet's recipe (Tan and Le 2019): decay 0.9, momentum
 * 0.9, eps 0.001, weight decay 1e-5.
 *
 * @example
 * ```ts
 * import { RMSProp, useBackend } from "@convbench/convbench";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await useBackend("cpu");
 * const optimizer = new RMSProp({ learningRate: 0.1 });
 * const weight = tf.variable(tf.scalar(3));
 * optimizer.minimize(() => tf.square(weight) as tf.Scalar);
 * // The gradient is 6, its mean square 0.9 · 1 + 0.1 · 36.
 * assertAlmostEquals((await weight.data())[0] ?? NaN, 3 - 0.1 * 6 / Math.sqrt(4.5), 1e-6);
 * optimizer.dispose();
 * weight.dispose();
 * ```
 */
export class RMSProp extends StatefulOptimizer {
  /** The name it is serialised under. */
  static readonly className = "ConvbenchRMSProp";
  /** Whose optimizer it is. */
  readonly definition: "tensorflow" | "torch";
  /** The share of the old mean square that stays. */
  readonly decay: number;
  /** Keeps the divisor from zero. */
  readonly eps: number;
  /** The share of the last step that goes on. */
  readonly momentum: number;
  /** Whether steps are scaled by the learning rate before they are added up. */
  readonly learningRateInMomentum: boolean;
  /** What is kept for each weight. */
  override readonly slotNames: readonly string[] = ["square_avg", "momentum_buffer"];

  /**
   * Takes options; those left out have their defaults.
   *
   * @throws {RangeError} Where an option is out of range.
   */
  constructor(config: RMSPropConfig) {
    const { definition, momentum, decay, eps, learningRateInMomentum, ...common } = parseConfig(
      schema,
      config,
      "RMSProp",
    );
    super(common);
    const defaults = DEFAULTS[definition];
    this.definition = definition;
    this.decay = decay ?? defaults.decay;
    this.eps = eps ?? defaults.eps;
    this.momentum = momentum;
    this.learningRateInMomentum = learningRateInMomentum ?? defaults.learningRateInMomentum;
  }

  /** The value of `weight` after one step. */
  protected override stepped(weight: tf.Variable, gradient: tf.Tensor): tf.Tensor {
    const decayed = this.decayed(weight, gradient);
    const direction = tf.div(decayed, this.#divisor(weight, decayed));
    if (this.momentum === 0) return tf.sub(weight, tf.mul(direction, this.rate()));
    const step = this.learningRateInMomentum ? tf.mul(direction, this.rate()) : direction;
    const before = this.slot("momentum_buffer", weight.name);
    const sum = before === undefined ? step : tf.add(tf.mul(before, this.momentum), step);
    const buffer = this.setSlot("momentum_buffer", weight.name, sum);
    return tf.sub(weight, this.learningRateInMomentum ? buffer : tf.mul(buffer, this.rate()));
  }

  /** Without momentum, the mean square alone. */
  protected override slotsInUse(): readonly string[] {
    return this.momentum === 0 ? ["square_avg"] : this.slotNames;
  }

  #divisor(weight: tf.Variable, gradient: tf.Tensor): tf.Tensor {
    const inside = this.definition === "tensorflow";
    const before = this.slot("square_avg", weight.name) ?? (inside ? tf.onesLike(weight) : tf.zerosLike(weight));
    const mean = tf.add(tf.mul(before, this.decay), tf.mul(tf.square(gradient), 1 - this.decay));
    const square = this.setSlot("square_avg", weight.name, mean);
    return inside ? tf.sqrt(tf.add(square, this.eps)) : tf.add(tf.sqrt(square), this.eps);
  }

  /** The options. */
  override getConfig(): tf.serialization.ConfigDict {
    const { definition, decay, eps, momentum, learningRateInMomentum } = this;
    return { ...super.getConfig(), definition, decay, eps, momentum, learningRateInMomentum };
  }
}
