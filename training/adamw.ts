/**
 * Adam with decoupled weight decay.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { parseConfig } from "../models/errors.ts";
import { hostScalar } from "../models/ops/host_scalar.ts";
import { type OptimizerConfig, optimizerOptions, StatefulOptimizer } from "./optimizer.ts";

/** Options of {@linkcode AdamW}; the defaults are those of `torch.optim.AdamW`, which decays by 0.01. */
export interface AdamWConfig extends Omit<OptimizerConfig, "weightDecay"> {
  /** The share of a weight that a step takes off, times the learning rate. @default {0.01} */
  weightDecay?: number;
  /** The shares of the old mean gradient and of the old mean square that stay, in [0, 1). @default {[0.9, 0.999]} */
  betas?: [number, number];
  /** Added to the root of the mean square. @default {1e-8} */
  eps?: number;
}

const beta = z.number().min(0).lt(1);
const schema = z.strictObject({
  ...optimizerOptions,
  weightDecay: z.number().nonnegative().default(0.01),
  betas: z.tuple([beta, beta]).default([0.9, 0.999]),
  eps: z.number().nonnegative().default(1e-8),
});

/**
 * Adam (Kingma and Ba 2015) whose weight decay bypasses the moments (Loshchilov and
 * Hutter 2019), as `torch.optim.AdamW`: `weight *= 1 − learningRate · weightDecay`,
 * then a step along the mean gradient over the root of the mean square, both
 * corrected for their start from zero.
 *
 * @example
 * ```ts
 * import { AdamW, useBackend } from "@convbench/convbench";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await useBackend("cpu");
 * const optimizer = new AdamW({ learningRate: 0.1, weightDecay: 0 });
 * const weight = tf.variable(tf.scalar(3));
 * optimizer.minimize(() => tf.square(weight) as tf.Scalar);
 * // The first step is as long as the learning rate, whatever the gradient.
 * assertAlmostEquals((await weight.data())[0] ?? NaN, 2.9, 1e-6);
 * optimizer.dispose();
 * weight.dispose();
 * ```
 */
export class AdamW extends StatefulOptimizer {
  /** The name it is serialised under. */
  static readonly className = "ConvbenchAdamW";
  /** The shares of the old mean gradient and of the old mean square that stay. */
  readonly betas: readonly [number, number];
  /** Added to the root of the mean square. */
  readonly eps: number;
  /** What is kept for each weight. */
  override readonly slotNames: readonly string[] = ["exp_avg", "exp_avg_sq"];

  /**
   * Takes options; those left out have their defaults.
   *
   * @throws {RangeError} Where an option is out of range.
   */
  constructor(config: AdamWConfig) {
    const { betas, eps, ...common } = parseConfig(schema, config, "AdamW");
    super(common);
    this.betas = betas;
    this.eps = eps;
  }

  /** The value of `weight` after one step. */
  protected override stepped(weight: tf.Variable, gradient: tf.Tensor): tf.Tensor {
    const [beta1, beta2] = this.betas;
    const mean = this.#moved("exp_avg", weight, gradient, beta1);
    const square = this.#moved("exp_avg_sq", weight, tf.square(gradient), beta2);
    const divisor = tf.add(tf.div(tf.sqrt(square), hostScalar(this.#rootOfCorrection)), this.eps);
    const step = tf.mul(tf.div(mean, divisor), hostScalar(this.#correctedRate));
    return tf.sub(this.decayOf(weight) === 0 ? weight : tf.mul(weight, hostScalar(this.#remainder)), step);
  }

  // What changes from step to step, as tensors: a compiled step reads them anew.
  readonly #rootOfCorrection = (): number => Math.sqrt(1 - this.betas[1] ** (this.iterations + 1));
  readonly #correctedRate = (): number => this.learningRate / (1 - this.betas[0] ** (this.iterations + 1));
  readonly #remainder = (): number => 1 - this.learningRate * this.weightDecay;

  #moved(slot: string, weight: tf.Variable, value: tf.Tensor, beta: number): tf.Variable {
    const before = this.slot(slot, weight.name) ?? tf.zerosLike(weight);
    return this.setSlot(slot, weight.name, tf.add(tf.mul(before, beta), tf.mul(value, 1 - beta)));
  }

  /** The options. */
  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), betas: [...this.betas], eps: this.eps };
  }
}
