/**
 * What dropout and stochastic depth do.
 *
 * @module
 */
import { assertEquals, assertNotEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { RandomLayer } from "../../../models/layers/random_layer.ts";
import { firstTrainingCall, forward, run, SEED, type Subject, within } from "./subject.ts";

/** They draw anew in each training call, by the seed, and do nothing in evaluation. */
export function randomLayers({ model, build, x }: Subject): void {
  const { layers, staged } = within(model, RandomLayer, ({ rate }) => rate > 0);
  const first = firstTrainingCall(model, x);
  const second = run(model, x, true);
  if (layers.length === 0) return assertEquals(second, first);
  assertNotEquals(second, first);
  assertEquals(firstTrainingCall(model, x), first);

  /** The layers that give something other than what they take. */
  const active = (training: boolean) =>
    tf.tidy(() => {
      const tensors = forward(staged, x, training);
      const differs = (i: number) => tf.any(tf.notEqual(tensors[i] ?? NaN, tensors[i + 1] ?? NaN)).dataSync()[0] === 1;
      return layers.map(({ name }) => name).filter((_, i) => differs(2 * i));
    });
  assertEquals(active(false), [], "in evaluation");
  assertEquals(active(true), layers.map(({ name }) => name), "in training");

  const twin = build(SEED);
  try {
    assertEquals(run(twin, x, true), first, "one seed, one training call");
  } finally {
    twin.dispose();
  }
}
