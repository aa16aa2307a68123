/**
 * Stochastic gradient descent with PyTorch's meaning of momentum and weight decay.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { parseConfig } from "../models/errors.ts";
import { type OptimizerConfig, optimizerOptions, StatefulOptimizer } from "./optimizer.ts";

/** Options of {@linkcode SGD}; the defaults are those of `torch.optim.SGD`. */
export interface SGDConfig extends OptimizerConfig {
  /** The share of the last step that goes on, in [0, 1). @default {0} */
  momentum?: number;
  /** Whether the gradient is weighed again on top of the momentum (Sutskever et al. 2013). @default {false} */
  nesterov?: boolean;
}

const schema = z.strictObject({
  ...optimizerOptions,
  momentum: z.number().min(0).lt(1).default(0),
  nesterov: z.boolean().default(false),
});

/**
 * `buffer = momentum · buffer + gradient + weightDecay · weight` and
 * `weight -= learningRate · buffer`, as `torch.optim.SGD` without dampening; with
 * `nesterov`, `weight -= learningRate · (gradient + weightDecay · weight + momentum · buffer)`.
 *
 * @example
 * ```ts
 * import { SGD, useBackend } from "@convbench/convbench";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend("cpu");
 * const optimizer = new SGD({ learningRate: 0.5 });
 * const weight = tf.variable(tf.scalar(3));
 * optimizer.minimize(() => tf.square(weight) as tf.Scalar);
 * assertEquals(Array.from(await weight.data()), [0]);
 * optimizer.dispose();
 * weight.dispose();
 * ```
 */
export class SGD extends StatefulOptimizer {
  /** The name it is serialised under. */
  static readonly className = "ConvbenchSGD";
  /** The share of the last step that goes on. */
  readonly momentum: number;
  /** Whether the gradient is weighed again on top of the momentum. */
  readonly nesterov: boolean;
  /** What is kept for each weight. */
  override readonly slotNames: readonly string[] = ["momentum"];

  /**
   * Takes options; those left out have their defaults.
   *
   * @throws {RangeError} Where an option is out of range, or `nesterov` comes without momentum.
   */
  constructor(config: SGDConfig) {
    const { momentum, nesterov, ...common } = parseConfig(schema, config, "SGD");
    if (nesterov && momentum === 0) {
      throw new RangeError("Expected momentum of SGD to be greater than 0 with nesterov but found 0");
    }
    super(common);
    this.momentum = momentum;
    this.nesterov = nesterov;
  }

  /** The value of `weight` after one step. */
  protected override stepped(weight: tf.Variable, gradient: tf.Tensor): tf.Tensor {
    const decayed = this.decayed(weight, gradient);
    return tf.sub(
      weight,
      tf.mul(this.momentum === 0 ? decayed : this.#accumulated(weight, decayed), this.rate()),
    );
  }

  /** Without momentum, none. */
  protected override slotsInUse(): readonly string[] {
    return this.momentum === 0 ? [] : this.slotNames;
  }

  #accumulated({ name }: tf.Variable, gradient: tf.Tensor): tf.Tensor {
    const before = this.slot("momentum", name);
    // The first step has no momentum behind it: PyTorch starts from the gradient, not from zeros.
    const sum = before === undefined ? gradient : tf.add(tf.mul(before, this.momentum), gradient);
    const buffer = this.setSlot("momentum", name, sum);
    return this.nesterov ? tf.add(gradient, tf.mul(buffer, this.momentum)) : buffer;
  }

  /** The options. */
  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), momentum: this.momentum, nesterov: this.nesterov };
  }
}
