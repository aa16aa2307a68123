/**
 * The sum of branches, as a residual block needs it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Shape } from "@tensorflow/tfjs-layers";
import { show } from "../errors.ts";
import { DeclaredLayer, type LayerConfig, tensorsOf } from "./layer.ts";

/**
 * Two or more inputs of one shape → that shape: their sum.
 *
 * @example
 * ```ts
 * import { Add } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new Add({}).computeOutputShape([[null, 5, 5, 16], [null, 5, 5, 16]]), [null, 5, 5, 16]);
 * ```
 */
export class Add extends DeclaredLayer {
  /** The name it is serialised under. */
  static readonly className = "ConvbenchAdd";

  /** Takes options; those left out have their defaults. */
  constructor(config: LayerConfig = {}) {
    super(config);
  }

  /** PyTorch's class name for it. */
  override typeName(): string {
    return "Add";
  }

  /** The shape of the output, the batch as it came. */
  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [first, ...others] = inputShape as Shape[];
    if (!Array.isArray(first) || others.length === 0) {
      throw new RangeError(`Expected the inputs of ${this.name} to be two or more but found ${inputShape.length}`);
    }
    for (const other of others) {
      if (String(other) !== String(first)) {
        throw new RangeError(
          `Expected the inputs of ${this.name} to have one shape but found ${show(first)} and ${show(other)}`,
        );
      }
    }
    return first;
  }

  /** Runs the layer; tfjs calls it. */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [first, ...others] = tensorsOf(inputs);
    if (first === undefined) {
      throw new RangeError(`Expected the inputs of ${this.name} to be two or more but found none`);
    }
    return others.reduce((sum, other) => tf.add(sum, other), first);
  }
}
tf.serialization.registerClass(Add);
