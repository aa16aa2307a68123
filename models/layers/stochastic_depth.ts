/**
 * Stochastic depth: leaves a residual branch out for some images of a training
 * batch, does nothing in evaluation.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Shape } from "@tensorflow/tfjs-layers";
import { dropoutSeeded } from "../ops/dropout_seeded.ts";
import { onlyOutput } from "../ops/op.ts";
import { onlyShape, onlyTensor } from "./layer.ts";
import { RandomLayer, type RandomLayerConfig } from "./random_layer.ts";

/** Options of {@linkcode StochasticDepth}: `rate` is the probability that an image goes without the branch. */
export type StochasticDepthConfig = RandomLayerConfig;

/**
 * Any shape → the same shape (Huang et al. 2016; torchvision's `StochasticDepth`
 * in mode "row"): each image of a training batch is zero with probability `rate`,
 * else divided by 1 − rate. It stands at the end of a residual branch.
 *
 * @example
 * ```ts
 * import { StochasticDepth } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new StochasticDepth({ rate: 0.2 }).computeOutputShape([null, 7, 7, 320]), [null, 7, 7, 320]);
 * ```
 */
export class StochasticDepth extends RandomLayer {
  /** The name it is serialised under. */
  static readonly className = "ConvbenchStochasticDepth";

  /** Takes options; those left out have their defaults. */
  constructor(config: StochasticDepthConfig = {}) {
    super(config, "StochasticDepth");
  }

  /** PyTorch's class name for it. */
  override typeName(): string {
    return "StochasticDepth";
  }

  /** The shape of the output, the batch as it came. */
  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return onlyShape(inputShape);
  }

  /** Runs the layer; tfjs calls it. */
  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { training?: boolean } = {}): tf.Tensor {
    const x = onlyTensor(inputs);
    if (kwargs.training !== true || this.rate === 0) return x.clone();
    const ones = tf.ones([x.shape[0] ?? 1, ...x.shape.slice(1).map(() => 1)]);
    return tf.mul(x, onlyOutput(dropoutSeeded({ x: ones }, this.nextDraw())));
  }
}
tf.serialization.registerClass(StochasticDepth);
