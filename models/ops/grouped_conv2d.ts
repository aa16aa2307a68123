/**
 * Convolution in groups: output channels of group g see the input channels of
 * group g only (AlexNet's two GPUs; ResNeXt's cardinality). tfjs knows one group
 * and one group per channel, nothing between.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { defineOp, onlyOutput, type Op } from "./op.ts";

/** Zeros around the two axes of an image, as tfjs' kernels take them. */
export type ExplicitPadding = [[number, number], [number, number], [number, number], [number, number]];

/** Attributes of {@linkcode groupedConv2D} and its two gradients. */
export interface GroupedConv2DAttributes {
  readonly groups: number;
  readonly strides: [number, number];
  readonly dilations: [number, number];
  readonly pad: ExplicitPadding | "valid" | "same";
}

/** `[N, H, W, C]`, or a filter's `[kH, kW, in, out]`. */
export type Shape4D = [number, number, number, number];

const perGroup = (x: tf.Tensor, groups: number): tf.Tensor4D[] => tf.split(x, groups, 3) as tf.Tensor4D[];

function ungroup<T extends tf.Tensor>(
  parts: readonly (readonly [T, T])[],
  run: (a: T, b: T) => tf.Tensor,
): tf.Tensor[] {
  return [tf.concat(parts.map(([a, b]) => run(a, b)), 3)];
}

const pairs = (a: tf.Tensor, b: tf.Tensor, groups: number): [tf.Tensor4D, tf.Tensor4D][] => {
  const right = perGroup(b, groups);
  return perGroup(a, groups).flatMap((left, g) => right[g] === undefined ? [] : [[left, right[g]]]);
};

function gradientKernel(
  kernelName: "Conv2DBackpropInput" | "Conv2DBackpropFilter",
  inputs: tf.NamedTensorMap,
  { strides, pad }: GroupedConv2DAttributes,
  shape: Partial<Record<"inputShape" | "filterShape", Shape4D>>,
): tf.Tensor {
  const attributes = { strides, pad, dataFormat: "NHWC", ...shape } as unknown as tf.NamedAttrMap;
  return tf.engine().runKernel(kernelName, inputs, attributes) as tf.Tensor;
}

const withGroupChannels = ([n, h, w, c]: Shape4D, groups: number): Shape4D => [n, h, w, c / groups];

/** `GroupedConv2DBackpropInput`: the gradient for `x`. */
export const groupedConv2DBackpropInput: Op<
  { dy: tf.Tensor; filter: tf.Tensor },
  GroupedConv2DAttributes & { readonly inputShape: Shape4D }
> = defineOp({
  kernelName: "GroupedConv2DBackpropInput",
  fallback: ({ dy, filter }, attributes) => {
    const inputShape = withGroupChannels(attributes.inputShape, attributes.groups);
    return ungroup(
      pairs(dy, filter, attributes.groups),
      (dy, filter) => gradientKernel("Conv2DBackpropInput", { dy, filter }, attributes, { inputShape }),
    );
  },
});

/** `GroupedConv2DBackpropFilter`: the gradient for `filter`. */
export const groupedConv2DBackpropFilter: Op<
  { x: tf.Tensor; dy: tf.Tensor },
  GroupedConv2DAttributes & { readonly filterShape: Shape4D }
> = defineOp({
  kernelName: "GroupedConv2DBackpropFilter",
  fallback: ({ x, dy }, attributes) => {
    const filterShape = withGroupChannels(attributes.filterShape, attributes.groups);
    return ungroup(
      pairs(x, dy, attributes.groups),
      (x, dy) => gradientKernel("Conv2DBackpropFilter", { x, dy }, attributes, { filterShape }),
    );
  },
});

/**
 * `GroupedConv2D`: `{ x: [N, H, W, C], filter: [kH, kW, C / groups, F] }` → `[y: [N, H', W', F]]`.
 * Gradients for both, where no dilation is used (tfjs has none for dilated convolution).
 */
export const groupedConv2D: Op<{ x: tf.Tensor; filter: tf.Tensor }, GroupedConv2DAttributes> = defineOp({
  kernelName: "GroupedConv2D",
  fallback: ({ x, filter }, { groups, strides, dilations, pad }) =>
    ungroup(
      pairs(x, filter, groups),
      (x, filter) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, pad, "NHWC", dilations),
    ),
  gradient: {
    inputsToSave: ["x", "filter"],
    gradFunc: (dys, [x, filter], attrs) => {
      const attributes = attrs as unknown as GroupedConv2DAttributes;
      const dy = dys as tf.Tensor;
      if (x === undefined || filter === undefined) throw new Error("GroupedConv2D saved fewer tensors than it needs");
      if (attributes.dilations.some((dilation) => dilation !== 1)) {
        throw new RangeError(`Expected dilation to be 1 for a gradient but found ${attributes.dilations}`);
      }
      return {
        x: () =>
          onlyOutput(groupedConv2DBackpropInput({ dy, filter }, { ...attributes, inputShape: x.shape as Shape4D })),
        filter: () =>
          onlyOutput(groupedConv2DBackpropFilter({ x, dy }, { ...attributes, filterShape: filter.shape as Shape4D })),
      };
    },
  },
});
