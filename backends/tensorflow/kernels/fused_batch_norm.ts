/**
 * BatchNorm with statistics that are given, as in evaluation.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { handleOf, type NodeBackend } from "../upstream.ts";
import { convolve } from "./conv2d.ts";
import { addBias } from "./fused_conv2d.ts";
import { bool, callUpstream, float, type TensorFlowKernel, text, type } from "./kernel.ts";
import { isFrozenForOneDnn } from "./one_dnn.ts";

interface Inputs {
  readonly x: tf.Tensor;
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
  readonly scale?: tf.Tensor;
  readonly offset?: tf.Tensor;
}

interface Attributes {
  readonly varianceEpsilon: number;
}

/** What is done to each channel: `x · factor + shift`. */
interface Affine {
  readonly factor: tf.Tensor;
  readonly shift: tf.Tensor;
}

/**
 * In a function whose weights are constants, where no convolution gave `x`: a convolution of one pixel, each channel
 * by itself, which takes the bias and an activation along in its one pass. TensorFlow's own BatchNorm with ReLU in it is
 * slower than the two apart.
 */
function asConvolution(backend: NodeBackend, x: tf.Tensor, affine: () => Affine): tf.Tensor | undefined {
  if (!isFrozenForOneDnn(backend)) return undefined;
  const { factor, shift } = affine();
  const filter = tf.reshape(factor, [1, 1, factor.size, 1]);
  return addBias(
    backend,
    convolve(backend, "DepthwiseConv2dNative", { x, filter }, { strides: 1, pad: "valid" }),
    shift,
  );
}

/**
 * In a function whose weights are constants: the convolution that gave `x`, with weights and bias that have BatchNorm
 * in them. TensorFlow does so itself, but not where the convolution has a bias.
 */
function folded(backend: NodeBackend, x: tf.Tensor, affine: () => Affine): tf.Tensor | undefined {
  const { binding } = backend;
  const { trace } = binding;
  if (trace === undefined) return undefined;
  const idOf = (tensor: tf.Tensor): number => handleOf(backend, tensor);
  const run = (name: string, inputs: number[], attributes = [type("T", "float32")]) => {
    const [output] = binding.executeOp(name, attributes, inputs, 1);
    if (output === undefined) throw new Error(`${name} gave fewer tensors than it should`);
    return output;
  };
  const last = trace.producer(idOf(x));
  const biased = last?.name === "BiasAdd" ? last : undefined;
  const convolution = biased === undefined ? last : trace.producer(biased.inputs[0] ?? -1);
  if (convolution?.name !== "Conv2D" && convolution?.name !== "DepthwiseConv2dNative") return undefined;
  const [images = -1, filter = -1] = convolution.inputs;
  const { factor, shift } = affine();
  // A depthwise filter has its channels in two axes: [height, width, in, multiplier].
  const shape = convolution.name === "Conv2D" ? factor.shape : trace.shapeOf(filter).slice(2);
  const scaled = run("Mul", [filter, idOf(tf.reshape(factor, shape))]);
  const y = run(convolution.name, [images, scaled.id], [...convolution.attributes]);
  const bias = biased?.inputs[1];
  const moved = bias === undefined ? idOf(shift) : run("AddV2", [run("Mul", [bias, idOf(factor)]).id, idOf(shift)]).id;
  return backend.createOutputTensor(
    run("BiasAdd", [y.id, moved], [type("T", "float32"), text("data_format", "NHWC")]),
  );
}

/** `FusedBatchNorm`: tfjs-node's calls the op's first version, which TensorFlow neither fuses nor rounds to bfloat16. */
export const fusedBatchNorm: TensorFlowKernel<Inputs, Attributes> = (args) => {
  const { inputs: { x, mean, variance, scale, offset }, backend, attrs: { varianceEpsilon } } = args;
  if (mean.rank > 1) return callUpstream("FusedBatchNorm", args);
  return tf.tidy(() => {
    const gamma = scale ?? tf.ones(mean.shape);
    const beta = offset ?? tf.zeros(mean.shape);
    const affine = (): Affine => {
      const factor = tf.mul(gamma, tf.rsqrt(tf.add(variance, varianceEpsilon)));
      return { factor, shift: tf.sub(beta, tf.mul(mean, factor)) };
    };
    if (backend.binding.trace?.frozen === true) {
      const constant = folded(backend, x, affine) ?? asConvolution(backend, x, affine);
      if (constant !== undefined) return constant;
    }
    return only(backend.executeMultipleOutputs(
      "FusedBatchNormV3",
      [
        type("T", x.dtype),
        type("U", "float32"),
        float("epsilon", varianceEpsilon),
        text("data_format", "NHWC"),
        bool("is_training", false),
      ],
      [x, gamma, beta, mean, variance],
      6,
    ));
  });
};

function only([y]: tf.Tensor[]): tf.Tensor {
  if (y === undefined) throw new Error("FusedBatchNormV3 gave fewer tensors than it should");
  return y;
}
