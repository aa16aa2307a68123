/**
 * The activation `1 / (1 + exp(-x))`.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Shape } from "@tensorflow/tfjs-layers";
import { logistic } from "../ops/logistic.ts";
import { DeclaredLayer, type LayerConfig, onlyShape, onlyTensor } from "./layer.ts";

/**
 * Any shape → the same shape: `1 / (1 + exp(-x))`, value by value.
 *
 * @example
 * ```ts
 * import { Sigmoid } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new Sigmoid({}).computeOutputShape([null, 5, 5, 16]), [null, 5, 5, 16]);
 * ```
 */
export class Sigmoid extends DeclaredLayer {
  /** The name it is serialised under. */
  static readonly className = "ConvbenchSigmoid";

  /** Takes options; those left out have their defaults. */
  constructor(config: LayerConfig = {}) {
    super(config);
  }

  /** PyTorch's class name for it. */
  override typeName(): string {
    return "Sigmoid";
  }

  /** The shape of the output, the batch as it came. */
  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return onlyShape(inputShape);
  }

  /** Runs the layer; tfjs calls it. */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return logistic(onlyTensor(inputs));
  }
}
tf.serialization.registerClass(Sigmoid);
