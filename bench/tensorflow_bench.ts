/**
 * What this project's kernels for TensorFlow gain over what tfjs-node runs: one op
 * in the place of many, each pair side by side.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { batchNormTraining } from "../models/ops/batch_norm_training.ts";
import { groupedConv2D } from "../models/ops/grouped_conv2d.ts";
import { onlyOutput } from "../models/ops/op.ts";
import { rectifiedLinear } from "../models/ops/rectified_linear.ts";
import { label } from "./label.ts";
import { parseBenchOptions, useBenchBackend } from "./options.ts";

const options = parseBenchOptions(Deno.args);
if (options.models === undefined && (await useBenchBackend(options)).name === "tensorflow") {
  benchOverhead();
  benchBatchNorm([16, 56, 56, 64]);
  benchBatchNorm([128, 24, 24, 6]);
  benchGroups();
  benchRelu();
}

type Operation = (inputs: readonly tf.Tensor[]) => tf.Tensor;

/** The inputs of an operation, as many as it takes. */
function take<T extends tf.Tensor[]>(inputs: readonly tf.Tensor[]): T {
  return inputs as unknown as T;
}

/** Forward and all gradients of `run`, on `inputs` of these shapes; one value of each gradient is read. */
function benchGradients(group: string, what: string, shapes: readonly number[][], run: Operation): void {
  let prepared: { readonly inputs: tf.Tensor[]; readonly dy: tf.Tensor } | undefined;
  Deno.bench({
    name: label({ what, amount: 1, unit: "ops" }),
    group,
    ...(options.iterations === undefined ? {} : { n: options.iterations }),
    async fn(b) {
      prepared ??= prepare(shapes, run);
      const { inputs, dy } = prepared;
      b.start();
      const gradients = tf.tidy(() => tf.grads((...inputs) => run(inputs))(inputs, dy));
      const read = tf.tidy(() => tf.stack(gradients.map((gradient) => tf.slice(tf.reshape(gradient, [-1]), 0, 1))));
      await read.data();
      b.end();
      tf.dispose([gradients, read]);
    },
  });
}

/** Inputs at random, and a gradient of the output. */
function prepare(shapes: readonly number[][], run: Operation): { inputs: tf.Tensor[]; dy: tf.Tensor } {
  const inputs = shapes.map((shape) => tf.keep(tf.randomNormal(shape)));
  const dy = tf.tidy(() => tf.keep(tf.randomNormal(run(inputs).shape)));
  // Uploaded now, and not by the first iteration.
  tf.dispose(tf.tidy(() => [...inputs, dy].map((tensor) => tf.neg(tensor))));
  return { inputs, dy };
}

function benchOverhead(): void {
  const CALLS = 1000;
  Deno.bench({
    name: label({ what: "add of two scalars", amount: CALLS, unit: "ops" }),
    group: "an op by itself",
    fn(b) {
      const x = tf.scalar(1);
      b.start();
      for (let call = 0; call < CALLS; call++) tf.add(x, x).dispose();
      b.end();
      x.dispose();
    },
  });
}

/** The definition that tfjs' own ops give (tf.layers.batchNormalization). */
function composed(inputs: readonly tf.Tensor[]): tf.Tensor {
  const [x, gamma, beta] = take<[tf.Tensor4D, tf.Tensor1D, tf.Tensor1D]>(inputs);
  const { mean, variance } = tf.moments(x, [0, 1, 2]);
  return tf.batchNorm(x, mean as tf.Tensor1D, variance as tf.Tensor1D, beta, gamma, 1e-5);
}

function benchBatchNorm(shape: number[]): void {
  const channels = shape.at(-1) ?? 1;
  const shapes = [shape, [channels], [channels]];
  const group = `BatchNorm in training, ${shape.join("×")}`;
  benchGradients(group, "ours", shapes, (inputs) => {
    const [x, gamma, beta] = take<[tf.Tensor, tf.Tensor, tf.Tensor]>(inputs);
    return onlyOutput(batchNormTraining({ x, gamma, beta }, { eps: 1e-5 }));
  });
  benchGradients(group, "composed", shapes, composed);
}

function benchGroups(): void {
  const [batch, size, channels, groups] = [8, 28, 128, 32];
  const shapes = [[batch, size, size, channels], [3, 3, channels / groups, channels]];
  const group = `3×3 in ${groups} groups, ${shapes[0]?.join("×")}`;
  benchGradients(group, "ours", shapes, (inputs) => {
    const [x, filter] = take<[tf.Tensor4D, tf.Tensor4D]>(inputs);
    return onlyOutput(groupedConv2D({ x, filter }, { groups, strides: [1, 1], dilations: [1, 1], pad: "same" }));
  });
  benchGradients(group, "split and concat", shapes, (inputs) => {
    const [x, filter] = take<[tf.Tensor4D, tf.Tensor4D]>(inputs);
    const filters = tf.split(filter, groups, 3);
    return tf.concat(
      tf.split(x, groups, 3).map((part, g) => tf.conv2d(part as tf.Tensor4D, filters[g] as tf.Tensor4D, 1, "same")),
      3,
    );
  });
}

function benchRelu(): void {
  const shapes = [[16, 56, 56, 64]];
  const group = `ReLU, ${shapes[0]?.join("×")}`;
  benchGradients(group, "ours", shapes, (inputs) => {
    const [x] = take<[tf.Tensor]>(inputs);
    return onlyOutput(rectifiedLinear({ x }, {}));
  });
  benchGradients(group, "tfjs", shapes, (inputs) => tf.relu(take<[tf.Tensor]>(inputs)[0]));
}
