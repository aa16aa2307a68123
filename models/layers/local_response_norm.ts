/**
 * Local response normalisation, as the papers of AlexNet and GoogLeNet use it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Shape } from "@tensorflow/tfjs-layers";
import { z } from "zod";
import { DeclaredLayer, imageSize, type LayerConfig, onlyShape, onlyTensor, parseLayerConfig } from "./layer.ts";

/** Options of {@linkcode LocalResponseNorm}; the defaults are those of `torch.nn.LocalResponseNorm`. */
export interface LocalResponseNormConfig extends LayerConfig {
  /** Neighbouring channels that a channel is normalised by, itself included. */
  size: number;
  /** Divided by `size`, as PyTorch does. @default {1e-4} */
  alpha?: number;
  /** The exponent. @default {0.75} */
  beta?: number;
  /** Added to the sum. @default {1} */
  k?: number;
}

/** Options of {@linkcode LocalResponseNorm}, completed. */
export interface LocalResponseNormOptions {
  /** Neighbouring channels, the channel itself included. */
  readonly size: number;
  /** Divided by `size`. */
  readonly alpha: number;
  /** The exponent. */
  readonly beta: number;
  /** Added to the sum. */
  readonly k: number;
}

const schema: z.ZodType<LocalResponseNormOptions> = z.strictObject({
  size: z.int().positive(),
  alpha: z.number().default(1e-4),
  beta: z.number().default(0.75),
  k: z.number().default(1),
});

/** `[C, C]`: 1 where channel `column` sees channel `row`; ⌊size/2⌋ before it, ⌊(size-1)/2⌋ after. */
function neighbours(channels: number, size: number): Float32Array {
  const matrix = new Float32Array(channels * channels);
  for (let column = 0; column < channels; column++) {
    const start = Math.max(0, column - Math.floor(size / 2));
    const end = Math.min(channels, column + Math.floor((size - 1) / 2) + 1);
    for (let row = start; row < end; row++) matrix[row * channels + column] = 1;
  }
  return matrix;
}

/**
 * `[N, H, W, C]` → the same shape: `x / (k + alpha / size · Σ x²)^beta`, summed over
 * neighbouring channels (Krizhevsky et al. 2012, section 3.3).
 *
 * @example
 * ```ts
 * import { LocalResponseNorm } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new LocalResponseNorm({ size: 5 }).computeOutputShape([null, 5, 5, 16]), [null, 5, 5, 16]);
 * ```
 */
export class LocalResponseNorm extends DeclaredLayer {
  /** The name it is serialised under. */
  static readonly className = "ConvbenchLocalResponseNorm";
  /** The options, completed. */
  readonly options: LocalResponseNormOptions;

  /** Takes options; those left out have their defaults. */
  constructor(config: LocalResponseNormConfig) {
    super(config);
    this.options = parseLayerConfig(schema, config, "LocalResponseNorm");
  }

  /** PyTorch's class name for it. */
  override typeName(): string {
    return "LocalResponseNorm";
  }

  /** The shape of the output, the batch as it came. */
  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const shape = onlyShape(inputShape);
    imageSize(shape, this.name);
    return shape;
  }

  /** Runs the layer; tfjs calls it. */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = onlyTensor<tf.Tensor4D>(inputs);
    const { size, alpha, beta, k } = this.options;
    const channels = x.shape[3];
    // A product with a band matrix: tfjs' own kernel takes odd sizes only and is missing on some backends.
    const squares = tf.reshape(tf.square(x), [-1, channels]) as tf.Tensor2D;
    const sums = tf.matMul(squares, tf.tensor2d(neighbours(channels, size), [channels, channels]));
    const scale = tf.pow(tf.add(k, tf.mul(sums, alpha / size)), beta);
    return tf.div(x, tf.reshape(scale, x.shape));
  }

  /** What a saved layer is made from again. */
  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.options };
  }
}
tf.serialization.registerClass(LocalResponseNorm);
