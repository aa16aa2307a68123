/**
 * Convolution with a bias as one operation: a backend may start its sums from the
 * bias, which costs no pass of its own and no rounding. tfjs' fused convolution does
 * so too, but its gradient always computes that of the input, which a first layer
 * does not need.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { biasAdd, biasAddGrad } from "./bias_add.ts";
import type { ExplicitPadding } from "./grouped_conv2d.ts";
import { defineOp, onlyOutput, type Op } from "./op.ts";

/** Attributes of {@linkcode convolution}. */
export interface ConvolutionAttributes {
  readonly strides: [number, number];
  readonly pad: ExplicitPadding | "valid" | "same";
}

type Inputs = { x: tf.Tensor; filter: tf.Tensor; bias: tf.Tensor };

/**
 * `ConvolutionWithBias`: `{ x: [N, H, W, C], filter: [kH, kW, C, F], bias: [F] }` → `[y: [N, H', W', F]]`.
 */
export const convolution: Op<Inputs, ConvolutionAttributes> = defineOp({
  kernelName: "ConvolutionWithBias",
  fallback: ({ x, filter, bias }: Inputs, { strides, pad }: ConvolutionAttributes) =>
    biasAdd({ x: tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, pad), bias }, {}),
  gradient: {
    inputsToSave: ["x", "filter"],
    gradFunc: (dys, [x, filter], attrs) => {
      const { strides, pad } = attrs as unknown as ConvolutionAttributes;
      const dy = dys as tf.Tensor;
      if (x === undefined || filter === undefined) {
        throw new Error("ConvolutionWithBias saved fewer tensors than it needs");
      }
      const run = (kernelName: string, inputs: tf.NamedTensorMap, shape: Record<string, number[]>): tf.Tensor => {
        const attributes = { strides, pad, dataFormat: "NHWC", ...shape } as unknown as tf.NamedAttrMap;
        return tf.engine().runKernel(kernelName, inputs, attributes) as tf.Tensor;
      };
      return {
        x: () => run("Conv2DBackpropInput", { dy, filter }, { inputShape: x.shape }),
        filter: () => run("Conv2DBackpropFilter", { x, dy }, { filterShape: filter.shape }),
        bias: () => onlyOutput(biasAddGrad({ dy }, {})),
      };
    },
  },
});
