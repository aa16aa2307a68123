/**
 * Flattening of a map into features.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Shape } from "@tensorflow/tfjs-layers";
import { DeclaredLayer, type LayerConfig, onlyShape, onlyTensor } from "./layer.ts";

/**
 * `[N, …]` → `[N, features]`, channels last. PyTorch's order is channels first: the
 * linear layer behind it permutes its rows in state dicts (`flattenedFrom`).
 *
 * @example
 * ```ts
 * import { Flatten } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new Flatten({}).computeOutputShape([null, 5, 5, 16]), [null, 400]);
 * ```
 */
export class Flatten extends DeclaredLayer {
  /** The name it is serialised under. */
  static readonly className = "ConvbenchFlatten";

  constructor(config: LayerConfig = {}) {
    super(config);
  }

  override typeName(): string {
    return "Flatten";
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [batch = null, ...sizes] = onlyShape(inputShape);
    return [batch, sizes.reduce<number>((product, size) => product * (size ?? NaN), 1)];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = onlyTensor(inputs);
    const [batch = 1] = x.shape;
    return tf.reshape(x, [batch, x.size / batch]);
  }
}
tf.serialization.registerClass(Flatten);
