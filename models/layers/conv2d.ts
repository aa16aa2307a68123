/**
 * 2-D convolution with PyTorch's meaning: explicit symmetric padding, groups.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Shape } from "@tensorflow/tfjs-layers";
import { z } from "zod";
import { show } from "../errors.ts";
import { biasAdd } from "../ops/bias_add.ts";
import { convolution } from "../ops/convolution.ts";
import { type ExplicitPadding, groupedConv2D } from "../ops/grouped_conv2d.ts";
import { onlyOutput } from "../ops/op.ts";
import {
  DeclaredLayer,
  imageSize,
  type LayerConfig,
  onlyShape,
  onlyTensor,
  parseLayerConfig,
  type WeightSpec,
} from "./layer.ts";
import { outputSize, type Pair, pair, positivePair } from "./options.ts";
import { sameLayout } from "./weight_layout.ts";

/** Options of {@linkcode Conv2d}; the defaults are those of `torch.nn.Conv2d`. */
export interface Conv2dConfig extends LayerConfig {
  /** Output channels. */
  filters: number;
  /** Height and width of the window. */
  kernelSize: Pair;
  /** Steps of the window. @default {1} */
  stride?: Pair;
  /** Zeros added on both ends of each axis. @default {0} */
  padding?: Pair;
  /** Distance between the window's points; tfjs has no gradient for more than 1, and no stride beside it. @default {1} */
  dilation?: Pair;
  /** Groups of channels that do not see each other; divides both channel counts. @default {1} */
  groups?: number;
  /** Whether a bias is added. @default {true} */
  bias?: boolean;
}

/** Options of {@linkcode Conv2d}, completed; pairs are [height, width]. */
export interface Conv2dOptions {
  /** Output channels. */
  readonly filters: number;
  /** The window. */
  readonly kernelSize: [number, number];
  /** Steps of the window. */
  readonly stride: [number, number];
  /** Zeros on both ends of each axis. */
  readonly padding: [number, number];
  /** Distance between the window's points. */
  readonly dilation: [number, number];
  /** Groups of channels that do not see each other. */
  readonly groups: number;
  /** Whether there is a bias. */
  readonly bias: boolean;
}

const schema: z.ZodType<Conv2dOptions> = z.strictObject({
  filters: z.int().positive(),
  kernelSize: positivePair,
  stride: positivePair.default([1, 1]),
  padding: pair.default([0, 0]),
  dilation: positivePair.default([1, 1]),
  groups: z.int().positive().default(1),
  bias: z.boolean().default(true),
});

/**
 * `[N, H, W, C]` → `[N, H', W', filters]`; the weight is `[kH, kW, C / groups, filters]`
 * here and `[filters, C / groups, kH, kW]` in a state dict.
 *
 * @example A 3×3 convolution that keeps height and width
 * ```ts
 * import { Conv2d } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new Conv2d({ filters: 16, kernelSize: 3, padding: 1 });
 * assertEquals(layer.computeOutputShape([null, 28, 28, 1]), [null, 28, 28, 16]);
 * assertEquals(layer.macs([null, 28, 28, 1]), 28 * 28 * 16 * 9);
 * ```
 */
export class Conv2d extends DeclaredLayer {
  /** The name it is serialised under. */
  static readonly className = "ConvbenchConv2d";
  /** The options, completed. */
  readonly options: Conv2dOptions;

  /** Takes options; those left out have their defaults. */
  constructor(config: Conv2dConfig) {
    super(config);
    this.options = parseLayerConfig(schema, config, "Conv2d");
    const { stride, dilation } = this.options;
    if (stride.some((steps) => steps > 1) && dilation.some((distance) => distance > 1)) {
      throw new RangeError(
        `Expected stride or dilation of ${config.name ?? "Conv2d"} to be 1 but found ${show(stride)} and ${
          show(dilation)
        }`,
      );
    }
  }

  /** PyTorch's class name for it. */
  override typeName(): string {
    return "Conv2d";
  }

  /** The weights, in PyTorch's order. */
  override weightSpecs(inputShape: Shape): WeightSpec[] {
    const [, , channels] = imageSize(inputShape, this.name);
    const { filters, kernelSize: [kh, kw], groups, bias } = this.options;
    if (channels % groups !== 0 || filters % groups !== 0) {
      throw new RangeError(
        `Expected groups of ${this.name} to divide ${channels} input channels and ${filters} filters but found ${groups}`,
      );
    }
    const perGroup = channels / groups;
    const fanIn = kh * kw * perGroup;
    const weight: WeightSpec = {
      name: "weight",
      shape: [kh, kw, perGroup, filters],
      layout: {
        view: [kh, kw, perGroup, filters],
        permutation: [3, 2, 0, 1],
        torchShape: [filters, perGroup, kh, kw],
      },
      role: "parameter",
      initial: { kind: "convolution", fanIn, fanOut: kh * kw * filters },
    };
    if (!bias) return [weight];
    return [weight, {
      name: "bias",
      shape: [filters],
      layout: sameLayout([filters]),
      role: "parameter",
      initial: { kind: "bias", fanIn },
    }];
  }

  /** Multiply-accumulates for one image. */
  override macs(inputShape: Shape): number {
    const [, , channels] = imageSize(inputShape, this.name);
    const [, height, width, filters] = this.computeOutputShape(inputShape);
    const { kernelSize: [kh, kw], groups } = this.options;
    return (height ?? 0) * (width ?? 0) * (filters ?? 0) * kh * kw * channels / groups;
  }

  /** The shape of the output, the batch as it came. */
  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const shape = onlyShape(inputShape);
    const [height, width] = imageSize(shape, this.name);
    const { filters, kernelSize, stride, padding, dilation } = this.options;
    const along = (axis: 0 | 1, size: number) =>
      outputSize(size, {
        kernelSize: kernelSize[axis],
        stride: stride[axis],
        padding: padding[axis],
        dilation: dilation[axis],
      }, this.name);
    return [shape[0] ?? null, along(0, height), along(1, width), filters];
  }

  /** Runs the layer; tfjs calls it. */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = onlyTensor<tf.Tensor4D>(inputs);
    const filter = this.read<tf.Tensor4D>("weight");
    const bias = this.options.bias ? this.read<tf.Tensor1D>("bias") : undefined;
    const { stride: strides, dilation: dilations, groups } = this.options;
    const pad = this.#pad();
    if (groups > 1) return addBias(this.#grouped(x, filter, pad), bias);
    if (bias !== undefined && dilations.every((dilation) => dilation === 1)) {
      return onlyOutput(convolution({ x, filter, bias }, { strides, pad }));
    }
    return addBias(tf.conv2d(x, filter, strides, pad, "NHWC", dilations), bias);
  }

  #grouped(x: tf.Tensor4D, filter: tf.Tensor4D, pad: ExplicitPadding | "valid"): tf.Tensor {
    const { stride: strides, dilation: dilations, groups, filters, kernelSize: [kh, kw] } = this.options;
    // One group per channel is a kernel that every backend has; its strides have to be alike.
    if (groups === x.shape[3] && strides[0] === strides[1]) {
      const depthwise = tf.reshape(filter, [kh, kw, groups, filters / groups]) as tf.Tensor4D;
      return tf.depthwiseConv2d(x, depthwise, strides, pad as "valid", "NHWC", dilations);
    }
    return onlyOutput(groupedConv2D({ x, filter }, { groups, strides, dilations, pad }));
  }

  #pad(): ExplicitPadding | "valid" {
    const [h, w] = this.options.padding;
    return h === 0 && w === 0 ? "valid" : [[0, 0], [h, h], [w, w], [0, 0]];
  }

  /** What a saved layer is made from again. */
  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.options };
  }
}
tf.serialization.registerClass(Conv2d);

const addBias = (x: tf.Tensor, bias: tf.Tensor1D | undefined): tf.Tensor =>
  bias === undefined ? x : onlyOutput(biasAdd({ x, bias }, {}));
