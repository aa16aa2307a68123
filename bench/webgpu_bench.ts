/**
 * This project's WebGPU kernels beside tfjs', by the device's own timestamps, which
 * `deno bench` cannot report: milliseconds of kernels, the median of a few runs.
 *
 *     deno bench -A bench/webgpu_bench.ts -- --backend webgpu --batch 2
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { deviceTime } from "../backends/webgpu/device_time.ts";
import { upstreamKernel } from "../backends/webgpu/upstream.ts";
import { batchNormTraining } from "../models/ops/batch_norm_training.ts";
import { groupedConv2D } from "../models/ops/grouped_conv2d.ts";
import { type ConvolutionCase, CONVOLUTIONS, outputSizeOf } from "./kernel_cases.ts";
import { parseBenchOptions, useBenchBackend } from "./options.ts";

const RUNS = 3;

type Made = tf.Tensor | tf.Tensor[];
type T4 = tf.Tensor4D;

/** The median of the kernels' milliseconds over `runs`, after one run that compiles. */
async function kernelMs(run: () => Made, runs: number): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i <= runs; i++) times.push((await deviceTime(() => tf.dispose(tf.tidy(run)))).kernelMs);
  return times.slice(1).sort((a, b) => a - b)[Math.floor(runs / 2)] ?? NaN;
}

/** A line of the table: ours, what it is held against, and the forward pass of the same layer. */
async function line(
  name: string,
  kernels: { ours: () => Made; upstream: () => Made; forward?: () => Made },
  runs: number,
): Promise<void> {
  const ours = await kernelMs(kernels.ours, runs);
  const upstream = await kernelMs(kernels.upstream, 1);
  const forward = kernels.forward && await kernelMs(kernels.forward, runs);
  const cells = [
    name,
    ours.toFixed(1),
    upstream.toFixed(1),
    `${(upstream / ours).toFixed(1)}×`,
    forward === undefined ? "" : `${(ours / forward).toFixed(2)}×`,
  ];
  console.log(`| ${cells.join(" | ")} |`);
}

const normal = (...shape: number[]) => tf.randomNormal(shape, 0, 1, "float32", 1);

/** Runs a kernel as this project has it, and as tfjs has it. */
function both(name: string, inputs: tf.NamedTensorMap, attrs: object) {
  return {
    ours: () => tf.engine().runKernel(name, inputs, attrs as tf.NamedAttrMap) as tf.Tensor,
    upstream: () =>
      tf.engine().makeTensorFromTensorInfo(upstreamKernel(name, { inputs, attrs, backend: tf.backend() })),
  };
}

async function benchConvolution(convolution: ConvolutionCase, batch: number, runs: number): Promise<void> {
  const { name, size, channels, filters, kernelSize: k, stride, padding } = convolution;
  const output = outputSizeOf(convolution);
  const x = normal(batch, size, size, channels);
  const weights = normal(k, k, channels, filters);
  const dy = normal(batch, output, output, filters);
  const pad = [[0, 0], [padding, padding], [padding, padding], [0, 0]] as const;
  const attrs = { strides: [stride, stride], pad, dataFormat: "NHWC", dilations: [1, 1] };
  const shapes = { inputShape: x.shape, filterShape: weights.shape };
  const { ours: forward } = both("Conv2D", { x, filter: weights }, attrs);
  const gradients = { ...attrs, ...shapes };
  await line(
    `${name}: filter gradient`,
    { ...both("Conv2DBackpropFilter", { x, dy }, gradients), forward },
    runs,
  );
  await line(
    `${name}: input gradient`,
    { ...both("Conv2DBackpropInput", { dy, filter: weights }, gradients), forward },
    runs,
  );
  tf.dispose([x, weights, dy]);
}

async function benchGroups(batch: number, runs: number): Promise<void> {
  const [groups, channels, size] = [32, 128, 28];
  const x = normal(batch, size, size, channels) as T4;
  const weights = normal(3, 3, channels / groups, channels) as T4;
  const dy = normal(batch, size, size, channels);
  const attributes = { groups, strides: [1, 1], dilations: [1, 1], pad: "same" } as const;
  const ours = (x: tf.Tensor, filter: tf.Tensor) =>
    groupedConv2D({ x, filter }, { ...attributes, strides: [1, 1], dilations: [1, 1] })[0] as tf.Tensor;
  const split = (x: tf.Tensor, filter: tf.Tensor) => {
    const filters = tf.split(filter as T4, groups, 3) as T4[];
    const parts = tf.split(x as T4, groups, 3) as T4[];
    return tf.concat(parts.map((part, i) => tf.conv2d(part, filters[i] as T4, 1, "same")), 3);
  };
  const name = `${channels} channels in ${groups} groups at ${size}²`;
  await line(`${name}: forward`, { ours: () => ours(x, weights), upstream: () => split(x, weights) }, runs);
  const gradients = { ours: tf.grads(ours), upstream: tf.grads(split) };
  await line(`${name}: forward and gradients`, {
    ours: () => gradients.ours([x, weights], dy),
    upstream: () => gradients.upstream([x, weights], dy),
  }, runs);
  tf.dispose([x, weights, dy]);
}

async function benchBatchNorm(batch: number, runs: number): Promise<void> {
  const [size, channels] = [56, 64];
  const [x, gamma, beta] = [normal(batch, size, size, channels), tf.ones([channels]), tf.zeros([channels])];
  const dy = normal(...x.shape);
  const eps = 1e-5;
  const ours = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) =>
    batchNormTraining({ x, gamma, beta }, { eps })[0] as tf.Tensor;
  const plain = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) => {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    return tf.add(tf.mul(tf.sub(x, mean), tf.mul(gamma, tf.rsqrt(tf.add(variance, eps)))), beta);
  };
  const name = `BatchNorm of ${channels} channels at ${size}²`;
  await line(`${name}: forward`, { ours: () => ours(x, gamma, beta), upstream: () => plain(x, gamma, beta) }, runs);
  await line(`${name}: forward and gradients`, {
    ours: () => tf.grads(ours)([x, gamma, beta], dy),
    upstream: () => tf.grads(plain)([x, gamma, beta], dy),
  }, runs);
  tf.dispose([x, gamma, beta, dy]);
}

async function benchOthers(batch: number, runs: number): Promise<void> {
  const [size, channels] = [56, 64];
  const x = normal(batch, size, size, channels);
  const dy = normal(batch, size, size, channels);
  const depthwise = { strides: [1, 1], pad: "same", dilations: [1, 1], filterShape: [3, 3, channels, 1] };
  await line(
    `depthwise 3×3 of ${channels} channels at ${size}²: filter gradient`,
    both("DepthwiseConv2dNativeBackpropFilter", { x, dy }, depthwise),
    runs,
  );
  const pooling = { filterSize: 3, strides: 1, pad: "same" };
  for (
    const [kernel, inputs] of [["MaxPoolGrad", { dy, input: x, output: dy }], ["AvgPoolGrad", {
      dy,
      input: x,
    }]] as const
  ) {
    await line(`${kernel} 3×3 of ${channels} channels at ${size}²`, both(kernel, inputs, pooling), runs);
  }
  tf.dispose([x, dy]);
}

const options = parseBenchOptions(Deno.args);
// Asked for by name: on another backend, or narrowed to some models, there is nothing to measure here.
if (options.backend === "webgpu" && options.models === undefined) {
  const { features } = await useBenchBackend(options);
  const { iterations: runs = RUNS } = options;
  const batch = options.batch ?? (features.software ? 1 : 16);
  const adapter = `${features.description ?? features.vendor}${features.software ? ", a software adapter" : ""}`;
  console.log(`Milliseconds of kernels on ${adapter}, batch ${batch}, the median of ${runs}.\n`);
  console.log("| kernel | ours | tfjs | tfjs / ours | ours / forward |");
  console.log("| --- | --: | --: | --: | --: |");
  for (const convolution of CONVOLUTIONS) await benchConvolution(convolution, batch, runs);
  await benchGroups(batch, runs);
  await benchBatchNorm(batch, runs);
  await benchOthers(batch, runs);
}
