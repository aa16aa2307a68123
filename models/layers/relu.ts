/**
 * The activation `max(x, 0)`.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Shape } from "@tensorflow/tfjs-layers";
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

  constructor(config: LayerConfig = {}) {
    super(config);
  }

  override typeName(): string {
    return "ReLU";
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return onlyShape(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.relu(onlyTensor(inputs));
  }
}
tf.serialization.registerClass(Relu);
