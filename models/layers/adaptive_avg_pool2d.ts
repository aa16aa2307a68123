/**
 * Average pooling to a given size, as `torch.nn.AdaptiveAvgPool2d`.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Shape } from "@tensorflow/tfjs-layers";
import { z } from "zod";
import { DeclaredLayer, imageSize, type LayerConfig, onlyShape, onlyTensor, parseLayerConfig } from "./layer.ts";
import { type Pair, positivePair } from "./options.ts";

/** Options of {@linkcode AdaptiveAvgPool2d}. */
export interface AdaptiveAvgPool2dConfig extends LayerConfig {
  /** Height and width of the output. @default {1} */
  outputSize?: Pair;
}

/** Options of {@linkcode AdaptiveAvgPool2d}, completed. */
export interface AdaptiveAvgPool2dOptions {
  /** Height and width of the output. */
  readonly outputSize: [number, number];
}

const schema: z.ZodType<AdaptiveAvgPool2dOptions> = z.strictObject({ outputSize: positivePair.default([1, 1]) });

/** The matrix `[outputs, size]` whose row i is the mean over ⌊i·size/outputs⌋ … ⌈(i+1)·size/outputs⌉. */
function averaging(size: number, outputs: number): Float32Array {
  const matrix = new Float32Array(outputs * size);
  for (let i = 0; i < outputs; i++) {
    const start = Math.floor(i * size / outputs);
    const end = Math.ceil((i + 1) * size / outputs);
    matrix.fill(1 / (end - start), i * size + start, i * size + end);
  }
  return matrix;
}

/**
 * `[N, H, W, C]` → `[N, outputSize, outputSize, C]`: means over windows that share
 * the input evenly, overlapping where they have to.
 *
 * @example Global average pooling
 * ```ts
 * import { AdaptiveAvgPool2d } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new AdaptiveAvgPool2d({}).computeOutputShape([null, 7, 7, 512]), [null, 1, 1, 512]);
 * ```
 */
export class AdaptiveAvgPool2d extends DeclaredLayer {
  /** The name it is serialised under. */
  static readonly className = "ConvbenchAdaptiveAvgPool2d";
  /** The options, completed. */
  readonly options: AdaptiveAvgPool2dOptions;

  /** Takes options; those left out have their defaults. */
  constructor(config: AdaptiveAvgPool2dConfig = {}) {
    super(config);
    this.options = parseLayerConfig(schema, config, "AdaptiveAvgPool2d");
  }

  /** PyTorch's class name for it. */
  override typeName(): string {
    return "AdaptiveAvgPool2d";
  }

  /** The shape of the output, the batch as it came. */
  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const shape = onlyShape(inputShape);
    const [, , channels] = imageSize(shape, this.name);
    return [shape[0] ?? null, ...this.options.outputSize, channels];
  }

  /** Runs the layer; tfjs calls it. */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = onlyTensor<tf.Tensor4D>(inputs);
    const { outputSize: [rows, columns] } = this.options;
    const [batch, height, width, channels] = x.shape;
    if (rows === height && columns === width) return x.clone();
    if (rows === 1 && columns === 1) return tf.mean(x, [1, 2], true);
    if (height % rows === 0 && width % columns === 0) {
      const window: [number, number] = [height / rows, width / columns];
      return tf.avgPool(x, window, window, "valid");
    }
    // Uneven windows: one matrix per axis does the averaging, rows first.
    const byRow = tf.matMul(
      tf.tile(tf.tensor3d(averaging(height, rows), [1, rows, height]), [batch, 1, 1]),
      tf.reshape(x, [batch, height, width * channels]),
    );
    const byColumn = tf.matMul(
      tf.tile(tf.tensor3d(averaging(width, columns), [1, columns, width]), [batch * rows, 1, 1]),
      tf.reshape(byRow, [batch * rows, width, channels]),
    );
    return tf.reshape(byColumn, [batch, rows, columns, channels]);
  }

  /** What a saved layer is made from again. */
  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.options };
  }
}
tf.serialization.registerClass(AdaptiveAvgPool2d);
