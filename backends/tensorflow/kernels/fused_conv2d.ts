/**
 * Convolution, bias and activation in one kernel of tfjs'.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type TensorFlowKernel, text, type } from "./kernel.ts";
import { type ConvolutionAttributes, convolve } from "./conv2d.ts";
import type { NodeBackend } from "../upstream.ts";

interface Inputs {
  readonly x: tf.Tensor;
  readonly filter: tf.Tensor;
  readonly bias?: tf.Tensor;
  readonly preluActivationWeights?: tf.Tensor;
}

interface Attributes extends ConvolutionAttributes {
  readonly activation?: string | null;
  readonly leakyreluAlpha?: number;
}

/** tfjs-node's own choice of an activation. */
interface Activating {
  applyActivation(y: tf.Tensor, activation?: string | null, prelu?: tf.Tensor, leakyreluAlpha?: number): tf.Tensor;
}

/** `y` plus one bias a channel. */
export function addBias(backend: NodeBackend, y: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  const channels = y.shape[y.rank - 1];
  if (bias.rank !== 1 || bias.shape[0] !== channels) return tf.add(y, bias);
  return backend.executeSingleOutput("BiasAdd", [type("T", y.dtype), text("data_format", "NHWC")], [y, bias]);
}

const fused = (name: Parameters<typeof convolve>[1]): TensorFlowKernel<Inputs, Attributes> =>
(
  { inputs: { x, filter, bias, preluActivationWeights }, backend, attrs },
) =>
  tf.tidy(() => {
    if ((attrs.dataFormat ?? "NHWC") !== "NHWC") {
      throw new RangeError(`Expected dataFormat of a fused convolution to be NHWC but found ${attrs.dataFormat}`);
    }
    const y = convolve(backend, name, { x, filter }, attrs);
    const biased = bias == null ? y : addBias(backend, y, bias);
    const { applyActivation } = backend as unknown as Activating;
    return applyActivation.call(backend, biased, attrs.activation, preluActivationWeights, attrs.leakyreluAlpha);
  });

/** `FusedConv2D`. */
export const fusedConv2D: TensorFlowKernel<Inputs, Attributes> = fused("Conv2D");

/** `FusedDepthwiseConv2D`. */
export const fusedDepthwiseConv2D: TensorFlowKernel<Inputs, Attributes> = fused("DepthwiseConv2dNative");
