/**
 * `BatchNormTraining` and its gradient for wasm, in two passes each; as the
 * fallback of plain ops in models/ops has them, they take about fifteen. Sums are
 * in double precision, so that one pass gives mean and variance.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import { floats, scoped, sizeOf, type WasmKernel } from "./kernel.ts";

/** `x`, `gamma`, `beta` → `y`, mean and biased variance; channels last. */
export const batchNormTraining: WasmKernel<
  Record<"x" | "gamma" | "beta", tf.TensorInfo>,
  { readonly eps: number },
  tf.TensorInfo[]
> = ({ inputs: { x, gamma, beta }, backend, attrs: { eps } }) =>
  scoped(backend, (scope) => {
    const channels = sizeOf(gamma.shape);
    const rows = sizeOf(x.shape) / channels;
    const outputs = [scope.make(x.shape), scope.make([channels]), scope.make([channels])] as const;
    const [y, mean, variance] = outputs.map((output) => floats(backend, output)) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    const [values, scale, shift] = [floats(backend, x), floats(backend, gamma), floats(backend, beta)];
    const sums = new Float64Array(channels);
    const squares = new Float64Array(channels);
    for (let row = 0, at = 0; row < rows; row++) {
      for (let channel = 0; channel < channels; channel++) {
        const value = values[at++] as number;
        sums[channel] = (sums[channel] as number) + value;
        squares[channel] = (squares[channel] as number) + value * value;
      }
    }
    const factor = new Float64Array(channels);
    const offset = new Float64Array(channels);
    for (let channel = 0; channel < channels; channel++) {
      const m = (sums[channel] as number) / rows;
      const v = Math.max(0, (squares[channel] as number) / rows - m * m);
      const f = (scale[channel] as number) / Math.sqrt(v + eps);
      mean[channel] = m;
      variance[channel] = v;
      factor[channel] = f;
      offset[channel] = (shift[channel] as number) - m * f;
    }
    for (let row = 0, at = 0; row < rows; row++) {
      for (let channel = 0; channel < channels; channel++, at++) {
        y[at] = (values[at] as number) * (factor[channel] as number) + (offset[channel] as number);
      }
    }
    return [...outputs];
  });

/** `dy`, `x`, `gamma`, mean and variance → the gradients of `x`, `gamma` and `beta`. */
export const batchNormTrainingGrad: WasmKernel<
  Record<"dy" | "x" | "gamma" | "mean" | "variance", tf.TensorInfo>,
  { readonly eps: number },
  tf.TensorInfo[]
> = ({ inputs: { dy, x, gamma, mean, variance }, backend, attrs: { eps } }) =>
  scoped(backend, (scope) => {
    const channels = sizeOf(gamma.shape);
    const rows = sizeOf(x.shape) / channels;
    const outputs = [scope.make(x.shape), scope.make([channels]), scope.make([channels])] as const;
    const [dx, dgamma, dbeta] = outputs.map((output) => floats(backend, output)) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    const [g, values] = [floats(backend, dy), floats(backend, x)];
    const [scale, m, v] = [floats(backend, gamma), floats(backend, mean), floats(backend, variance)];
    const sums = new Float64Array(channels);
    const products = new Float64Array(channels);
    for (let row = 0, at = 0; row < rows; row++) {
      for (let channel = 0; channel < channels; channel++, at++) {
        const value = g[at] as number;
        sums[channel] = (sums[channel] as number) + value;
        // Centred first: the mean may be large beside the deviation.
        products[channel] = (products[channel] as number) + value * ((values[at] as number) - (m[channel] as number));
      }
    }
    // dx = a·dy + b·(x - mean) + c, channel by channel.
    const [a, b, c] = [new Float64Array(channels), new Float64Array(channels), new Float64Array(channels)];
    for (let channel = 0; channel < channels; channel++) {
      const inverse = 1 / Math.sqrt((v[channel] as number) + eps);
      const product = (products[channel] as number) * inverse;
      const factor = (scale[channel] as number) * inverse;
      dgamma[channel] = product;
      dbeta[channel] = sums[channel] as number;
      a[channel] = factor;
      b[channel] = -factor * inverse * product / rows;
      c[channel] = -factor * (sums[channel] as number) / rows;
    }
    for (let row = 0, at = 0; row < rows; row++) {
      for (let channel = 0; channel < channels; channel++, at++) {
        const centred = (values[at] as number) - (m[channel] as number);
        dx[at] = (a[channel] as number) * (g[at] as number) + (b[channel] as number) * centred + (c[channel] as number);
      }
    }
    return [...outputs];
  });
