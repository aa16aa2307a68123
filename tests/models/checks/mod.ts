/**
 * What holds for every network, whatever it is: checks of one that is built, by its
 * description. Small networks go through them in each run of the tests, those of the
 * catalog in `deno task test:full`.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { Block } from "../../../models/block.ts";
import { buildModel } from "../../../models/build.ts";
import { describe } from "../../../models/describe.ts";
import type { InitialScheme } from "../../../models/initial_values.ts";
import { tensorCounts } from "../../backends_under_test.ts";
import { batchNorms, settleStatistics } from "./batch_norm.ts";
import { describedAsBuilt, evaluation } from "./forward.ts";
import { gradients } from "./gradients.ts";
import { randomLayers } from "./random_layers.ts";
import { saving, stateDicts } from "./saving.ts";
import { run, SEED, type Subject } from "./subject.ts";

/** A network that checks can build as often as they need it. */
export interface Network {
  readonly block: Block;
  readonly inputShape: readonly [number, number, number];
  readonly initializer: InitialScheme;
}

/** One thing that holds for every network. */
export interface Check {
  /** What it is. */
  readonly says: string;
  /** Whether evaluating the network is all that it needs. */
  readonly isForward: boolean;
  /** Fails where it does not hold. */
  readonly holds: (subject: Subject) => void | Promise<void>;
}

const CHECKS: readonly Check[] = [
  { says: "has the layers, shapes, weights and counts of its description", isForward: true, holds: describedAsBuilt },
  { says: "evaluates images the same at every time and in every batch", isForward: true, holds: evaluation },
  {
    says: "gives every parameter a finite gradient, and none only to biases right before a BatchNorm",
    isForward: false,
    holds: gradients,
  },
  {
    says: "normalises by the batch in training, where moving statistics move, and by those in evaluation",
    isForward: false,
    holds: batchNorms,
  },
  {
    says: "draws dropout and stochastic depth anew in each training call, by its seed, and never in evaluation",
    isForward: false,
    holds: randomLayers,
  },
  { says: "is saved and loaded by tfjs with all that it computes", isForward: false, holds: saving },
  { says: "goes through safetensors into a network of another seed", isForward: false, holds: stateDicts },
];

/** How {@linkcode check} goes about it. */
export interface CheckOptions {
  /** Images in a batch. */
  readonly batch: number;
  /** {@linkcode Subject.rounding}. */
  readonly rounding: number;
  /** Runs one check as a step of a test. */
  readonly step: (check: Check, run: () => Promise<void>) => Promise<unknown>;
}

/** Runs every check of `network`, on the current backend, as a step of a test; none of them may leave a tensor. */
export async function check(
  { block, inputShape, initializer }: Network,
  { batch, rounding, step }: CheckOptions,
): Promise<void> {
  const build = (seed: number) => buildModel(block, { inputShape, seed, initializer, name: "net" });
  const before = tensorCounts();
  const x = tf.randomUniform<tf.Rank.R4>([batch, ...inputShape], -1, 1, "float32", SEED);
  const description = describe(block, { inputShape });
  const subject: Subject = { model: build(SEED), description, build, x, rounding };
  settleStatistics(subject);
  // TensorFlow gets hold of a weight when it first needs it.
  run(subject.model, x, false);
  for (const check of CHECKS) {
    await step(check, async () => {
      const held = tensorCounts();
      await check.holds(subject);
      assertEquals(tensorCounts(), held, "tensors leaked");
    });
  }
  x.dispose();
  subject.model.dispose();
  assertEquals(tensorCounts(), before, "tensors leaked");
}
