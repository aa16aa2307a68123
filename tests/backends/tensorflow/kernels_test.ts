import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { useBackend } from "../../../backends/select.ts";
import { productGradient } from "../../../backends/tensorflow/kernels/filter_product.ts";
import { paddingOf } from "../../../backends/tensorflow/kernels/windows.ts";
import type { NodeBackend } from "../../../backends/tensorflow/upstream.ts";
import { batchNormTraining } from "../../../models/ops/batch_norm_training.ts";
import { groupedConv2D } from "../../../models/ops/grouped_conv2d.ts";
import { onlyOutput } from "../../../models/ops/op.ts";
import { hasTensorFlow, leaksNothing } from "../../backends_under_test.ts";
import { assertClose, hashed } from "../../models/layers/support.ts";
import { testOnTensorFlow } from "./support.ts";

type Run = (inputs: tf.Tensor[]) => tf.Tensor[];

/** The values of `run`'s outputs and of the gradients of their weighted sum, on a backend. */
async function valuesOn(backend: "tensorflow" | "wasm", shapes: readonly number[][], run: Run, gradients: boolean) {
  await useBackend(backend, { device: "cpu" });
  const values: Float32Array[] = [];
  await leaksNothing(() =>
    tf.tidy(() => {
      const inputs = shapes.map((shape, k) => tf.tensor(hashed(k, tf.util.sizeFromShape(shape)), shape));
      const outputs = run(inputs);
      const weighted = (...xs: tf.Tensor[]) => {
        const [y] = run(xs);
        if (!y) throw new Error("no output");
        return tf.sum(tf.mul(y, tf.tensor(hashed(99, y.size), y.shape)));
      };
      const all = gradients ? [...outputs, ...tf.grads(weighted)(inputs)] : outputs;
      values.push(...all.map((tensor) => tensor.dataSync() as Float32Array));
    })
  );
  return values;
}

/** Runs on TensorFlow and on wasm, whose kernels are held against finite differences elsewhere. */
async function assertAsOnWasm(shapes: readonly number[][], run: Run, gradients = true): Promise<void> {
  const expected = await valuesOn("wasm", shapes, run, gradients);
  const found = await valuesOn("tensorflow", shapes, run, gradients);
  for (const [i, values] of found.entries()) assertClose(values, expected[i] ?? [], 2e-5, `tensor ${i}`);
}

const test = (name: string, fn: () => Promise<void>) => Deno.test({ name, ignore: !hasTensorFlow, fn });

/** A window: its size, its steps, and zeros on each of the four sides. */
const windows = fc.record({
  kernel: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
  stride: fc.integer({ min: 1, max: 3 }),
  pad: fc.oneof(
    fc.constantFrom<"same" | "valid">("same", "valid"),
    fc.tuple(...[0, 1, 2, 3].map(() => fc.integer({ min: 0, max: 2 }))).map(([a, b, c, d]) =>
      [[0, 0], [a, b], [c, d], [0, 0]] as tf.backend_util.ExplicitPadding
    ),
  ),
});
const sizes = fc.record({
  batch: fc.integer({ min: 1, max: 2 }),
  height: fc.integer({ min: 4, max: 9 }),
  width: fc.integer({ min: 4, max: 9 }),
});

test("convolution and both gradients are those of wasm, whatever the padding, the stride and the groups", async () => {
  await fc.assert(
    fc.asyncProperty(
      windows,
      sizes,
      fc.constantFrom(1, 2, 3),
      fc.integer({ min: 1, max: 2 }),
      fc.integer({ min: 1, max: 2 }),
      async ({ kernel, stride, pad }, { batch, height, width }, groups, perGroup, filters) => {
        const shapes = [[batch, height, width, groups * perGroup], [...kernel, perGroup, groups * filters]];
        await assertAsOnWasm(shapes, ([x, filter]) => {
          if (!x || !filter) return [];
          if (groups === 1) return [tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, pad)];
          const attributes = { groups, strides: [stride, stride], dilations: [1, 1], pad } as const;
          return groupedConv2D({ x, filter }, { ...attributes, strides: [stride, stride], dilations: [1, 1] });
        });
      },
    ),
    { numRuns: 60 },
  );
});

test("as a product the gradient for a filter of many channels is that of wasm, too", async () => {
  const explicit = [[0, 0], [2, 1], [0, 1], [0, 0]] as tf.backend_util.ExplicitPadding;
  const cases = [{ strides: 1, pad: "same" }, { strides: 2, pad: "same" }, { strides: 2, pad: explicit }] as const;
  const [xShape, filterShape]: [number, number, number, number][] = [[2, 5, 4, 256], [3, 2, 256, 384]];
  if (!xShape || !filterShape) throw new Error("no shapes");
  for (const { strides, pad } of cases) {
    const info = tf.backend_util.computeConv2DInfo(xShape, filterShape, strides, 1, pad);
    const inputs = () => ({
      x: tf.tensor4d(hashed(1, tf.util.sizeFromShape(xShape)), xShape),
      dy: tf.tensor4d(hashed(2, tf.util.sizeFromShape(info.outShape)), info.outShape),
    });
    await useBackend("wasm");
    const expected = tf.tidy(() => {
      const { x, dy } = inputs();
      const filter = tf.zeros<tf.Rank.R4>(filterShape);
      return tf.grad((f: tf.Tensor) => tf.sum(tf.mul(tf.conv2d(x, f as tf.Tensor4D, strides, pad), dy)))(filter)
        .dataSync();
    });
    await useBackend("tensorflow", { device: "cpu" });
    await leaksNothing(() =>
      tf.tidy(() => {
        const gradient = (isSlow: boolean) =>
          productGradient(tf.backend() as NodeBackend, inputs(), filterShape, info, paddingOf(info), isSlow);
        assertEquals(gradient(false), undefined);
        const [found, wanted] = [gradient(true) ?? tf.scalar(NaN), tf.tensor(expected, filterShape)];
        const [error = NaN] = tf.div(tf.max(tf.abs(tf.sub(found, wanted))), tf.max(tf.abs(wanted))).dataSync();
        assert(error < 2e-5, `strides ${strides}, pad ${pad}: ${error}`);
      })
    );
  }
});

test("depthwise convolution and both gradients are those of wasm", async () => {
  await fc.assert(
    fc.asyncProperty(
      windows,
      sizes,
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 2 }),
      async ({ kernel, stride, pad }, { batch, height, width }, channels, multiplier) => {
        const shapes = [[batch, height, width, channels], [...kernel, channels, multiplier]];
        await assertAsOnWasm(shapes, ([x, filter]) => [
          tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, pad as "same"),
        ]);
      },
    ),
    { numRuns: 40 },
  );
});

test("a dilated convolution is that of wasm", async () => {
  await assertAsOnWasm(
    [[2, 9, 8, 3], [3, 3, 3, 4]],
    ([x, filter]) =>
      ([[[0, 0], [2, 2], [1, 2], [0, 0]], "same", "valid"] as const).map((pad) =>
        tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, pad as "same", "NHWC", 2)
      ),
    false,
  );
});

test("fused convolution with a bias and an activation is that of wasm", async () => {
  for (const activation of ["linear", "relu", "sigmoid"] as const) {
    await assertAsOnWasm([[2, 6, 7, 3], [3, 3, 3, 4], [4]], ([x, filter, bias]) => [
      tf.fused.conv2d({
        x: x as tf.Tensor4D,
        filter: filter as tf.Tensor4D,
        strides: 2,
        pad: [[0, 0], [1, 1], [1, 0], [0, 0]],
        bias: bias as tf.Tensor1D,
        activation,
      }),
    ], false);
  }
});

test("pooling and its gradients are those of wasm, whatever the padding", async () => {
  for (const pool of [tf.maxPool, tf.avgPool]) {
    await fc.assert(
      fc.asyncProperty(windows, sizes, async ({ kernel, stride, pad }, { batch, height, width }) => {
        // A window that lies in the padding altogether has no maximum and no average.
        const side = (zeros: number, size: number) => Math.min(zeros, size - 1);
        const margins = typeof pad === "string" ? pad : pad.map(([before, after], axis) => {
          const size = kernel[axis - 1] ?? 1;
          return [side(before, size), side(after, size)];
        }) as tf.backend_util.ExplicitPadding;
        await assertAsOnWasm(
          [[batch, height, width, 3]],
          ([x]) => [pool(x as tf.Tensor4D, kernel, stride, margins as "same")],
        );
      }),
      { numRuns: 40 },
    );
  }
});

test("BatchNorm in training and its gradients are those of wasm, for few channels and many, images and features", async () => {
  for (const shape of [[4, 6, 4, 3], [2, 5, 3, 6], [3, 3, 3, 16], [2, 3, 2, 40], [6, 5], [8, 20], [2, 1, 1, 3]]) {
    const channels = shape.at(-1) ?? 1;
    await assertAsOnWasm(
      [shape, [channels], [channels]],
      ([x, gamma, beta]) => x && gamma && beta ? batchNormTraining({ x, gamma, beta }, { eps: 1e-3 }) : [],
    );
  }
});

testOnTensorFlow("Round leaves integers alone, and rounds halves to even", () => {
  const [integers, halves] = [tf.tensor1d([-7, 0, 9], "int32"), tf.tensor1d([-1.5, -0.5, 0.5, 1.5, 2.5])];
  const rounded = [tf.round(integers), tf.round(halves)];
  assertEquals(rounded.map((x) => [...x.dataSync()]), [[-7, 0, 9], [-2, -0, 0, 2, 2]]);
  assertEquals(rounded[0]?.dtype, "int32");
  tf.dispose([integers, halves, ...rounded]);
});

testOnTensorFlow("a convolution in groups that do not fit is refused", () => {
  const [x, filter] = [tf.ones([1, 5, 5, 3]), tf.ones([3, 3, 2, 4])];
  assertThrows(
    () => onlyOutput(groupedConv2D({ x, filter }, { groups: 2, strides: [1, 1], dilations: [1, 1], pad: "valid" })),
    Error,
    "Expected groups to divide 3 channels into 2 each, and 4 filters, but found 2",
  );
  tf.dispose([x, filter]);
});

Deno.test("padding is told to TensorFlow by name where it has one, else written out", () => {
  const info = (size: number, kernel: number, stride: number, pad: number | "same") =>
    tf.backend_util.computeConv2DInfo([1, size, size, 1], [kernel, kernel, 1, 1], stride, 1, pad);
  assertEquals(paddingOf(info(8, 3, 1, 0)), { name: "VALID" });
  assertEquals(paddingOf(info(8, 3, 1, 1)), { name: "SAME" });
  assertEquals(paddingOf(info(8, 3, 2, "same")), { name: "SAME" });
  // TensorFlow's SAME of stride 2 adds one row at the end, PyTorch's padding 1 one on both ends.
  assertEquals(paddingOf(info(8, 3, 2, 1)), { name: "VALID", margins: [[0, 0], [1, 1], [1, 1], [0, 0]] });
  // With an odd size the two are the same.
  assertEquals(paddingOf(info(9, 3, 2, 1)), { name: "SAME" });
  assertEquals(paddingOf(info(8, 1, 1, 2)), { name: "VALID", margins: [[0, 0], [2, 2], [2, 2], [0, 0]] });
});
