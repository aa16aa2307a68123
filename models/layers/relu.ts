/**
 * The activation `max(x, 0)`.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Shape } from "@tensorflow/tfjs-layers";
import { onlyOutput } from "../ops/op.ts";
import { rectifiedLinear } from "../ops/rectified_linear.ts";
import { DeclaredLayer, type LayerConfig, onlyShape, onlyTensor } from "./layer.ts";

/**
 * Any shape → the same shape: `max(x, 0)`, value by value.
 *
 * @example
 * ```ts
 * import { Relu } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new Relu({}).computeOutputShape([null, 5, 5, 16]), [null, 5, 5, 16]);
 * ```
 */
export class Relu extends DeclaredLayer {
  /** The name it is serialised under. */
  static readonly className = "ConvbenchRelu";

  /** Takes options; those left out have their defaults. */
  constructor(config: LayerConfig = {}) {
    super(config);
  }

  /** PyTorch's class name for it. */
  override typeName(): string {
    return "ReLU";
  }

  /** The shape of the output, the batch as it came. */
  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return onlyShape(inputShape);
  }

  /** Runs the layer; tfjs calls it. */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return onlyOutput(rectifiedLinear({ x: onlyTensor(inputs) }, {}));
  }
}
tf.serialization.registerClass(Relu);
