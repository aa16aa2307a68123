/**
 * `BatchNormTraining` and its gradient: TensorFlow's fused op, but for few channels,
 * where that op is slow on the CPU: there the same sums are taken over rows that
 * hold many pixels side by side.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { BatchNormTrainingAttributes } from "../../../models/ops/batch_norm_training.ts";
import type { NodeBackend } from "../upstream.ts";
import { bool, float, type TensorFlowKernel, text, type } from "./kernel.ts";

type Inputs = { x: tf.Tensor; gamma: tf.Tensor; beta: tf.Tensor };
type GradInputs = { dy: tf.Tensor; x: tf.Tensor; gamma: tf.Tensor; mean: tf.Tensor; variance: tf.Tensor };

/** Fewer channels than this are folded on the CPU; from here on the fused op is as fast. */
const FEW_CHANNELS = 16;
/** The most values of a folded row. */
const ROW = 400;

/** How many pixels stand side by side in a row; 1 where folding is no gain. */
function pixelsPerRow(backend: NodeBackend, pixels: number, channels: number): number {
  if (channels >= FEW_CHANNELS || backend.binding.isUsingGpuDevice()) return 1;
  return [64, 32, 16, 8, 4, 2].find((k) => pixels % k === 0 && k * channels <= ROW) ?? 1;
}

/** `[N, …, C]` as TensorFlow's op takes it. */
const asImages = (x: tf.Tensor): tf.Tensor =>
  x.rank === 4 ? x : tf.reshape(x, [x.size / (x.shape[x.rank - 1] ?? 1), 1, 1, x.shape[x.rank - 1] ?? 1]);

const attributesOf = (eps: number) => [
  type("T", "float32"),
  type("U", "float32"),
  float("epsilon", eps),
  text("data_format", "NHWC"),
  bool("is_training", true),
];

function fused(backend: NodeBackend, { x, gamma, beta }: Inputs, eps: number): tf.Tensor[] {
  const empty = tf.tensor1d([]);
  const [y, mean, unbiased] = backend.executeMultipleOutputs(
    "FusedBatchNormV3",
    [...attributesOf(eps), float("exponential_avg_factor", 1)],
    [asImages(x), gamma, beta, empty, empty],
    6,
  );
  if (!y || !mean || !unbiased) throw new Error("FusedBatchNormV3 gave fewer tensors than it should");
  const count = x.size / gamma.size;
  // The op gives Bessel's correction of the variance; with one value there is none to undo.
  const variance = count > 1 ? tf.mul(unbiased, (count - 1) / count) : unbiased;
  return [tf.reshape(y, x.shape), mean, variance];
}

function fusedGrad(
  backend: NodeBackend,
  { dy, x, gamma, mean, variance }: GradInputs,
  eps: number,
): tf.Tensor[] {
  // What the forward op reserves for its gradient: cuDNN the inverse deviation, the CPU the variance.
  const reserved = backend.binding.isUsingGpuDevice() ? tf.rsqrt(tf.add(variance, eps)) : variance;
  const [dx, dgamma, dbeta] = backend.executeMultipleOutputs(
    "FusedBatchNormGradV3",
    attributesOf(eps),
    [asImages(dy), asImages(x), gamma, mean, reserved, tf.tensor1d([])],
    5,
  );
  if (!dx || !dgamma || !dbeta) throw new Error("FusedBatchNormGradV3 gave fewer tensors than it should");
  return [tf.reshape(dx, x.shape), dgamma, dbeta];
}

/** Sums and scales over rows of `k` pixels. */
function rowsOf(k: number, channels: number) {
  const fold = (x: tf.Tensor) => tf.reshape(x, [x.size / (k * channels), k * channels]);
  const mean = (rows: tf.Tensor) => tf.mean(tf.reshape(tf.mean(rows, 0), [k, channels]), 0);
  const spread = (perChannel: tf.Tensor) => tf.tile(perChannel, [k]);
  return { fold, mean, spread };
}

function folded(k: number, { x, gamma, beta }: Inputs, eps: number): tf.Tensor[] {
  const { fold, mean, spread } = rowsOf(k, gamma.size);
  const rows = fold(x);
  const average = mean(rows);
  const centred = tf.sub(rows, spread(average));
  const variance = mean(tf.square(centred));
  const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, eps)));
  const y = tf.add(tf.mul(centred, spread(scale)), spread(beta));
  return [tf.reshape(y, x.shape), average, variance];
}

function foldedGrad(k: number, { dy, x, gamma, mean, variance }: GradInputs, eps: number): tf.Tensor[] {
  const { fold, mean: average, spread } = rowsOf(k, gamma.size);
  const count = x.size / gamma.size;
  const inverse = tf.rsqrt(tf.add(variance, eps));
  const normalized = tf.mul(tf.sub(fold(x), spread(mean)), spread(inverse));
  const rows = fold(dy);
  const [dbeta, dgamma] = [average(rows), average(tf.mul(rows, normalized))];
  const centred = tf.sub(tf.sub(rows, spread(dbeta)), tf.mul(normalized, spread(dgamma)));
  const dx = tf.mul(centred, spread(tf.mul(gamma, inverse)));
  return [tf.reshape(dx, x.shape), tf.mul(dgamma, count), tf.mul(dbeta, count)];
}

/** `BatchNormTraining`. */
export const batchNormTraining: TensorFlowKernel<Inputs, BatchNormTrainingAttributes> = (
  { inputs, backend, attrs: { eps } },
) =>
  tf.tidy(() => {
    const channels = inputs.gamma.size;
    const k = pixelsPerRow(backend, inputs.x.size / channels, channels);
    return k > 1 ? folded(k, inputs, eps) : fused(backend, inputs, eps);
  });

/** `BatchNormTrainingGrad`. */
export const batchNormTrainingGrad: TensorFlowKernel<GradInputs, BatchNormTrainingAttributes> = (
  { inputs, backend, attrs: { eps } },
) =>
  tf.tidy(() => {
    const channels = inputs.gamma.size;
    const k = pixelsPerRow(backend, inputs.x.size / channels, channels);
    return k > 1 ? foldedGrad(k, inputs, eps) : fusedGrad(backend, inputs, eps);
  });
