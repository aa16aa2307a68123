/**
 * Bias, ReLU and the logistic function with the gradients that TensorFlow has for them.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import { type TensorFlowKernel, text, type } from "./kernel.ts";
import { addBias } from "./fused_conv2d.ts";

/** `BiasAdd`. */
export const biasAdd: TensorFlowKernel<{ x: tf.Tensor; bias: tf.Tensor }> = (
  { inputs: { x, bias }, backend },
) => [addBias(backend, x, bias)];

/** `BiasAddGrad`. */
export const biasAddGrad: TensorFlowKernel<{ dy: tf.Tensor }> = (
  { inputs: { dy }, backend },
) => [backend.executeSingleOutput("BiasAddGrad", [type("T", dy.dtype), text("data_format", "NHWC")], [dy])];

/** `RectifiedLinear`. */
export const rectifiedLinear: TensorFlowKernel<{ x: tf.Tensor }> = (
  { inputs: { x }, backend },
) => [backend.executeSingleOutput("Relu", [type("T", x.dtype)], [x])];

/** `RectifiedLinearGrad`. */
export const rectifiedLinearGrad: TensorFlowKernel<{ dy: tf.Tensor; y: tf.Tensor }> = (
  { inputs: { dy, y }, backend },
) => [backend.executeSingleOutput("ReluGrad", [type("T", y.dtype)], [dy, y])];

/** `Logistic`. */
export const logistic: TensorFlowKernel<{ x: tf.Tensor }> = (
  { inputs: { x }, backend },
) => [backend.executeSingleOutput("Sigmoid", [type("T", x.dtype)], [x])];

/** `LogisticGrad`. */
export const logisticGrad: TensorFlowKernel<{ dy: tf.Tensor; y: tf.Tensor }> = (
  { inputs: { dy, y }, backend },
) => [backend.executeSingleOutput("SigmoidGrad", [type("T", y.dtype)], [y, dy])];
