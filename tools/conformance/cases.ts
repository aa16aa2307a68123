/**
 * The 82 cases: what convolutional networks are made of, with every kind of stride
 * and padding.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Case } from "./case.ts";

type Padding = "same" | "valid" | number;
type T4 = tf.Tensor4D;

const channelLabels = () => tf.oneHot(tf.tensor1d([0, 3, 6, 2], "int32"), 7);
const [IMAGES, MATRIX]: number[][] = [[2, 11, 11, 5], [4, 6]];

/** `[kernel, stride, padding, dilation, size]` */
const CONVOLUTIONS: readonly (readonly [number, number, Padding, number, number])[] = [
  [1, 1, "same", 1, 11],
  [1, 2, "same", 1, 11],
  [1, 1, "valid", 1, 11],
  [1, 1, 1, 1, 11],
  [3, 1, "same", 1, 11],
  [3, 1, "valid", 1, 11],
  [3, 2, "same", 1, 11],
  [3, 2, 1, 1, 11],
  [3, 1, 2, 1, 11],
  [5, 1, 2, 1, 11],
  [5, 2, 2, 1, 11],
  [7, 2, 3, 1, 11],
  [7, 2, "valid", 1, 11],
  [11, 4, 1, 1, 35],
  [3, 1, "same", 2, 11],
  [3, 1, 2, 2, 11],
  [5, 3, 0, 1, 11],
  [2, 2, "same", 1, 11],
];

/** `[kernel, stride, padding]` */
const DEPTHWISE: readonly (readonly [number, number, Padding])[] = [
  [3, 1, "same"],
  [3, 2, "same"],
  [3, 2, 1],
  [5, 1, "valid"],
];

/** `[kernel, stride, padding]` */
const POOLINGS: readonly (readonly [number, number, Padding])[] = [
  [2, 2, "valid"],
  [3, 2, "valid"],
  [3, 2, 1],
  [3, 2, "same"],
  [3, 1, 1],
  [3, 1, "same"],
  [5, 3, 2],
];

const convolution = (
  name: string,
  image: number[],
  filter: number[],
  run: (x: T4, filter: T4) => tf.Tensor,
): Case => ({ name, shapes: [image, filter], run: (x, filter) => run(x as T4, filter as T4) });

const spatial: readonly Case[] = [
  ...CONVOLUTIONS.map(([k, s, p, d, size]) =>
    convolution(
      `conv2d kernel ${k} stride ${s} padding ${p} dilation ${d}`,
      [2, size, size, 3],
      [k, k, 3, 5],
      (x, filter) => tf.conv2d(x, filter, s, p, "NHWC", d),
    )
  ),
  convolution("conv2d not square, batch 3", [3, 10, 13, 4], [3, 3, 4, 6], (x, f) => tf.conv2d(x, f, 2, 1)),
  convolution("conv2d of one channel", [2, 8, 8, 1], [3, 3, 1, 4], (x, f) => tf.conv2d(x, f, 1, 1)),
  convolution("conv2d kernel 1x7", [2, 9, 9, 4], [1, 7, 4, 3], (x, f) => tf.conv2d(x, f, 1, "same")),
  convolution(
    "conv2d padded on one side",
    [2, 9, 9, 4],
    [3, 3, 4, 3],
    (x, f) => tf.conv2d(x, f, 2, [[0, 0], [0, 1], [0, 1], [0, 0]]),
  ),
  convolution(
    "conv2dTranspose stride 2",
    [2, 5, 5, 3],
    [4, 4, 6, 3],
    (x, f) => tf.conv2dTranspose(x, f, [2, 10, 10, 6], 2, "same"),
  ),
  ...DEPTHWISE.map(([k, s, p]) =>
    convolution(
      `depthwiseConv2d kernel ${k} stride ${s} padding ${p}`,
      [2, 9, 9, 4],
      [k, k, 4, 1],
      (x, f) => tf.depthwiseConv2d(x, f, s, p),
    )
  ),
  convolution(
    "depthwiseConv2d multiplier 2",
    [2, 9, 9, 4],
    [3, 3, 4, 2],
    (x, f) => tf.depthwiseConv2d(x, f, 1, "same"),
  ),
  ...POOLINGS.flatMap(([k, s, p]): Case[] => [
    {
      name: `maxPool kernel ${k} stride ${s} padding ${p}`,
      shapes: [IMAGES ?? []],
      run: (x) => tf.maxPool(x as T4, k, s, p),
    },
    {
      name: `avgPool kernel ${k} stride ${s} padding ${p}`,
      shapes: [IMAGES ?? []],
      run: (x) => tf.avgPool(x as T4, k, s, p),
    },
  ]),
];

const of = (name: string, shapes: readonly (readonly number[])[], run: Case["run"]): Case => ({ name, shapes, run });
const matrix = MATRIX ?? [];

const activations: readonly Case[] = [
  of("relu", [[4, 7]], tf.relu),
  of("sigmoid", [[4, 7]], tf.sigmoid),
  of("tanh", [[4, 7]], tf.tanh),
  of("elu", [matrix], tf.elu),
  of("erf", [matrix], tf.erf),
  of("leakyRelu", [matrix], (x) => tf.leakyRelu(x, 0.1)),
  of("prelu", [matrix, [6]], tf.prelu),
  of("clipByValue", [matrix], (x) => tf.clipByValue(x, -0.5, 0.5)),
  of("softmax", [[4, 7]], (x) => tf.softmax(x)),
  of("logSoftmax", [[4, 7]], (x) => tf.logSoftmax(x)),
];

const losses: readonly Case[] = [
  of(
    "cross entropy of logSoftmax",
    [[4, 7], [4, 7]],
    (x, y) => tf.neg(tf.sum(tf.mul(tf.abs(y), tf.logSoftmax(x)), -1)),
  ),
  of("losses.softmaxCrossEntropy", [[4, 7]], (x) => tf.losses.softmaxCrossEntropy(channelLabels(), x)),
  of("losses.sigmoidCrossEntropy", [[4, 7]], (x) => tf.losses.sigmoidCrossEntropy(channelLabels(), x)),
];

const norms: readonly Case[] = [
  of("batch norm, composed", [[4, 5, 5, 6], [6], [6]], (x, gamma, beta) => {
    const { mean, variance } = tf.moments(x, [0, 1, 2], true);
    return tf.add(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5))), gamma), beta);
  }),
  of(
    "batchNorm",
    [[4, 5, 5, 6], [6], [6], [6], [6]],
    (x, mean, variance, offset, scale) =>
      tf.batchNorm(
        x as T4,
        mean as tf.Tensor1D,
        tf.add(tf.abs(variance), 0.5) as tf.Tensor1D,
        offset as tf.Tensor1D,
        scale as tf.Tensor1D,
        1e-5,
      ),
  ),
  of("batchNorm of moments", [[4, 5, 5, 6], [6], [6]], (x, gamma, beta) => {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    return tf.batchNorm(
      x as T4,
      mean as tf.Tensor1D,
      variance as tf.Tensor1D,
      beta as tf.Tensor1D,
      gamma as tf.Tensor1D,
      1e-5,
    );
  }),
  of("localResponseNormalization", [[2, 4, 4, 8]], (x) => tf.localResponseNormalization(x as T4, 2)),
];

const products: readonly Case[] = [
  of("matMul", [[4, 5], [5, 6]], (a, b) => tf.matMul(a, b)),
  of("matMul transposed", [[4, 5], [6, 5]], (a, b) => tf.matMul(a, b, false, true)),
  of("matMul batched", [[3, 4, 5], [3, 5, 6]], (a, b) => tf.matMul(a, b)),
  of("einsum", [[4, 5], [5, 6]], (a, b) => tf.einsum("ij,jk->ik", a, b)),
];

const shapes: readonly Case[] = [
  of("concat of channels", [[2, 3, 3, 2], [2, 3, 3, 5]], (a, b) => tf.concat([a, b], 3)),
  of("pad", [[2, 3, 3, 2]], (x) => tf.pad(x, [[0, 0], [1, 2], [1, 0], [0, 0]])),
  of("transpose", [[2, 3, 4, 5]], (x) => tf.transpose(x, [0, 3, 1, 2])),
  of("slice", [[4, 5, 6]], (x) => tf.slice(x, [1, 0, 2], [2, 5, 3])),
  of("stridedSlice", [[4, 5, 6]], (x) => tf.stridedSlice(x, [0, 0, 0], [4, 5, 6], [2, 2, 1])),
  of("gather", [[5, 4]], (x) => tf.gather(x, tf.tensor1d([0, 3, 3], "int32"))),
  of("split", [matrix], (x) => {
    const [left, right] = tf.split(x, 2, 1);
    return tf.mul(left ?? x, right ?? x);
  }),
  of("stack", [[4], [4]], (a, b) => tf.stack([a, b])),
  of("tile", [[2, 3]], (x) => tf.tile(x, [2, 2])),
  of("resizeBilinear", [[1, 4, 4, 2]], (x) => tf.image.resizeBilinear(x as T4, [7, 7])),
  of("resizeNearestNeighbor", [[1, 4, 4, 2]], (x) => tf.image.resizeNearestNeighbor(x as T4, [8, 8])),
];

const values: readonly Case[] = [
  of("dropout", [[4, 8]], (x) => tf.dropout(x, 0.5, undefined, 7)),
  of("global average pooling", [[2, 5, 5, 3]], (x) => tf.mean(x, [1, 2])),
  of("max over an axis", [matrix], (x) => tf.max(x, 1)),
  of("square, sqrt, exp, log", [matrix], (x) => tf.log(tf.exp(tf.sqrt(tf.add(tf.square(x), 1))))),
  of("div, broadcast", [matrix, [6]], (a, b) => tf.div(a, tf.add(tf.abs(b), 1))),
  of("pow", [[4]], (x) => tf.pow(tf.abs(x), 2)),
  of("cumsum", [[4, 5]], (x) => tf.cumsum(x, 1)),
  of("where", [[4, 5], [4, 5]], (a, b) => tf.where(tf.greater(a, 0), a, b)),
];

/** All of them, by what they are made for. */
export const CASES: readonly Case[] = [
  ...spatial,
  ...activations,
  ...losses,
  ...norms,
  ...products,
  ...shapes,
  ...values,
];
