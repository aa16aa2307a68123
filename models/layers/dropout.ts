/**
 * Dropout: zeroes values at random in training, does nothing in evaluation.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Shape } from "@tensorflow/tfjs-layers";
import { z } from "zod";
import { dropoutSeeded } from "../ops/dropout_seeded.ts";
import { onlyOutput } from "../ops/op.ts";
import { hashSeed } from "../random.ts";
import { DeclaredLayer, type LayerConfig, onlyShape, onlyTensor, parseLayerConfig, type Seeding } from "./layer.ts";

/** Options of {@linkcode Dropout}. */
export interface DropoutConfig extends LayerConfig {
  /** The share of values that becomes zero, in [0, 1). @default {0.5} */
  rate?: number;
  /** Where the masks start from; a model gives each of its layers one of its own. @default {0} */
  seed?: number;
}

const schema = z.strictObject({
  rate: z.number().min(0).lt(1).default(0.5),
  seed: z.int().optional(),
});

/**
 * Any shape → the same shape (Srivastava et al. 2014). The mask of a training
 * call is a function of the seed and of {@linkcode Dropout.calls}.
 *
 * @example
 * ```ts
 * import { Dropout } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new Dropout({ rate: 0.2, seed: 1 }).computeOutputShape([null, 4096]), [null, 4096]);
 * ```
 */
export class Dropout extends DeclaredLayer {
  /** The name it is serialised under. */
  static readonly className = "ConvbenchDropout";
  /** The share of values that becomes zero. */
  readonly rate: number;
  /** Training calls so far: a checkpoint keeps it, so that a resumed run draws the masks that would have come. */
  calls = 0;
  #seed: number | undefined;

  /** Takes options; those left out have their defaults. */
  constructor(config: DropoutConfig = {}) {
    super(config);
    const { rate, seed } = parseLayerConfig(schema, config, "Dropout");
    this.rate = rate;
    this.#seed = seed;
  }

  /** PyTorch's class name for it. */
  override typeName(): string {
    return "Dropout";
  }

  /** Says where random numbers start from. */
  override seedWith(seeding: Seeding): void {
    super.seedWith(seeding);
    this.#seed ??= hashSeed(seeding.seed, this.name);
  }

  /** The shape of the output, the batch as it came. */
  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return onlyShape(inputShape);
  }

  /** Runs the layer; tfjs calls it. */
  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { training?: boolean } = {}): tf.Tensor {
    const x = onlyTensor(inputs);
    if (kwargs.training !== true || this.rate === 0) return x.clone();
    const seed = hashSeed(this.#seed ?? 0, `${this.calls++}`);
    return onlyOutput(dropoutSeeded({ x }, { rate: this.rate, seed }));
  }

  /** What a saved layer is made from again. */
  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), rate: this.rate, ...(this.#seed === undefined ? {} : { seed: this.#seed }) };
  }
}
tf.serialization.registerClass(Dropout);
