/**
 * What the optimizers share: the loop over the weights, weight decay, and the slots
 * (momentum and the like) that a checkpoint keeps.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { show } from "../models/errors.ts";
import { hostScalar } from "../models/ops/host_scalar.ts";

/** Options that every optimizer has. */
export interface OptimizerConfig {
  /** Step size. */
  learningRate: number;
  /** Times the weight itself: pulls weights towards zero. @default {0} */
  weightDecay?: number;
  /**
   * Whether weights with one axis go without weight decay: all biases, and gamma and beta of BatchNorm. That is
   * timm's rule (`weight_decay_exclude_1d`) and the two parameter groups of many a PyTorch recipe (He et al. 2018,
   * "Bag of Tricks", 3.1). @default {false}
   */
  weightDecayExclude1d?: boolean;
}

/** The schemas of {@linkcode OptimizerConfig}'s options, for a `z.strictObject`. */
export const optimizerOptions: {
  learningRate: z.ZodType<number, number>;
  weightDecay: z.ZodType<number, number | undefined>;
  weightDecayExclude1d: z.ZodType<boolean, boolean | undefined>;
} = {
  learningRate: z.number().nonnegative(),
  weightDecay: z.number().nonnegative().default(0),
  weightDecayExclude1d: z.boolean().default(false),
};

/** A `tf.Optimizer` whose state can be read and put back; the base of SGD, RMSProp and AdamW. */
export abstract class StatefulOptimizer extends tf.Optimizer {
  /** May be changed between steps; `fit({ schedule })` does. */
  learningRate: number;
  /** Times the weight itself: pulls weights towards zero. */
  readonly weightDecay: number;
  /** Whether weights with one axis go without weight decay. */
  readonly weightDecayExclude1d: boolean;
  /** What is kept for each weight, by name; a checkpoint keeps all of it. */
  abstract readonly slotNames: readonly string[];
  readonly #slots = new Map<string, Map<string, tf.Variable>>();
  readonly #readRate = (): number => this.learningRate;

  /** As of any class: `tf.Optimizer` takes everything for one of its own that minimizes and applies gradients. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return Function.prototype[Symbol.hasInstance].call(this, value);
  }

  /** Takes options that are checked and complete. */
  constructor({ learningRate, weightDecay, weightDecayExclude1d }: Required<OptimizerConfig>) {
    super();
    this.learningRate = learningRate;
    this.weightDecay = weightDecay;
    this.weightDecayExclude1d = weightDecayExclude1d;
  }

  /** The value of `weight` after one step; called in a `tf.tidy`. */
  protected abstract stepped(weight: tf.Variable, gradient: tf.Tensor): tf.Tensor;

  /**
   * One step of the variables that `gradients` name; those without a gradient stay. The caller keeps the gradients.
   *
   * @throws {RangeError} Where a variable is unknown; no weight has moved then.
   */
  override applyGradients(gradients: tf.NamedTensorMap | { name: string; tensor: tf.Tensor }[]): void {
    const named: [string, tf.Tensor | undefined][] = Array.isArray(gradients)
      ? gradients.map(({ name, tensor }) => [name, tensor])
      : Object.entries(gradients);
    const steps = named.flatMap(([name, gradient]) => {
      const weight = tf.engine().registeredVariables[name];
      if (weight === undefined) throw new RangeError(`Expected gradients of known variables but found ${name}`);
      return gradient === undefined ? [] : [{ weight, gradient }];
    });
    for (const { weight, gradient } of steps) tf.tidy(() => weight.assign(this.stepped(weight, gradient)));
    this.incrementIterations();
  }

  /** The learning rate as a tensor, which a compiled step reads anew; the caller owns it. */
  protected rate(): tf.Scalar {
    return hostScalar(this.#readRate);
  }

  /** Whether a step of `variables` needs no slot that is not there yet. */
  hasSlotsFor(variables: readonly tf.Variable[]): boolean {
    return this.slotsInUse().every((slot) => variables.every(({ name }) => this.slot(slot, name) !== undefined));
  }

  /** Those of `slotNames` that a step with these options keeps. */
  protected slotsInUse(): readonly string[] {
    return this.slotNames;
  }

  /** The weight decay that holds for `weight`. */
  protected decayOf(weight: tf.Variable): number {
    return this.weightDecayExclude1d && weight.rank <= 1 ? 0 : this.weightDecay;
  }

  /** `gradient` with weight decay added, as PyTorch's optimizers do unless they say "decoupled". */
  protected decayed(weight: tf.Variable, gradient: tf.Tensor): tf.Tensor {
    const decay = this.decayOf(weight);
    return decay === 0 ? gradient : tf.add(gradient, tf.mul(weight, decay));
  }

  /** What `slot` holds for the variable `name`, once it has taken a step; the optimizer owns it. */
  slot(slot: string, name: string): tf.Variable | undefined {
    return this.#slots.get(slot)?.get(name);
  }

  /**
   * Puts a copy of `value` into `slot` for the variable `name`, and gives the optimizer's own.
   *
   * @throws {RangeError} Where the optimizer has no such slot.
   */
  setSlot(slot: string, name: string, value: tf.Tensor): tf.Variable {
    if (!this.slotNames.includes(slot)) {
      throw new RangeError(`Expected slot to be one of ${show(this.slotNames)} but found ${show(slot)}`);
    }
    const values = this.#slots.get(slot) ?? new Map<string, tf.Variable>();
    this.#slots.set(slot, values);
    const held = values.get(name);
    if (held !== undefined) {
      held.assign(value);
      return held;
    }
    const made = tf.variable(value, false);
    values.set(name, made);
    return made;
  }

  /** Says how many steps have been taken, where a run goes on from a checkpoint. */
  setIterations(count: number): void {
    this.iterations_ = count;
  }

  /** Frees the slots and forgets the steps; the next step is a first one. */
  override dispose(): void {
    for (const values of this.#slots.values()) tf.dispose([...values.values()]);
    this.#slots.clear();
    this.iterations_ = 0;
  }

  /** The options. */
  override getConfig(): tf.serialization.ConfigDict {
    const { learningRate, weightDecay, weightDecayExclude1d } = this;
    return { learningRate, weightDecay, weightDecayExclude1d };
  }
}
