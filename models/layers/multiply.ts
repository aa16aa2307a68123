/**
 * A map scaled channel by channel, as squeeze and excitation needs it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Shape } from "@tensorflow/tfjs-layers";
import { show } from "../errors.ts";
import { DeclaredLayer, type LayerConfig, tensorsOf } from "./layer.ts";

/**
 * `[N, H, W, C]` and a scale `[N, 1, 1, C]` → `[N, H, W, C]`: their product.
 *
 * @example
 * ```ts
 * import { Multiply } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new Multiply({}).computeOutputShape([[null, 5, 5, 16], [null, 1, 1, 16]]), [null, 5, 5, 16]);
 * ```
 */
export class Multiply extends DeclaredLayer {
  /** The name it is serialised under. */
  static readonly className = "ConvbenchMultiply";

  /** Takes options; those left out have their defaults. */
  constructor(config: LayerConfig = {}) {
    super(config);
  }

  /** What a description calls it; PyTorch has no module for it. */
  override typeName(): string {
    return "Multiply";
  }

  /** The shape of the output, the batch as it came. */
  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [x, scale, ...others] = inputShape as Shape[];
    if (!Array.isArray(x) || !Array.isArray(scale) || others.length > 0) {
      throw new RangeError(
        `Expected the inputs of ${this.name} to be a map and its scale but found ${show(inputShape)}`,
      );
    }
    const expected = [x[0], 1, 1, x[3]];
    if (x.length !== 4 || String(scale) !== String(expected)) {
      throw new RangeError(
        `Expected the scale of ${this.name} to have one value per channel of ${show(x)} but found ${show(scale)}`,
      );
    }
    return x;
  }

  /** Runs the layer; tfjs calls it. */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [x, scale] = tensorsOf(inputs);
    if (x === undefined || scale === undefined) {
      throw new RangeError(`Expected the inputs of ${this.name} to be a map and its scale but found fewer`);
    }
    return tf.mul(x, scale);
  }
}
tf.serialization.registerClass(Multiply);
