/**
 * Flattening of a map into features.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Shape } from "@tensorflow/tfjs-layers";
import { show } from "../errors.ts";
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

  /** Takes options; those left out have their defaults. */
  constructor(config: LayerConfig = {}) {
    super(config);
  }

  /** PyTorch's class name for it. */
  override typeName(): string {
    return "Flatten";
  }

  /** The shape of the output, the batch as it came. */
  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const shape = onlyShape(inputShape);
    const [batch = null, ...sizes] = shape;
    const features = sizes.reduce<number>((product, size) => product * (size ?? NaN), 1);
    if (Number.isNaN(features)) {
      throw new RangeError(`Expected the input of ${this.name} to have known sizes but found ${show(shape)}`);
    }
    return [batch, features];
  }

  /** Runs the layer; tfjs calls it. */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = onlyTensor(inputs);
    const [batch = 1, ...sizes] = x.shape;
    return tf.reshape(x, [batch, tf.util.sizeFromShape(sizes)]);
  }
}
tf.serialization.registerClass(Flatten);
