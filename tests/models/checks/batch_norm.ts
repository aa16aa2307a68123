/**
 * What the BatchNorms of a network do, inside of it.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { SymbolicTensor } from "@tensorflow/tfjs-layers";
import { BatchNorm } from "../../../models/layers/batch_norm.ts";
import { forward, run, type Subject, valuesOf, within } from "./subject.ts";

/** A value per channel. */
type At = (channel: number) => number;

/** Mean and variance of each channel. */
const momentsOf = (x: tf.Tensor): Float32Array[] => {
  const { mean, variance } = tf.moments(x, [...x.shape.keys()].slice(0, -1));
  return valuesOf([mean, variance]);
};

/**
 * Makes the batch's statistics those of evaluation, as after a long training. Those that
 * a network starts with, 0 and 1, let what sets images apart fade on the way through a
 * deep one: whatever it computes, its outputs would be its last biases.
 */
export function settleStatistics({ model, x }: Subject): void {
  const { layers, staged } = within(model, BatchNorm);
  if (layers.length === 0) return;
  const moments = tf.tidy(() => forward(staged, x, true).map(momentsOf));
  tf.tidy(() => {
    for (const [i, { declaredWeights }] of layers.entries()) {
      const statistics = declaredWeights.filter(({ spec }) => spec.role !== "parameter");
      for (const [j, { variable }] of statistics.entries()) variable.write(tf.tensor1d(moments[2 * i]?.[j] ?? []));
    }
  });
}

/** Values per channel are those of `expected`, to a thousandth. */
function assertChannels(what: string, found: Float32Array | undefined, expected: (channel: number) => number): void {
  assert(found !== undefined, what);
  for (const [channel, value] of found.entries()) {
    const wanted = expected(channel);
    const message = `${what} of channel ${channel} is ${value}, not ${wanted}`;
    assert(Math.abs(value - wanted) <= 1e-3 * Math.max(1, Math.abs(wanted)), message);
  }
}

/** The batch's statistics in training, where moving ones move by the momentum; moving ones in evaluation. */
export function batchNorms({ model, x }: Subject): void {
  const { layers, staged } = within(model, BatchNorm);
  if (layers.length === 0) return;
  const weights = () => layers.map((layer) => valuesOf(layer.declaredWeights.map(({ variable }) => variable.read())));
  /** Of what each BatchNorm takes and gives. */
  const moments = (training: boolean) => tf.tidy(() => forward(staged, x, training).map(momentsOf));

  const before = structuredClone(weights());
  run(model, x, false);
  assertEquals(weights(), before, "evaluation moved statistics");
  const trained = moments(true);
  const after = structuredClone(weights());
  const evaluated = moments(false);
  assertEquals(weights(), after, "evaluation moved statistics");

  for (const [i, { name, options, input }] of layers.entries()) {
    const { eps, momentum, definition } = options;
    const at = (values: Float32Array | undefined) => (channel: number) => values?.[channel] ?? NaN;
    const [gamma, beta, oldMean, oldVariance] = (before[i] ?? []).map(at) as [At, At, At, At];
    const [, , movedMean, movedVariance] = after[i] ?? [];
    const [mean, variance] = (trained[2 * i] ?? []).map(at) as [At, At];
    const size = (input as SymbolicTensor).shape.slice(1, -1).reduce<number>((a, b) => a * (b ?? NaN), x.shape[0]);
    const bessel = definition === "torch" ? size / (size - 1) : 1;
    const move = (old: At, value: At) => (c: number) => (1 - momentum) * old(c) + momentum * value(c);
    assertChannels(`moving mean of ${name}`, movedMean, move(oldMean, mean));
    assertChannels(`moving variance of ${name}`, movedVariance, move(oldVariance, (c) => bessel * variance(c)));

    const assertNormalised = (mode: string, [input, output]: Float32Array[][], by: readonly At[]) => {
      const [inputMean, inputVariance] = (input ?? []).map(at) as [At, At];
      const [byMean, byVariance] = by as [At, At];
      const scale = (c: number) => gamma(c) / Math.sqrt(byVariance(c) + eps);
      const outputMean = (c: number) => (inputMean(c) - byMean(c)) * scale(c) + beta(c);
      assertChannels(`mean of ${name} in ${mode}`, output?.[0], outputMean);
      assertChannels(`variance of ${name} in ${mode}`, output?.[1], (c) => inputVariance(c) * scale(c) ** 2);
    };
    assertNormalised("training", trained.slice(2 * i, 2 * i + 2), [mean, variance]);
    assertNormalised("evaluation", evaluated.slice(2 * i, 2 * i + 2), [movedMean, movedVariance].map(at));
  }
}
