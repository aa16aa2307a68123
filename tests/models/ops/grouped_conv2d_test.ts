import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { useBackend } from "../../../backends/select.ts";
import { buildModel } from "../../../models/build.ts";
import * as nn from "../../../models/nn.ts";
import { groupedConv2D, type GroupedConv2DAttributes } from "../../../models/ops/grouped_conv2d.ts";
import { assertClose, hashed, testOnBackends } from "../layers/support.ts";

/** A convolution in groups, sizes as [height, width]. */
interface Problem {
  readonly batch: number;
  readonly size: [number, number];
  readonly groups: number;
  /** Input channels of one group. */
  readonly inputs: number;
  /** Output channels of one group. */
  readonly outputs: number;
  readonly kernel: [number, number];
  readonly stride: [number, number];
  readonly padding: [number, number];
}

const pairOf = (min: number, max: number): fc.Arbitrary<[number, number]> =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));

const problems: fc.Arbitrary<Problem> = fc.record({
  batch: fc.integer({ min: 1, max: 2 }),
  size: pairOf(3, 6),
  groups: fc.integer({ min: 1, max: 4 }),
  inputs: fc.integer({ min: 1, max: 3 }),
  outputs: fc.integer({ min: 1, max: 3 }),
  kernel: pairOf(1, 3),
  stride: fc.oneof(fc.integer({ min: 1, max: 3 }).map((s): [number, number] => [s, s]), pairOf(1, 3)),
  padding: pairOf(0, 2),
});

const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1);

function shapesOf({ batch, size, groups, inputs, outputs, kernel, stride, padding }: Problem) {
  const along = (axis: 0 | 1) => Math.floor((size[axis] + 2 * padding[axis] - kernel[axis]) / stride[axis]) + 1;
  return {
    x: [batch, ...size, groups * inputs],
    filter: [...kernel, inputs, groups * outputs],
    y: [batch, along(0), along(1), groups * outputs],
  } as Record<"x" | "filter" | "y", [number, number, number, number]>;
}

/** The filter `[kH, kW, C, F]` over all channels: the groups' filters on its diagonal, zeros elsewhere. */
function blockDiagonal(filter: Float32Array, { groups, inputs, outputs, kernel }: Problem): Float64Array {
  const dense = new Float64Array(product(kernel) * groups * inputs * groups * outputs);
  for (let place = 0; place < product(kernel); place++) {
    for (let f = 0; f < groups * outputs; f++) {
      const first = Math.floor(f / outputs) * inputs;
      for (let i = 0; i < inputs; i++) {
        dense[(place * groups * inputs + first + i) * groups * outputs + f] =
          filter[(place * inputs + i) * groups * outputs + f] as number;
      }
    }
  }
  return dense;
}

/** The diagonal blocks of a dense filter: the inverse of {@linkcode blockDiagonal}. */
function diagonal(dense: Float64Array, { groups, inputs, outputs, kernel }: Problem): number[] {
  const result: number[] = [];
  for (let place = 0; place < product(kernel); place++) {
    for (let i = 0; i < inputs; i++) {
      for (let f = 0; f < groups * outputs; f++) {
        const channel = Math.floor(f / outputs) * inputs + i;
        result.push(dense[(place * groups * inputs + channel) * groups * outputs + f] as number);
      }
    }
  }
  return result;
}

/** An ordinary convolution over all channels and both its gradients, by the sum that defines it, in doubles. */
function byHand(problem: Problem, x: Float32Array, dense: Float64Array, dy: Float32Array) {
  const { size: [height, width], kernel: [kh, kw], stride, padding } = problem;
  const shapes = shapesOf(problem);
  const [batch, rows, columns, filters] = shapes.y;
  const channels = shapes.x[3];
  const y = new Float64Array(product(shapes.y));
  const dx = new Float64Array(x.length);
  const dfilter = new Float64Array(dense.length);
  const add = (to: Float64Array, at: number, value: number) => to[at] = (to[at] as number) + value;
  for (let n = 0; n < batch; n++) {
    for (let oh = 0; oh < rows; oh++) {
      for (let ow = 0; ow < columns; ow++) {
        for (let a = 0; a < kh; a++) {
          for (let b = 0; b < kw; b++) {
            const [h, w] = [oh * stride[0] + a - padding[0], ow * stride[1] + b - padding[1]];
            if (h < 0 || h >= height || w < 0 || w >= width) continue;
            for (let c = 0; c < channels; c++) {
              for (let f = 0; f < filters; f++) {
                const at = {
                  x: ((n * height + h) * width + w) * channels + c,
                  filter: ((a * kw + b) * channels + c) * filters + f,
                  y: ((n * rows + oh) * columns + ow) * filters + f,
                };
                const [value, weight, gradient] = [x[at.x], dense[at.filter], dy[at.y]] as [number, number, number];
                add(y, at.y, value * weight);
                add(dx, at.x, gradient * weight);
                add(dfilter, at.filter, gradient * value);
              }
            }
          }
        }
      }
    }
  }
  return { y, dx, dfilter: diagonal(dfilter, problem) };
}

/**
 * Output and gradients of `run` equal those of the block-diagonal convolution; `place`
 * puts the filter's values where `run` finds them, and gives the tensor that they are in.
 */
function compare(
  problem: Problem,
  k: number,
  { place = (filter) => filter, run }: {
    place?: (filter: tf.Tensor) => tf.Tensor;
    run: (x: tf.Tensor, filter: tf.Tensor) => tf.Tensor;
  },
): void {
  const shapes = shapesOf(problem);
  const [x, filter, dy] = (["x", "filter", "y"] as const).map((name, i) => hashed(k + i, product(shapes[name]))) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const expected = byHand(problem, x, blockDiagonal(filter, problem), dy);
  tf.tidy(() => {
    const inputs = [tf.tensor4d(x, shapes.x), place(tf.tensor4d(filter, shapes.filter))] as const;
    const y = run(...inputs);
    assertEquals(y.shape, shapes.y);
    assertClose(y.dataSync(), expected.y, 1e-5, "output");
    const gradient = tf.tensor4d(dy, shapes.y);
    const { grads: [dx, dfilter] } = tf.engine().gradients(() => run(...inputs), [...inputs], gradient);
    assertClose(dx?.dataSync() ?? [], expected.dx, 1e-5, "gradient of x");
    assertClose(dfilter?.dataSync() ?? [], expected.dfilter, 1e-5, "gradient of filter");
  });
}

testOnBackends("GroupedConv2D and both its gradients equal a block-diagonal convolution, whatever the groups", () => {
  fc.assert(
    fc.property(problems, fc.nat(100_000), (problem, k) => {
      const { groups, stride, padding: [h, w] } = problem;
      const attributes: GroupedConv2DAttributes = {
        groups,
        strides: stride,
        dilations: [1, 1],
        pad: [[0, 0], [h, h], [w, w], [0, 0]],
      };
      compare(problem, k, { run: (x, filter) => groupedConv2D({ x, filter }, attributes)[0] as tf.Tensor });
    }),
    { numRuns: 100 },
  );
});

testOnBackends(
  "Conv2d in groups, depthwise ones among them, and both its gradients equal a block-diagonal convolution",
  () => {
    const cases = fc.tuple(problems, fc.boolean(), fc.nat(100_000)).map(([problem, depthwise, k]) => ({
      problem: depthwise ? { ...problem, inputs: 1 } : problem,
      k,
    }));
    fc.assert(
      fc.property(cases, ({ problem, k }) => {
        const { groups, outputs, kernel, stride, padding } = problem;
        const [, ...inputShape] = shapesOf(problem).x;
        const model = buildModel(nn.conv2d(groups * outputs, kernel, { stride, padding, groups, bias: false }), {
          inputShape,
        });
        const variable = model.layers[1]?.weights[0]?.read() as tf.Variable;
        compare(problem, k, {
          place: (filter) => {
            variable.assign(filter);
            return variable;
          },
          run: (x) => model.apply(x) as tf.Tensor,
        });
        model.dispose();
      }),
      { numRuns: 100 },
    );
  },
);

Deno.test("GroupedConv2D refuses a gradient where it is dilated", async () => {
  await useBackend("cpu");
  const [x, filter] = [tf.ones([1, 5, 5, 4]), tf.ones([3, 3, 2, 4])];
  const attributes: GroupedConv2DAttributes = { groups: 2, strides: [1, 1], dilations: [2, 1], pad: "valid" };
  const gradient = tf.grad((x) => groupedConv2D({ x, filter }, attributes)[0] as tf.Tensor);
  assertThrows(() => gradient(x), RangeError, "Expected dilation to be 1 for a gradient but found 2,1");
  tf.dispose([x, filter]);
});
