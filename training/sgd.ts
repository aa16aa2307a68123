/**
 * Stochastic gradient descent with PyTorch's meaning of momentum and weight decay.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { parseConfig } from "../models/errors.ts";

/** Options of {@linkcode SGD}; the defaults are those of `torch.optim.SGD`. */
export interface SGDConfig {
  /** Step size. */
  learningRate: number;
  /** The share of the last step that goes on. @default {0} */
  momentum?: number;
  /** Times the weight itself, added to its gradient. @default {0} */
  weightDecay?: number;
}

const schema = z.strictObject({
  learningRate: z.number().nonnegative(),
  momentum: z.number().min(0).lt(1).default(0),
  weightDecay: z.number().nonnegative().default(0),
});

/**
 * `buffer = momentum · buffer + gradient + weightDecay · weight` and
 * `weight -= learningRate · buffer`, as `torch.optim.SGD` without dampening.
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
export class SGD extends tf.Optimizer {
  /** The name it is serialised under. */
  static readonly className = "ConvbenchSGD";
  /** May be changed between steps. */
  learningRate: number;
  /** The share of the last step that goes on. */
  readonly momentum: number;
  /** Times the weight itself, added to its gradient. */
  readonly weightDecay: number;
  readonly #buffers = new Map<string, tf.Variable>();

  /** Takes options; those left out have their defaults. */
  constructor(config: SGDConfig) {
    super();
    const { learningRate, momentum, weightDecay } = parseConfig(schema, config, "SGD");
    this.learningRate = learningRate;
    this.momentum = momentum;
    this.weightDecay = weightDecay;
  }

  /** One step of the variables that `gradients` name; the caller keeps the gradients. */
  override applyGradients(gradients: tf.NamedTensorMap | { name: string; tensor: tf.Tensor }[]): void {
    const named = Array.isArray(gradients)
      ? gradients.map(({ name, tensor }): [string, tf.Tensor] => [name, tensor])
      : Object.entries(gradients);
    for (const [name, gradient] of named) {
      const weight = tf.engine().registeredVariables[name];
      if (weight === undefined) throw new RangeError(`Expected gradients of known variables but found ${name}`);
      tf.tidy(() => {
        const decayed = this.weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(weight, this.weightDecay));
        const step = this.momentum === 0 ? decayed : this.#accumulate(name, decayed);
        weight.assign(tf.sub(weight, tf.mul(step, this.learningRate)));
      });
    }
    this.incrementIterations();
  }

  #accumulate(name: string, gradient: tf.Tensor): tf.Tensor {
    const buffer = this.#buffers.get(name);
    if (buffer === undefined) {
      this.#buffers.set(name, tf.variable(gradient, false));
      return gradient;
    }
    buffer.assign(tf.add(tf.mul(buffer, this.momentum), gradient));
    return buffer;
  }

  /** The momentum buffer of the variable `name`, once it has taken a step; the optimizer owns it. */
  momentumBuffer(name: string): tf.Variable | undefined {
    return this.#buffers.get(name);
  }

  /** Replaces the momentum buffer of the variable `name`; takes ownership of `value`. */
  setMomentumBuffer(name: string, value: tf.Tensor): void {
    const buffer = this.#buffers.get(name);
    if (buffer === undefined) this.#buffers.set(name, tf.variable(value, false));
    else buffer.assign(value);
    value.dispose();
  }

  /** Frees the momentum buffers. */
  override dispose(): void {
    for (const buffer of this.#buffers.values()) buffer.dispose();
    this.#buffers.clear();
    // Where no step was taken there is no counter yet, and tfjs would trip over it.
    if (this.iterations_ > 0) super.dispose();
  }

  /** The options. */
  override getConfig(): tf.serialization.ConfigDict {
    return { learningRate: this.learningRate, momentum: this.momentum, weightDecay: this.weightDecay };
  }
}
