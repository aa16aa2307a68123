/**
 * Maximum pooling with PyTorch's meaning: explicit padding, `ceil_mode`.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Shape } from "@tensorflow/tfjs-layers";
import { DeclaredLayer, onlyShape, onlyTensor } from "./layer.ts";
import { parsePooling, type PoolingConfig, type PoolingOptions, poolingShape, poolingWindows } from "./pooling.ts";

/**
 * `[N, H, W, C]` → `[N, H', W', C]`: the largest value under each window.
 *
 * @example
 * ```ts
 * import { MaxPool2d } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new MaxPool2d({ kernelSize: 3, stride: 2, ceilMode: true });
 * assertEquals(layer.computeOutputShape([null, 112, 112, 64]), [null, 56, 56, 64]);
 * ```
 */
export class MaxPool2d extends DeclaredLayer {
  /** The name it is serialised under. */
  static readonly className = "ConvbenchMaxPool2d";
  /** The options, completed. */
  readonly options: PoolingOptions;

  /** Takes options; those left out have their defaults. */
  constructor(config: PoolingConfig) {
    super(config);
    this.options = parsePooling(config, "MaxPool2d");
  }

  /** PyTorch's class name for it. */
  override typeName(): string {
    return "MaxPool2d";
  }

  /** The shape of the output, the batch as it came. */
  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return poolingShape(onlyShape(inputShape), this.options, this.name);
  }

  /** Runs the layer; tfjs calls it. */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = onlyTensor<tf.Tensor4D>(inputs);
    const { kernelSize, stride } = this.options;
    const { pad, padded } = poolingWindows(x.shape, this.options, this.name);
    // Padding and what hangs over the end never win: tfjs' kernels leave them out of the maximum.
    return tf.maxPool(x, kernelSize, stride, padded ? pad : "valid");
  }

  /** What a saved layer is made from again. */
  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.options };
  }
}
tf.serialization.registerClass(MaxPool2d);
