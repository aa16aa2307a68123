/**
 * Branches side by side along the channels, as Inception and DenseNet need it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Shape } from "@tensorflow/tfjs-layers";
import { DeclaredLayer, type LayerConfig, tensorsOf } from "./layer.ts";

/**
 * `[N, H, W, C1]`, `[N, H, W, C2]`, … → `[N, H, W, C1 + C2 + …]`.
 *
 * @example
 * ```ts
 * import { Concat } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new Concat({}).computeOutputShape([[null, 5, 5, 16], [null, 5, 5, 32]]), [null, 5, 5, 48]);
 * ```
 */
export class Concat extends DeclaredLayer {
  /** The name it is serialised under. */
  static readonly className = "ConvbenchConcat";

  constructor(config: LayerConfig = {}) {
    super(config);
  }

  override typeName(): string {
    return "Concat";
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [first, ...others] = inputShape as Shape[];
    if (!Array.isArray(first) || others.length === 0) {
      throw new RangeError(`Expected the inputs of ${this.name} to be two or more but found ${inputShape.length}`);
    }
    const outer = String(first.slice(0, -1));
    for (const other of others) {
      if (String(other.slice(0, -1)) !== outer) {
        throw new RangeError(
          `Expected the inputs of ${this.name} to differ in channels only but found [${first}] and [${other}]`,
        );
      }
    }
    const channels = [first, ...others].reduce((sum, shape) => sum + (shape[shape.length - 1] ?? NaN), 0);
    return [...first.slice(0, -1), channels];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.concat(tensorsOf(inputs), -1);
  }
}
tf.serialization.registerClass(Concat);
