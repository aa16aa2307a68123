/**
 * `BatchNormTraining` and its gradient. Threads sum pieces of a channel, one thread a
 * channel adds up the pieces, and a last pass goes over the values: as the fallback
 * of plain ops has it, there are about fifteen passes.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import { runEach, scoped, type WebGPUKernel } from "./program.ts";

const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** Threads that keep a GPU busy. */
const BUSY = 1 << 14;
/** Rows of a piece, at the least. */
const LEAST_ROWS = 32;

/** In which pieces the rows of a channel are summed. */
function piecesOf(rows: number, channels: number): { pieces: number; pieceRows: number } {
  const most = Math.min(Math.ceil(BUSY / channels), Math.ceil(rows / LEAST_ROWS));
  const pieceRows = Math.ceil(rows / Math.max(1, most));
  return { pieces: Math.ceil(rows / pieceRows), pieceRows };
}

/** The rows of the piece and the channel that `at`, in `[pieces, channels]`, stands for. */
const PIECE = `
  let channel = at % uniforms.channels;
  let piece = (at / uniforms.channels) % uniforms.pieces;
  let first = piece * uniforms.pieceRows;
  let end = min(uniforms.rows, first + uniforms.pieceRows);`;

/** Two kinds of sums in one tensor: the second half of `at` is the second kind. */
const KIND = "let isSecond = at >= uniforms.pieces * uniforms.channels;";

/** `x`, `gamma`, `beta` → `y`, mean and biased variance; channels last. */
export const batchNormTraining: WebGPUKernel<
  Record<"x" | "gamma" | "beta", tf.TensorInfo>,
  { readonly eps: number },
  tf.TensorInfo[]
> = ({ inputs: { x, gamma, beta }, backend, attrs: { eps } }) =>
  scoped(backend, (own) => {
    const channels = sizeOf(gamma.shape);
    const rows = sizeOf(x.shape) / channels;
    const integers = { channels, rows, ...piecesOf(rows, channels) };
    // Means of pieces, then squares around them: E[x²] - E[x]² would lose digits.
    const means = own(runEach(backend, {
      name: "BatchNormTrainingMeans",
      outputShape: [integers.pieces, channels],
      inputs: { Images: x },
      integers,
      value: `${PIECE}
        var sum = 0.0;
        for (var row = first; row < end; row++) { sum += Images[row * uniforms.channels + channel]; }
        return sum / f32(end - first);`,
    }));
    const squares = own(runEach(backend, {
      name: "BatchNormTrainingSquares",
      outputShape: [integers.pieces, channels],
      inputs: { Images: x, Means: means },
      integers,
      value: `${PIECE}
        var sum = 0.0;
        for (var row = first; row < end; row++) {
          let centred = Images[row * uniforms.channels + channel] - Means[at];
          sum += centred * centred;
        }
        return sum;`,
    }));
    const mean = own(runEach(backend, {
      name: "BatchNormTrainingMean",
      outputShape: [channels],
      inputs: { Means: means },
      integers,
      value: `
        var sum = 0.0;
        for (var piece = 0; piece < uniforms.pieces; piece++) {
          let count = min(uniforms.rows - piece * uniforms.pieceRows, uniforms.pieceRows);
          sum += Means[piece * uniforms.channels + at] * f32(count);
        }
        return sum / f32(uniforms.rows);`,
    }));
    // Chan, Golub and LeVeque 1983: squares around one mean, from those around others.
    const variance = own(runEach(backend, {
      name: "BatchNormTrainingVariance",
      outputShape: [channels],
      inputs: { Means: means, Squares: squares, Mean: mean },
      integers,
      value: `
        var sum = 0.0;
        for (var piece = 0; piece < uniforms.pieces; piece++) {
          let count = min(uniforms.rows - piece * uniforms.pieceRows, uniforms.pieceRows);
          let off = Means[piece * uniforms.channels + at] - Mean[at];
          sum += Squares[piece * uniforms.channels + at] + off * off * f32(count);
        }
        return sum / f32(uniforms.rows);`,
    }));
    const y = own(runEach(backend, {
      name: "BatchNormTraining",
      outputShape: x.shape,
      inputs: { Images: x, Mean: mean, Variance: variance, Gamma: gamma, Beta: beta },
      integers: { channels },
      floats: { eps },
      value: `
        let channel = at % uniforms.channels;
        let scale = Gamma[channel] / sqrt(Variance[channel] + uniforms.eps);
        return (Images[at] - Mean[channel]) * scale + Beta[channel];`,
    }));
    return [y, mean, variance];
  });

/** `dy`, `x`, `gamma`, mean and variance → the gradients of x, gamma and beta. */
export const batchNormTrainingGrad: WebGPUKernel<
  Record<"dy" | "x" | "gamma" | "mean" | "variance", tf.TensorInfo>,
  { readonly eps: number },
  tf.TensorInfo[]
> = ({ inputs: { dy, x, gamma, mean, variance }, backend, attrs: { eps } }) =>
  scoped(backend, (own) => {
    const channels = sizeOf(gamma.shape);
    const rows = sizeOf(x.shape) / channels;
    const integers = { channels, rows, ...piecesOf(rows, channels) };
    const sums = own(runEach(backend, {
      name: "BatchNormTrainingGradSums",
      outputShape: [2, integers.pieces, channels],
      inputs: { Gradient: dy, Images: x, Mean: mean, Variance: variance },
      integers,
      floats: { eps },
      value: `${PIECE} ${KIND}
        let inverse = 1.0 / sqrt(Variance[channel] + uniforms.eps);
        let middle = Mean[channel];
        var sum = 0.0;
        if (isSecond) {
          for (var row = first; row < end; row++) {
            let i = row * uniforms.channels + channel;
            sum += Gradient[i] * (Images[i] - middle) * inverse;
          }
        } else {
          for (var row = first; row < end; row++) { sum += Gradient[row * uniforms.channels + channel]; }
        }
        return sum;`,
    }));
    const total = (name: string, start: number) =>
      own(runEach(backend, {
        name,
        outputShape: gamma.shape,
        inputs: { Sums: sums },
        integers: { ...integers, start },
        value: `
          var sum = 0.0;
          for (var piece = 0; piece < uniforms.pieces; piece++) {
            sum += Sums[uniforms.start + piece * uniforms.channels + at];
          }
          return sum;`,
      }));
    const dbeta = total("BatchNormTrainingGradBeta", 0);
    const dgamma = total("BatchNormTrainingGradGamma", integers.pieces * channels);
    const dx = own(runEach(backend, {
      name: "BatchNormTrainingGrad",
      outputShape: x.shape,
      inputs: {
        Gradient: dy,
        Images: x,
        Gamma: gamma,
        Mean: mean,
        Variance: variance,
        GammaGradient: dgamma,
        BetaGradient: dbeta,
      },
      integers: { channels, rows },
      floats: { eps },
      value: `
        let channel = at % uniforms.channels;
        let inverse = 1.0 / sqrt(Variance[channel] + uniforms.eps);
        let normalized = (Images[at] - Mean[channel]) * inverse;
        let offset = (BetaGradient[channel] + normalized * GammaGradient[channel]) / f32(uniforms.rows);
        return (Gradient[at] - offset) * Gamma[channel] * inverse;`,
    }));
    return [dx, dgamma, dbeta];
  });
