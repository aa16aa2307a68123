/**
 * The activation `x / (1 + exp(-x))`, also called swish.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Shape } from "@tensorflow/tfjs-layers";
import { silu } from "../ops/silu.ts";
import { DeclaredLayer, type LayerConfig, onlyShape, onlyTensor } from "./layer.ts";

/**
 * Any shape → the same shape: `x / (1 + exp(-x))`, value by value (Elfwing et al. 2017;
 * EfficientNet's activation).
 *
 * @example
 * ```ts
 * import { Silu } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new Silu({}).computeOutputShape([null, 5, 5, 16]), [null, 5, 5, 16]);
 * ```
 */
export class Silu extends DeclaredLayer {
  /** The name it is serialised under. */
  static readonly className = "ConvbenchSilu";

  /** Takes options; those left out have their defaults. */
  constructor(config: LayerConfig = {}) {
    super(config);
  }

  /** PyTorch's class name for it. */
  override typeName(): string {
    return "SiLU";
  }

  /** The shape of the output, the batch as it came. */
  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return onlyShape(inputShape);
  }

  /** Runs the layer; tfjs calls it. */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return silu(onlyTensor(inputs));
  }
}
tf.serialization.registerClass(Silu);
