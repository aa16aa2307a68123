/**
 * The fully connected layer, with PyTorch's names.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Shape } from "@tensorflow/tfjs-layers";
import { z } from "zod";
import { show } from "../errors.ts";
import { biasAdd } from "../ops/bias_add.ts";
import { onlyOutput } from "../ops/op.ts";
import { DeclaredLayer, type LayerConfig, onlyShape, onlyTensor, parseLayerConfig, type WeightSpec } from "./layer.ts";
import { sameLayout } from "./weight_layout.ts";

/** Options of {@linkcode Linear}. */
export interface LinearConfig extends LayerConfig {
  /** Output features. */
  units: number;
  /** Whether a bias is added. @default {true} */
  bias?: boolean;
  /**
   * [height, width, channels] of the map that was flattened into the input: PyTorch
   * flattens channels first, so a state dict holds the columns in another order.
   */
  flattenedFrom?: readonly [number, number, number] | undefined;
}

/** Options of {@linkcode Linear}, completed. */
export interface LinearOptions {
  /** Output features. */
  readonly units: number;
  /** Whether there is a bias. */
  readonly bias: boolean;
  /** [height, width, channels] of the map that was flattened into the input. */
  readonly flattenedFrom?: [number, number, number] | undefined;
}

const schema: z.ZodType<LinearOptions> = z.strictObject({
  units: z.int().positive(),
  bias: z.boolean().default(true),
  flattenedFrom: z.tuple([z.int().positive(), z.int().positive(), z.int().positive()]).optional(),
});

/**
 * `[N, features]` → `[N, units]`; the weight is `[features, units]` here and
 * `[units, features]` in a state dict.
 *
 * @example
 * ```ts
 * import { Linear } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new Linear({ units: 10 });
 * assertEquals(layer.computeOutputShape([null, 84]), [null, 10]);
 * assertEquals(layer.macs([null, 84]), 840);
 * ```
 */
export class Linear extends DeclaredLayer {
  /** The name it is serialised under. */
  static readonly className = "ConvbenchLinear";
  /** The options, completed. */
  readonly options: LinearOptions;

  /** Takes options; those left out have their defaults. */
  constructor(config: LinearConfig) {
    super(config);
    this.options = parseLayerConfig(schema, config, "Linear");
  }

  /** PyTorch's class name for it. */
  override typeName(): string {
    return "Linear";
  }

  #features(inputShape: Shape): number {
    const [, features] = inputShape;
    if (inputShape.length !== 2 || features == null) {
      throw new RangeError(
        `Expected the input of ${this.name} to have shape [batch, features] but found ${show(inputShape)}`,
      );
    }
    return features;
  }

  /** The weights, in PyTorch's order. */
  override weightSpecs(inputShape: Shape): WeightSpec[] {
    const features = this.#features(inputShape);
    const { units, bias, flattenedFrom } = this.options;
    if (flattenedFrom && flattenedFrom.reduce((a, b) => a * b, 1) !== features) {
      throw new RangeError(
        `Expected flattenedFrom of ${this.name} to hold ${features} features but found [${flattenedFrom}]`,
      );
    }
    const weight: WeightSpec = {
      name: "weight",
      shape: [features, units],
      layout: flattenedFrom
        ? { view: [...flattenedFrom, units], permutation: [3, 2, 0, 1], torchShape: [units, features] }
        : { view: [features, units], permutation: [1, 0], torchShape: [units, features] },
      role: "parameter",
      initial: { kind: "linear", fanIn: features, fanOut: units },
    };
    if (!bias) return [weight];
    return [weight, {
      name: "bias",
      shape: [units],
      layout: sameLayout([units]),
      role: "parameter",
      initial: { kind: "bias", fanIn: features },
    }];
  }

  /** Multiply-accumulates for one image. */
  override macs(inputShape: Shape): number {
    return this.#features(inputShape) * this.options.units;
  }

  /** The shape of the output, the batch as it came. */
  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const shape = onlyShape(inputShape);
    this.#features(shape);
    return [shape[0] ?? null, this.options.units];
  }

  /** Runs the layer; tfjs calls it. */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const y = tf.matMul(onlyTensor<tf.Tensor2D>(inputs), this.read<tf.Tensor2D>("weight"));
    return this.options.bias ? onlyOutput(biasAdd({ x: y, bias: this.read("bias") }, {})) : y;
  }

  /** What a saved layer is made from again. */
  override getConfig(): tf.serialization.ConfigDict {
    const { units, bias, flattenedFrom } = this.options;
    return { ...super.getConfig(), units, bias, ...(flattenedFrom ? { flattenedFrom } : {}) };
  }
}
tf.serialization.registerClass(Linear);
