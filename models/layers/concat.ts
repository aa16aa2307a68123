/**
 * Branches side by side along the channels, as Inception and DenseNet need it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Shape } from "@tensorflow/tfjs-layers";
import { show } from "../errors.ts";
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

  /** Takes options; those left out have their defaults. */
  constructor(config: LayerConfig = {}) {
    super(config);
  }

  /** PyTorch's class name for it. */
  override typeName(): string {
    return "Concat";
  }

  /** The shape of the output, the batch as it came. */
  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [first, ...others] = inputShape as Shape[];
    if (!Array.isArray(first) || others.length === 0) {
      throw new RangeError(`Expected the inputs of ${this.name} to be two or more but found ${inputShape.length}`);
    }
    const outer = String(first.slice(0, -1));
    for (const other of others) {
      if (String(other.slice(0, -1)) !== outer) {
        throw new RangeError(
          `Expected the inputs of ${this.name} to differ in channels only but found ${show(first)} and ${show(other)}`,
        );
      }
    }
    const channels = [first, ...others].reduce<number | null>((sum, shape) => {
      const size = shape[shape.length - 1] ?? null;
      return sum === null || size === null ? null : sum + size;
    }, 0);
    return [...first.slice(0, -1), channels];
  }

  /** Runs the layer; tfjs calls it. */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.concat(tensorsOf(inputs), -1);
  }
}
tf.serialization.registerClass(Concat);
