/**
 * Ops with arguments at random, many of them nonsense: what fuzz_test.ts runs.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { ATTRIBUTE_TYPES, DATA_TYPES } from "../../../backends/tensorflow/binding/constants.ts";
import { batchNormTraining } from "../../../models/ops/batch_norm_training.ts";
import { biasAdd } from "../../../models/ops/bias_add.ts";
import { dropoutSeeded } from "../../../models/ops/dropout_seeded.ts";
import { groupedConv2D } from "../../../models/ops/grouped_conv2d.ts";
import { logistic } from "../../../models/ops/logistic.ts";
import { rectifiedLinear } from "../../../models/ops/rectified_linear.ts";

/** A tensor that is yet to be made. */
export class Input {
  constructor(readonly shape: readonly number[], readonly dtype: tf.DataType, readonly values: readonly number[]) {}

  /** The same in another shape. */
  of(shape: readonly number[]): Input {
    return new Input(shape, this.dtype, this.values);
  }

  /** The tensor, its values taken from `values` round and round. */
  make(): tf.Tensor {
    const size = this.shape.reduce((product, axis) => product * axis, 1);
    const at = (i: number) => this.values[i % this.values.length] ?? 0;
    if (this.dtype === "complex64") return tf.complex(tf.zeros([...this.shape]), tf.ones([...this.shape]));
    if (this.dtype === "string") return tf.tensor(Array.from({ length: size }, (_, i) => `s${at(i)}`), [...this.shape]);
    const values = Array.from({ length: size }, (_, i) => at(i));
    if (this.dtype === "bool") return tf.tensor(values.map((value) => value > 0), [...this.shape], "bool");
    return tf.tensor(this.dtype === "int32" ? values.map(Math.trunc) : values, [...this.shape], this.dtype);
  }
}

/** An op and where its arguments come from. */
export interface FuzzedOp {
  readonly name: string;
  /** Its arguments by name: an {@linkcode Input}, a list of them, or a value. */
  readonly args: fc.Arbitrary<Record<string, unknown>>;
  /** Runs it; what is an `Input` in the arguments is a tensor here. */
  readonly run: (args: Record<string, unknown>) => unknown;
}

/** Tells of an op; in `run` arguments are `never`, which passes for anything: nonsense is meant. */
function drawn<Name extends string>(
  name: string,
  args: fc.Arbitrary<Record<Name, unknown>>,
  run: (args: Record<Name, never>) => unknown,
): FuzzedOp {
  return { name, args, run: run as FuzzedOp["run"] };
}

/** As {@linkcode drawn}, each argument by itself. */
const op = <Name extends string>(
  name: string,
  args: Record<Name, fc.Arbitrary<unknown>>,
  run: (args: Record<Name, never>) => unknown,
): FuzzedOp => drawn(name, fc.record(args) as unknown as fc.Arbitrary<Record<Name, unknown>>, run);

const weighted = <T>(...parts: readonly (readonly [number, fc.Arbitrary<T>])[]): fc.Arbitrary<T> =>
  fc.oneof(...parts.map(([weight, arbitrary]) => ({ weight, arbitrary })));

/** True nine times of ten: whether arguments fit each other. */
const mostly = weighted([9, fc.constant(true)], [1, fc.constant(false)]);
const flag = fc.boolean();
const int = (min: number, max: number) => fc.integer({ min, max });
const size = weighted([1, fc.constant(0)], [40, int(1, 4)]);
const shapeOf = (rank: number) => fc.array(size, { minLength: rank, maxLength: rank });
const anyShape = weighted(
  ...[0, 1, 2, 3, 4, 5, 6].map((rank) => [rank === 0 || rank > 4 ? 1 : 4, shapeOf(rank)] as const),
);
/** Mostly of the rank that an op wants. */
const likely = (rank: number) => weighted([12, shapeOf(rank)], [1, anyShape]);

const dtypeOf = (usual: tf.DataType) =>
  weighted([16, fc.constant(usual)], [
    1,
    fc.constantFrom<tf.DataType>("float32", "int32", "bool", "complex64", "string"),
  ]);
const values = fc.array(
  weighted([12, int(-3, 5)], [2, fc.float({ noNaN: true, min: -4, max: 4 })], [1, fc.constantFrom(NaN, Infinity, 1e9)]),
  { minLength: 1, maxLength: 7 },
);
const input = (shape: fc.Arbitrary<number[]> = anyShape, dtype: tf.DataType = "float32") =>
  fc.tuple(shape, dtypeOf(dtype), values).map(([shape, dtype, values]) => new Input(shape, dtype, values));
const inputs = (shape: fc.Arbitrary<number[]> = anyShape) =>
  fc.tuple(shape, fc.array(shape, { minLength: 1, maxLength: 3 }), fc.boolean(), dtypeOf("float32"), values)
    .map(([first, others, alike, dtype, values]) =>
      others.map((other) => new Input(alike ? first : other, dtype, values))
    );

/** A number where a small integer is wanted. */
const number = weighted<number>(
  [30, int(0, 3)],
  [6, int(-4, 7)],
  [1, fc.constantFrom(0.5, NaN, Infinity, 2 ** 31, -(2 ** 31), 2 ** 53)],
);
/** A step or a size of a window. */
const step = weighted<number>([12, int(1, 3)], [1, number]);
const steps = fc.oneof(step, fc.tuple(step, step));
const numbers = (length: number) =>
  weighted([12, fc.array(number, { minLength: length, maxLength: length })], [
    1,
    fc.array(number, { maxLength: 6 }),
  ]);
/** How many values are added; bounded, for they are allocated. */
const margin = weighted<number>([8, int(0, 3)], [1, int(-3, 5)]);
const margins = (length: number) =>
  weighted([8, fc.array(fc.tuple(margin, margin), { minLength: length, maxLength: length })], [
    1,
    fc.array(fc.tuple(margin, margin), { maxLength: 5 }),
  ]);
const image = fc.tuple(margin, margin, margin, margin).map(([top, bottom, left, right]) => [
  [0, 0],
  [top, bottom],
  [left, right],
  [0, 0],
]);
const padding = weighted<unknown>([4, fc.constantFrom("same", "valid")], [2, margin], [3, image], [
  1,
  fc.constantFrom("none", -1, 0.5, NaN, [[0, 1]]),
]);
const rounding = weighted<string | undefined>([6, fc.constant(undefined)], [
  3,
  fc.constantFrom("floor", "round", "ceil"),
]);
const axis = weighted<number>([8, int(-3, 3)], [1, number]);
const axes = weighted<unknown>([3, axis], [3, fc.array(axis, { maxLength: 4 })], [1, fc.constant(undefined)]);
const dataFormat = weighted<string>([16, fc.constant("NHWC")], [1, fc.constantFrom("NCHW", "NWHC")]);
const mask = int(0, 7);

/** Shapes that fit each other for the most part, and may not. */
const channels = fc.constantFrom(1, 2, 4);
const imageOf = weighted([10, fc.tuple(int(1, 2), int(3, 7), int(3, 7), channels).map((shape) => [...shape])], [
  1,
  likely(4),
]);
const filterOf = weighted([
  10,
  fc.tuple(int(1, 4), int(1, 4), channels, channels).map((shape) => [...shape]),
], [1, likely(4)]);

/** An image and a filter, mostly for its channels, beside other arguments. */
function convolution<Name extends string>(
  others: Record<Name, fc.Arbitrary<unknown>>,
): fc.Arbitrary<Record<Name | "x" | "filter", unknown>> {
  return fc.tuple(input(imageOf), input(filterOf), mostly, fc.record(others)).map(([x, filter, fits, others]) => {
    const [height = 1, width = 1, , filters = 1] = filter.shape;
    const shape = fits && x.shape.length === 4 ? [height, width, x.shape[3] ?? 1, filters] : filter.shape;
    return { ...others, x, filter: filter.of(shape) };
  }) as unknown as fc.Arbitrary<Record<Name | "x" | "filter", unknown>>;
}

/** A tensor and others as long as its last axis, mostly, and a small number. */
function perChannel<Name extends string>(names: readonly Name[]): fc.Arbitrary<Record<Name | "x" | "eps", unknown>> {
  const each = fc.array(input(likely(1)), { minLength: names.length, maxLength: names.length });
  const eps = fc.constantFrom(1e-5, 1e-3, 0, -1, NaN);
  return fc.tuple(input(), each, mostly, eps).map(([x, each, fits, eps]) => ({
    eps,
    x,
    ...Object.fromEntries(each.map((one, i) => [names[i], fits ? one.of(x.shape.slice(-1)) : one])),
  })) as fc.Arbitrary<Record<Name | "x" | "eps", unknown>>;
}

/** Two matrices, or batches of them, that fit each other as often as not. */
const matrices = (rank: number) =>
  fc.tuple(input(likely(rank)), input(likely(rank)), flag, flag, mostly).map(([a, b, left, right, fits]) => {
    const inner = a.shape.at(left ? -2 : -1) ?? 1;
    const columns = b.shape.at(-1) ?? 1;
    const matrix = right ? [columns, inner] : [inner, columns];
    return { a, b: fits ? b.of([...a.shape.slice(0, -2), ...matrix]) : b, left, right };
  });

const UNARY = ["relu", "exp", "log", "sqrt", "tanh", "abs", "round", "floor", "sign", "isNaN", "softmax", "logicalNot"];
const BINARY = [
  "add",
  "mul",
  "div",
  "maximum",
  "pow",
  "floorDiv",
  "greater",
  "equal",
  "logicalAnd",
  "squaredDifference",
];
const REDUCTIONS = ["sum", "mean", "max", "min", "prod", "all", "any", "logSumExp", "euclideanNorm"];
const by = (names: readonly string[]) => fc.constantFrom(...names);
const ops = tf as unknown as Record<string, (...args: unknown[]) => unknown>;
const call = (name: string, ...args: unknown[]) => ops[name]?.(...args);

/** The ops. */
export const FUZZED_OPS: readonly FuzzedOp[] = [
  drawn(
    "conv2d",
    convolution({ steps, padding, dataFormat, dilation: step, rounding }),
    (a) => tf.conv2d(a.x, a.filter, a.steps, a.padding, a.dataFormat, a.dilation, a.rounding),
  ),
  drawn(
    "conv2dTranspose",
    // The output of the convolution that it is the transpose of has to be x: so is it at stride 1, padded to the same size.
    convolution({ steps: step, padding: fc.constantFrom("same", "same", "valid", 1) }),
    (a) => {
      const { x, filter } = a as unknown as { x: tf.Tensor4D; filter: tf.Tensor4D };
      const [batch = 1, height = 1, width = 1] = x.shape;
      return tf.conv2dTranspose(
        x,
        tf.transpose(filter, [0, 1, 3, 2]) as tf.Tensor4D,
        [batch, height, width, filter.shape[3]],
        a.steps,
        a.padding,
      );
    },
  ),
  drawn(
    "depthwiseConv2d",
    convolution({ steps, padding, dilation: step }),
    (a) => tf.depthwiseConv2d(a.x, a.filter, a.steps, a.padding, "NHWC", a.dilation),
  ),
  drawn(
    "fused.conv2d",
    convolution({ strides: steps, pad: padding, bias: input(weighted([4, shapeOf(0)], [1, likely(1)])) }),
    ({ x, filter, strides, pad, bias }) => tf.fused.conv2d({ x, filter, strides, pad, bias, activation: "relu" }),
  ),
  drawn(
    "groupedConv2D",
    convolution({
      groups: weighted<number>([4, fc.constant(1)], [2, channels], [1, number]),
      strides: fc.tuple(step, step),
      dilations: fc.constant([1, 1]),
      pad: fc.oneof(fc.constantFrom("same", "valid"), image),
    }),
    ({ x, filter, groups, strides, dilations, pad }) =>
      groupedConv2D({ x, filter }, { groups, strides, dilations, pad }),
  ),
  drawn(
    "batchNormTraining",
    perChannel<"gamma" | "beta">(["gamma", "beta"]),
    ({ x, gamma, beta, eps }) => batchNormTraining({ x, gamma, beta }, { eps }),
  ),
  // tfjs' gradient of it breaks on every backend where scale is left out.
  drawn(
    "batchNorm",
    perChannel<"mean" | "variance" | "offset" | "scale">(["mean", "variance", "offset", "scale"]),
    (a) => tf.batchNorm(a.x, a.mean, a.variance, a.offset, a.scale, a.eps),
  ),
  drawn("biasAdd", perChannel<"bias">(["bias"]), ({ x, bias }) => biasAdd({ x, bias }, {})),
  drawn("matMul", matrices(2), (a) => tf.matMul(a.a, a.b, a.left, a.right)),
  drawn("batched matMul", matrices(3), (a) => tf.matMul(a.a, a.b, a.left, a.right)),
  op(
    "split",
    { x: input(), parts: weighted<unknown>([6, fc.constant(1)], [4, int(1, 3)], [1, numbers(2)]), axis },
    (a) => tf.split(a.x, a.parts, a.axis),
  ),
  op("slice", {
    x: input(likely(3)),
    begin: weighted([3, fc.array(int(0, 1), { minLength: 1, maxLength: 3 })], [1, numbers(3)]),
    size: weighted([3, fc.array(int(-1, 1), { minLength: 3, maxLength: 3 })], [1, numbers(3)]),
  }, (a) => tf.slice(a.x, a.begin, a.size)),
  drawn(
    "reshape",
    fc.tuple(
      input(),
      mostly,
      fc.array(weighted<number>([4, size], [2, number], [1, fc.constant(-1)]), { maxLength: 4 }),
    )
      .map(([x, fits, shape]) => ({ x, shape: fits ? [...x.shape].reverse() : shape })),
    (a) => tf.reshape(a.x, a.shape),
  ),
  drawn(
    "tile",
    fc.tuple(input(), mostly, fc.array(int(-1, 3), { maxLength: 4 })).map(([x, fits, times]) => ({
      x,
      times: fits ? x.shape.map((_, axis) => Math.max(times[axis] ?? 1, 0)) : times,
    })),
    (a) => tf.tile(a.x, a.times),
  ),
  drawn(
    "broadcastTo",
    fc.tuple(input(), mostly, anyShape).map(([x, fits, shape]) => ({
      x,
      shape: fits ? [2, ...x.shape.map((size) => size === 1 ? 3 : size)] : shape,
    })),
    (a) => tf.broadcastTo(a.x, a.shape),
  ),
  op("gather", {
    x: input(weighted([1, fc.constant([6])], [2, fc.constant([6, 6, 2])], [2, anyShape])),
    indices: input(likely(1), "int32"),
    axis,
    batchDims: fc.constantFrom(0, 0, 0, 1, -1, 3),
  }, (a) => tf.gather(a.x, a.indices, a.axis, a.batchDims)),
  op("scatterND", {
    indices: input(weighted([6, fc.constant([3, 1])], [1, likely(2)]), "int32"),
    updates: input(weighted([6, fc.constant([3, 2])], [1, likely(2)])),
    shape: weighted<number[]>([6, fc.constant([7, 2])], [1, likely(2)]),
  }, (a) => tf.scatterND(a.indices, a.updates, a.shape)),
  op("cropAndResize", {
    x: input(weighted([6, fc.constant([6, 3, 4, 2])], [1, likely(4)])),
    boxes: input(weighted([6, fc.constant([2, 4])], [1, likely(2)])),
    ids: input(weighted([6, fc.constant([2])], [1, likely(1)]), "int32"),
    size: fc.tuple(int(-1, 5), int(1, 5)),
  }, (a) => tf.image.cropAndResize(a.x, a.boxes, a.ids, a.size)),
  op(
    "depthToSpace",
    { x: input(weighted([3, fc.constant([1, 2, 3, 8])], [1, likely(4)])), block: int(-1, 3), dataFormat },
    (a) => tf.depthToSpace(a.x, a.block, a.dataFormat),
  ),
  op("softmaxCrossEntropy", { all: inputs(likely(2)) }, ({ all }) => {
    const [labels, logits = labels] = all as tf.Tensor[];
    return tf.losses.softmaxCrossEntropy(labels as never, logits as never);
  }),
  op(
    "where",
    { condition: input(weighted([2, shapeOf(0)], [1, likely(2)]), "bool"), all: inputs(likely(2)) },
    ({ condition, all }) => {
      const [x, y = x] = all as tf.Tensor[];
      return tf.where(tf.broadcastTo(condition, (x as tf.Tensor).shape), x as never, y as never);
    },
  ),
  op(
    "conv3d",
    { x: input(likely(5)), filter: input(likely(5)), steps: step, padding },
    (a) => tf.conv3d(a.x, a.filter, a.steps, a.padding),
  ),
  op(
    "maxPool",
    { x: input(imageOf), window: steps, steps, padding, rounding },
    (a) => tf.maxPool(a.x, a.window, a.steps, a.padding, a.rounding),
  ),
  op(
    "avgPool",
    { x: input(imageOf), window: steps, steps, padding, rounding },
    (a) => tf.avgPool(a.x, a.window, a.steps, a.padding, a.rounding),
  ),
  op("rectifiedLinear", { x: input() }, (a) => rectifiedLinear(a, {})),
  op("logistic", { x: input() }, ({ x }) => [logistic(x)]),
  op(
    "dropoutSeeded",
    { x: input(), rate: fc.constantFrom(0, 0.5, 0.9, 1, -1, NaN), seed: number },
    ({ x, ...attributes }) => dropoutSeeded({ x }, attributes),
  ),
  op(
    "localResponseNormalization",
    { x: input(likely(4)), radius: number, bias: number },
    (a) => tf.localResponseNormalization(a.x, a.radius, a.bias),
  ),
  op("unary", { name: by(UNARY), x: input() }, (a) => call(a.name, a.x)),
  op("binary", { name: by(BINARY), x: input(), y: input() }, (a) => call(a.name, a.x, a.y)),
  op("binary of like shapes", { name: by(BINARY), both: inputs() }, ({ name, both }) => {
    const [x, y = x] = both as tf.Tensor[];
    return call(name, x, y);
  }),
  op("reduction", { name: by(REDUCTIONS), x: input(), axes, keep: flag }, (a) => call(a.name, a.x, a.axes, a.keep)),
  op("argMax", { x: input(), axis }, (a) => tf.argMax(a.x, a.axis)),
  op(
    "cumsum",
    { x: input(), axis, exclusive: flag, reverse: flag },
    (a) => tf.cumsum(a.x, a.axis, a.exclusive, a.reverse),
  ),
  op("topk", { x: input(), k: number, sorted: flag }, (a) => {
    const { values, indices } = tf.topk(a.x, a.k, a.sorted);
    return [values, indices];
  }),
  op("concat", { all: inputs(), axis }, (a) => tf.concat(a.all, a.axis)),
  op("stack", { all: inputs(), axis }, (a) => tf.stack(a.all, a.axis)),
  op("unstack", { x: input(), axis }, (a) => tf.unstack(a.x, a.axis)),
  op("stridedSlice", {
    x: input(likely(3)),
    begin: numbers(3),
    end: numbers(3),
    strides: weighted([8, fc.array(int(1, 2), { minLength: 3, maxLength: 3 })], [2, numbers(3)]),
    beginMask: mask,
    endMask: mask,
    ellipsisMask: weighted([3, fc.constant(0)], [1, mask]),
    newAxisMask: weighted([3, fc.constant(0)], [1, mask]),
    shrinkAxisMask: weighted([3, fc.constant(0)], [1, mask]),
  }, (a) =>
    tf.stridedSlice(
      a.x,
      a.begin,
      a.end,
      a.strides,
      a.beginMask,
      a.endMask,
      a.ellipsisMask,
      a.newAxisMask,
      a.shrinkAxisMask,
    )),
  op("gatherND", { x: input(), indices: input(likely(2), "int32") }, (a) => tf.gatherND(a.x, a.indices)),
  op("unsortedSegmentSum", {
    x: input(weighted<number[]>([3, fc.constant([3, 2])], [1, anyShape])),
    ids: input(weighted<number[]>([3, fc.constant([3])], [1, likely(1)]), "int32"),
    count: int(-2, 6),
  }, (a) => tf.unsortedSegmentSum(a.x, a.ids, a.count)),
  op("flatten", { x: input() }, (a) => tf.reshape(a.x, [-1])),
  op("transpose", {
    x: input(likely(3)),
    order: weighted([8, fc.shuffledSubarray([0, 1, 2], { minLength: 3 })], [2, numbers(3)]),
  }, (a) => tf.transpose(a.x, a.order)),
  op("pad", { x: input(likely(3)), margins: margins(3), value: number }, (a) => tf.pad(a.x, a.margins, a.value)),
  op(
    "mirrorPad",
    { x: input(likely(2)), margins: margins(2), mode: fc.constantFrom("reflect", "symmetric") },
    (a) => tf.mirrorPad(a.x, a.margins, a.mode),
  ),
  op("reverse", { x: input(), axes }, (a) => tf.reverse(a.x, a.axes)),
  op(
    "cast",
    { x: input(), dtype: fc.constantFrom("float32", "int32", "bool", "complex64", "string", "float16") },
    (a) => tf.cast(a.x, a.dtype),
  ),
  op("oneHot", {
    indices: input(likely(1), "int32"),
    depth: fc.constantFrom(-1, 0, 1, 2, 3, 4, 0.5, NaN),
    on: number,
    off: number,
  }, (a) => tf.oneHot(a.indices, a.depth, a.on, a.off)),
  op("clipByValue", { x: input(), low: number, high: number }, (a) => tf.clipByValue(a.x, a.low, a.high)),
  op(
    "resizeBilinear",
    { x: input(likely(4)), size: fc.tuple(int(-1, 7), int(-1, 7)), align: flag, half: flag },
    (a) => tf.image.resizeBilinear(a.x, a.size, a.align, a.half),
  ),
  op(
    "spaceToBatchND",
    { x: input(likely(4)), block: fc.tuple(int(0, 3), int(0, 3)), margins: margins(2) },
    (a) => tf.spaceToBatchND(a.x, a.block, a.margins),
  ),
];

/** A call of the binding itself, of TensorFlow's ops by name. */
export interface FuzzedCall {
  readonly name: string;
  readonly attributes: readonly { readonly name: string; readonly type: number; readonly value: unknown }[];
  /** Which of the tensors at hand go in; of those beyond there is none. */
  readonly inputs: readonly number[];
  readonly outputs: number;
}

const attribute = fc.record({
  name: fc.constantFrom("T", "strides", "padding", "data_format", "ksize", "transpose_a", "keep_dims", "Tidx", "none"),
  type: weighted([9, int(0, 5)], [1, fc.constantFrom(-1, 6, NaN)]),
  value: fc.oneof(
    int(-2, 12),
    fc.boolean(),
    fc.constantFrom<unknown>("VALID", "NHWC", "", "∞", null, undefined, 0.5, NaN, Infinity, 2 ** 63, {}, []),
    fc.array(int(-1, 3), { maxLength: 5 }),
    fc.array(fc.constantFrom<unknown>(true, 1, "a", null), { maxLength: 3 }),
  ),
});

/**
 * TensorFlow's ops by the number of their inputs. More inputs than an op has end the
 * process inside TensorFlow 2.21 (`Sum` of four): no kernel gives more.
 */
const INPUTS = {
  MatMul: 2,
  Conv2D: 2,
  AddV2: 2,
  Sum: 2,
  MaxPool: 1,
  Identity: 1,
  Split: 2,
  Cast: 1,
  NoSuchOp: 4,
  "": 4,
};

/** Calls of the binding. */
export const FUZZED_CALLS: fc.Arbitrary<FuzzedCall> = fc.constantFrom(...Object.entries(INPUTS)).chain(
  ([name, maxLength]) =>
    fc.record({
      name: fc.constant(name),
      attributes: weighted<FuzzedCall["attributes"]>(
        [1, fc.constant([{ name: "T", type: ATTRIBUTE_TYPES.TF_ATTR_TYPE, value: DATA_TYPES.TF_FLOAT }])],
        [2, fc.array(attribute, { maxLength: 4 })],
      ),
      inputs: weighted([3, fc.array(int(0, 3), { minLength: maxLength, maxLength })], [
        1,
        fc.array(int(0, 6), { maxLength }),
      ]),
      outputs: int(-1, 3),
    }),
);
