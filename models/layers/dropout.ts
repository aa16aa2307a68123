/**
 * Dropout: zeroes values at random in training, does nothing in evaluation.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Shape } from "@tensorflow/tfjs-layers";
import { dropoutSeeded } from "../ops/dropout_seeded.ts";
import { onlyOutput } from "../ops/op.ts";
import { onlyShape, onlyTensor } from "./layer.ts";
import { RandomLayer, type RandomLayerConfig } from "./random_layer.ts";

/** Options of {@linkcode Dropout}: `rate` is the share of values that becomes zero. */
export type DropoutConfig = RandomLayerConfig;

/**
 * Any shape → the same shape (Srivastava et al. 2014). The mask of a training
 * call is a function of the seed and of {@linkcode Dropout.calls}.
 *
 * @example
 * ```ts
 * import { Dropout } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new Dropout({ rate: 0.2, seed: 1 }).computeOutputShape([null, 4096]), [null, 4096]);
 * ```
 */
export class Dropout extends RandomLayer {
  /** The name it is serialised under. */
  static readonly className = "ConvbenchDropout";

  /** Takes options; those left out have their defaults. */
  constructor(config: DropoutConfig = {}) {
    super(config, "Dropout");
  }

  /** PyTorch's class name for it. */
  override typeName(): string {
    return "Dropout";
  }

  /** The shape of the output, the batch as it came. */
  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return onlyShape(inputShape);
  }

  /** Runs the layer; tfjs calls it. */
  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { training?: boolean } = {}): tf.Tensor {
    const x = onlyTensor(inputs);
    if (kwargs.training !== true || this.rate === 0) return x.clone();
    return onlyOutput(dropoutSeeded({ x }, this.nextDraw()));
  }
}
tf.serialization.registerClass(Dropout);
