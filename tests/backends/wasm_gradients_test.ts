import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { groupedConv2D } from "../../models/ops/grouped_conv2d.ts";
import { assertGradients, check, distinct, random } from "./support.ts";
import { imageShape, windows } from "./windows.ts";

// 710 cases in all.

Deno.test("the gradients of conv2d() are its finite differences: 200 shapes, strides and paddings", async () => {
  const cases = fc.record({ at: windows({ overhang: 2 }), filters: fc.integer({ min: 1, max: 6 }) });
  await check(200, cases, async ({ at, filters }) => {
    const f = (x: tf.Tensor, filter: tf.Tensor) =>
      tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, at.strides, at.pad);
    const filter = random([...at.kernel, at.channels, filters], at.seed + 9);
    await assertGradients(f, [random(imageShape(at), at.seed), filter], at);
  });
});

Deno.test("padding wider than the window reaches, at stride 1, takes no part of the gradients with it", async () => {
  const shapes = { x: random([2, 6, 5, 3], 1), filter: random([3, 2, 3, 4], 2), depthwise: random([3, 2, 3, 1], 3) };
  for (
    const pad of [[[0, 0], [4, 0], [0, 0], [0, 0]], [[0, 0], [0, 5], [3, 0], [0, 0]], [[0, 0], [4, 4], [4, 4], [0, 0]]]
  ) {
    const explicit = pad as tf.backend_util.ExplicitPadding;
    const conv = (x: tf.Tensor, filter: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, explicit);
    const depthwise = (x: tf.Tensor, filter: tf.Tensor) =>
      tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, explicit);
    await assertGradients(conv, [shapes.x, shapes.filter], { seed: 4 });
    await assertGradients(depthwise, [shapes.x, shapes.depthwise], { seed: 4 });
  }
});

Deno.test("the gradients of groupedConv2D() are its finite differences: 60 cases of 1 to 4 groups", async () => {
  const cases = fc.record({
    at: windows(),
    groups: fc.integer({ min: 1, max: 4 }),
    filters: fc.integer({ min: 1, max: 3 }),
  });
  await check(60, cases, async ({ at, groups, filters }) => {
    const f = (x: tf.Tensor, filter: tf.Tensor) => {
      const [y] = groupedConv2D({ x, filter }, { groups, strides: at.strides, dilations: [1, 1], pad: at.pad });
      return y ?? x;
    };
    const filter = random([...at.kernel, at.channels, filters * groups], at.seed + 9);
    const [batch = 1, height = 1, width = 1, channels = 1] = imageShape(at);
    await assertGradients(f, [random([batch, height, width, channels * groups], at.seed), filter], at);
  });
});

Deno.test("the gradients of depthwiseConv2d() are its finite differences: 100 cases", async () => {
  const cases = fc.record({ at: windows({ overhang: 1 }), multiplier: fc.integer({ min: 1, max: 3 }) });
  await check(100, cases, async ({ at, multiplier }) => {
    const f = (x: tf.Tensor, filter: tf.Tensor) =>
      tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, at.strides, at.pad);
    const filter = random([...at.kernel, at.channels, multiplier], at.seed + 9);
    await assertGradients(f, [random(imageShape(at), at.seed), filter], at);
  });
});

Deno.test("the gradient of maxPool() is its finite difference: 100 cases, many windows all negative", async () => {
  await check(100, windows(), async (at) => {
    // Values 1 apart, moved by less than half of it: the same value wins on both sides.
    const f = (x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, at.kernel, at.strides, at.pad);
    await assertGradients(f, [distinct(imageShape(at), at.seed, 1)], { seed: at.seed, step: 0.25 });
  });
});

Deno.test("the gradient of avgPool() is its finite difference: 100 cases", async () => {
  await check(100, windows(), async (at) => {
    const f = (x: tf.Tensor) => tf.avgPool(x as tf.Tensor4D, at.kernel, at.strides, at.pad);
    await assertGradients(f, [random(imageShape(at), at.seed)], at);
  });
});

Deno.test("the gradients of matMul() are its finite differences: 100 cases, transposed and batched", async () => {
  const cases = fc.record({
    sizes: fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: 1, max: 24 }))),
    batch: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
    transposeA: fc.boolean(),
    transposeB: fc.boolean(),
    seed: fc.nat(),
  });
  await check(100, cases, async ({ sizes: [m = 1, k = 1, n = 1], batch, transposeA, transposeB, seed }) => {
    const f = (a: tf.Tensor, b: tf.Tensor) => tf.matMul(a, b, transposeA, transposeB);
    const a = random([...batch, ...(transposeA ? [k, m] : [m, k])], seed);
    const b = random([...batch, ...(transposeB ? [n, k] : [k, n])], seed + 9);
    await assertGradients(f, [a, b], { seed });
  });
});

Deno.test("the gradients of sum() and mean() over any axes are their finite differences: 50 cases", async () => {
  const cases = fc.record({
    shape: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
    reduced: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    mean: fc.boolean(),
    keepDims: fc.boolean(),
    seed: fc.nat(),
  });
  await check(50, cases, async ({ shape, reduced, mean, keepDims, seed }) => {
    const axes = shape.flatMap((_, axis) => reduced[axis] ? [axis] : []);
    const f = (x: tf.Tensor) => mean ? tf.mean(x, axes, keepDims) : tf.sum(x, axes, keepDims);
    await assertGradients(f, [random(shape, seed)], { seed });
  });
});
