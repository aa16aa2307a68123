/**
 * The base of layers that draw random numbers in training.
 *
 * @module
 */
import { z } from "zod";
import type * as tf from "@tensorflow/tfjs-core";
import type { DropoutSeededAttributes } from "../ops/dropout_seeded.ts";
import { hashSeed } from "../random.ts";
import { DeclaredLayer, type LayerConfig, parseLayerConfig, type Seeding } from "./layer.ts";

/** Options of {@linkcode RandomLayer}. */
export interface RandomLayerConfig extends LayerConfig {
  /** The probability of what the layer does at random, in [0, 1). @default {0.5} */
  rate?: number;
  /** Where the draws start from; a model gives each of its layers one of its own. @default {0} */
  seed?: number;
}

const schema = z.strictObject({
  rate: z.number().min(0).lt(1).default(0.5),
  seed: z.int().optional(),
});

/** A layer whose training calls each draw anew, as a function of its seed and of {@linkcode RandomLayer.calls}. */
export abstract class RandomLayer extends DeclaredLayer {
  /** The probability of what the layer does at random. */
  readonly rate: number;
  /** Training calls so far: a checkpoint keeps it, so that a resumed run draws what would have come. */
  calls = 0;
  #seed: number | undefined;

  /** Takes options; those left out have their defaults. */
  constructor(config: RandomLayerConfig, type: string) {
    super(config);
    const { rate, seed } = parseLayerConfig(schema, config, type);
    this.rate = rate;
    this.#seed = seed;
  }

  /** Says where random numbers start from. */
  override seedWith(seeding: Seeding): void {
    super.seedWith(seeding);
    this.#seed ??= hashSeed(seeding.seed, this.name);
  }

  /** What the next training call draws with. */
  protected nextDraw(): DropoutSeededAttributes {
    return { rate: this.rate, seed: this.#seed ?? 0, call: this.calls++, source: this };
  }

  /** What a saved layer is made from again. */
  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), rate: this.rate, ...(this.#seed === undefined ? {} : { seed: this.#seed }) };
  }
}
