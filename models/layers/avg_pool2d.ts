/**
 * Average pooling with PyTorch's meaning: explicit padding, `ceil_mode`,
 * `count_include_pad`.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Shape } from "@tensorflow/tfjs-layers";
import { z } from "zod";
import { parseConfig } from "../errors.ts";
import { DeclaredLayer, imageSize, onlyShape, onlyTensor } from "./layer.ts";
import { parsePooling, type PoolingConfig, type PoolingOptions, poolingShape, poolingWindows } from "./pooling.ts";

/** Options of {@linkcode AvgPool2d}; the defaults are those of `torch.nn.AvgPool2d`. */
export interface AvgPool2dConfig extends PoolingConfig {
  /** Whether zeros of the padding count in the divisor; what `ceilMode` adds never does. @default {true} */
  countIncludePad?: boolean;
}

/** Options of {@linkcode AvgPool2d}, completed. */
export interface AvgPool2dOptions extends PoolingOptions {
  /** Whether zeros of the padding count in the divisor. */
  readonly countIncludePad: boolean;
}

const schema = z.strictObject({ countIncludePad: z.boolean().default(true) });

/**
 * `[N, H, W, C]` → `[N, H', W', C]`: the mean of each window.
 *
 * @example
 * ```ts
 * import { AvgPool2d } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new AvgPool2d({ kernelSize: 2 });
 * assertEquals(layer.computeOutputShape([null, 28, 28, 6]), [null, 14, 14, 6]);
 * ```
 */
export class AvgPool2d extends DeclaredLayer {
  /** The name it is serialised under. */
  static readonly className = "ConvbenchAvgPool2d";
  /** The options, completed. */
  readonly options: AvgPool2dOptions;

  /** Takes options; those left out have their defaults. */
  constructor(config: AvgPool2dConfig) {
    super(config);
    const { countIncludePad, ...pooling } = config;
    this.options = {
      ...parsePooling(pooling, "AvgPool2d"),
      ...parseConfig(schema, { countIncludePad }, config.name ?? "AvgPool2d"),
    };
  }

  /** PyTorch's class name for it. */
  override typeName(): string {
    return "AvgPool2d";
  }

  /** The shape of the output, the batch as it came. */
  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return poolingShape(onlyShape(inputShape), this.options, this.name);
  }

  /** Runs the layer; tfjs calls it. */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = onlyTensor<tf.Tensor4D>(inputs);
    const { kernelSize: [kh, kw], stride } = this.options;
    const { pad, padded } = poolingWindows(x.shape, this.options, this.name);
    if (!padded) return tf.avgPool(x, [kh, kw], stride, "valid");
    // tfjs divides by what lies inside the input, on some backends by the whole
    // window: padding by hand and a divisor of our own mean the same everywhere.
    const mean = tf.avgPool(tf.pad(x, pad), [kh, kw], stride, "valid");
    return tf.mul(mean, tf.tensor4d(this.#corrections(x.shape), [1, mean.shape[1], mean.shape[2], 1]));
  }

  /** Window size by counted values, for every place of the output. */
  #corrections(inputShape: Shape): Float32Array {
    const [height, width] = imageSize(inputShape, this.name);
    const [, rows, columns] = this.computeOutputShape(inputShape);
    const vertical = this.#counts(0, height, rows ?? 0);
    const horizontal = this.#counts(1, width, columns ?? 0);
    const [kh, kw] = this.options.kernelSize;
    return Float32Array.from(vertical.flatMap((v) => horizontal.map((h) => (kh * kw) / (v * h))));
  }

  #counts(axis: 0 | 1, size: number, windows: number): number[] {
    const { kernelSize, stride, padding, countIncludePad } = this.options;
    const [low, high] = countIncludePad ? [-padding[axis], size + padding[axis]] : [0, size];
    return Array.from({ length: windows }, (_, i) => {
      const start = i * stride[axis] - padding[axis];
      return Math.min(start + kernelSize[axis], high) - Math.max(start, low);
    });
  }

  /** What a saved layer is made from again. */
  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.options };
  }
}
tf.serialization.registerClass(AvgPool2d);
