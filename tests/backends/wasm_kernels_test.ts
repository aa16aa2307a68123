import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { installWasmKernels, upstreamKernel } from "../../backends/wasm/mod.ts";
import { assertSame, check, on, random, tensor, valuesOf } from "./support.ts";

const values = (x: tf.Tensor) => [...x.dataSync()];
const image = (rows: number[][]) => tf.tensor4d(rows.flat(), [1, rows.length, rows[0]?.length ?? 0, 1]);

function runKernel(name: string, inputs: Record<string, tf.Tensor>, attributes: object): tf.Tensor {
  return tf.engine().runKernel(name, inputs, attributes as tf.NamedAttrMap) as tf.Tensor;
}

Deno.test("installWasmKernels() a second time changes nothing", () => {
  const before = tf.getKernelsForBackend("wasm").map(({ kernelFunc }) => kernelFunc);
  installWasmKernels();
  assertEquals(tf.getKernelsForBackend("wasm").map(({ kernelFunc }) => kernelFunc), before);
});

Deno.test("upstreamKernel() gives tfjs' own kernel, and throws where there is none", () => {
  assert(upstreamKernel("MaxPoolGrad") !== tf.getKernel("MaxPoolGrad", "wasm")?.kernelFunc as unknown);
  assertThrows(() => upstreamKernel("NoSuchKernel"), RangeError, "NoSuchKernel");
});

Deno.test("MaxPoolGrad gives a negative window's gradient to its own maximum", async () => {
  const dx = await on("wasm", () => {
    const x = image([[-4, -3, -1, -2], [-2, -5, -9, -8]]);
    return values(tf.grad((x) => tf.maxPool(x as tf.Tensor4D, 2, 2, "valid"))(x, image([[7, 8]])));
  });
  assertEquals(dx, [0, 0, 8, 0, 7, 0, 0, 0]);
});

Deno.test("MaxPoolGrad gives a tie's gradient to the first maximum, as PyTorch", async () => {
  const dx = await on("wasm", () => {
    const x = tf.zeros([1, 3, 3, 1]);
    return values(tf.grad((x) => tf.maxPool(x as tf.Tensor4D, 2, 1, "valid"))(x, image([[1, 2], [3, 4]])));
  });
  assertEquals(dx, [1, 2, 0, 3, 4, 0, 0, 0, 0]);
});

Deno.test("AvgPoolGrad shares out among the values inside the image, on wasm and cpu", async () => {
  for (const backend of ["wasm", "cpu"] as const) {
    const dx = await on(backend, () => {
      const grad = tf.grad((x) => tf.avgPool(x as tf.Tensor4D, 2, 2, "same"));
      return values(grad(tf.zeros([1, 3, 3, 1]), image([[4, 2], [2, 1]])));
    });
    assertEquals(dx, [1, 1, 1, 1, 1, 1, 1, 1, 1], backend);
  }
});

Deno.test("Conv2D and DepthwiseConv2dNative with padding same take strides larger than the window", async () => {
  for (const f of [tf.conv2d, tf.depthwiseConv2d]) {
    const y = await on("wasm", () => {
      const x = image([[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11], [12, 13, 14, 15]]);
      return values(f(x, tf.ones([1, 3, 1, 1]), 2, "same"));
    });
    assertEquals(y, [3, 5, 27, 21]);
  }
});

Deno.test("gradient kernels take dilations where their attributes have some", async () => {
  // With a dilated filter written out as a larger one with zeros, there is no dilation.
  const spread = (filter: tf.Tensor) => {
    const [kh = 1, kw = 1, c = 1, f = 1] = filter.shape;
    const pairs = tf.pad(tf.reshape(filter, [kh, 1, kw, 1, c, f]), [[0, 0], [0, 1], [0, 0], [0, 1], [0, 0], [0, 0]]);
    return tf.slice(tf.reshape(pairs, [2 * kh, 2 * kw, c, f]), [0, 0, 0, 0], [2 * kh - 1, 2 * kw - 1, c, f]);
  };
  const every = (filter: tf.Tensor) => tf.stridedSlice(filter, [0, 0], filter.shape.slice(0, 2), [2, 2]);
  for (const depthwise of [false, true]) {
    const [forX, forFilter] = depthwise
      ? ["DepthwiseConv2dNativeBackpropInput", "DepthwiseConv2dNativeBackpropFilter"]
      : ["Conv2DBackpropInput", "Conv2DBackpropFilter"];
    await on("wasm", () => {
      const x = tensor(random([2, 9, 8, 3], 1));
      const filter = tensor(random([3, 2, 3, 2], 2));
      const dy = tensor(random([2, 7, 8, depthwise ? 6 : 2], 3));
      const pad = [[0, 0], [1, 1], [1, 1], [0, 0]];
      const common = { strides: [1, 1], pad, dataFormat: "NHWC" };
      const dilated = { ...common, dilations: [2, 2], inputShape: x.shape, filterShape: filter.shape };
      const plain = { ...common, dilations: [1, 1], inputShape: x.shape, filterShape: [5, 3, 3, 2] };
      assertSame(
        valuesOf(runKernel(forX, { dy, filter }, dilated)),
        valuesOf(runKernel(forX, { dy, filter: spread(filter) }, plain)),
        forX,
      );
      assertSame(
        valuesOf(runKernel(forFilter, { x, dy }, dilated)),
        valuesOf(every(runKernel(forFilter, { x, dy }, plain))),
        forFilter,
      );
    });
  }
});

Deno.test("gradient kernels of NCHW images that wasm lacks throw, naming the format", async () => {
  await on("wasm", () => {
    const [x, dy] = [tf.zeros([1, 2, 4, 4]), tf.zeros([1, 3, 4, 4])];
    const attributes = { strides: 1, pad: "same", dataFormat: "NCHW", filterShape: [3, 3, 2, 3] };
    assertThrows(() => runKernel("Conv2DBackpropFilter", { x, dy }, attributes), RangeError, "NCHW");
  });
});

/** The product by its definition; tfjs' cpu backend is no reference, it counts batches wrongly that broadcast both ways. */
function productOf(a: tf.Tensor, b: tf.Tensor, transposeA: boolean, transposeB: boolean): tf.Tensor {
  const swap = (x: tf.Tensor) => tf.transpose(x, [...x.shape.keys()].toSpliced(-2, 2, x.rank - 1, x.rank - 2));
  const [left, right] = [transposeA ? swap(a) : a, transposeB ? swap(b) : b];
  return tf.sum(tf.mul(tf.expandDims(left, -1), tf.expandDims(right, -3)), -2);
}

Deno.test("BatchMatMul gives the products' definition: 60 broadcast batches, large and small", async () => {
  const cases = fc.record({
    sizes: fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: 1, max: 40 }))),
    batch: fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.constantFrom("a", "b", "both")), { maxLength: 3 }),
    transposeA: fc.boolean(),
    transposeB: fc.boolean(),
    seed: fc.nat(),
  });
  await check(60, cases, async ({ sizes: [m = 1, k = 1, n = 1], batch, transposeA, transposeB, seed }) => {
    const lead = (operand: string) => batch.map(([size, who]) => who === operand || who === "both" ? size : 1);
    const a = random([...lead("a"), ...(transposeA ? [k, m] : [m, k])], seed);
    const b = random([...lead("b"), ...(transposeB ? [n, k] : [k, n])], seed + 1);
    assertSame(
      await on("wasm", () => valuesOf(tf.matMul(tensor(a), tensor(b), transposeA, transposeB))),
      await on("cpu", () => valuesOf(productOf(tensor(a), tensor(b), transposeA, transposeB))),
    );
  });
});

Deno.test("BatchMatMul over no inner values gives zeros", async () => {
  // Something has to lie in the memory that the product gets.
  const product = () => {
    tf.dispose(tf.fill([6], 7));
    return values(tf.matMul(tf.zeros([2, 0]), tf.zeros([0, 3])));
  };
  assertEquals(await on("wasm", product), [0, 0, 0, 0, 0, 0]);
});

Deno.test("the largest products are right: blocks of more than one image, and parts of one", async () => {
  for (const [batch, size] of [[40, 9], [2, 70]] as const) {
    const gradients = () => {
      const [x, filter] = [tensor(random([batch, size, size, 3], 1)), tensor(random([3, 3, 3, 4], 2))];
      const f = (x: tf.Tensor, filter: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 2, 1);
      const dy = random(f(x, filter).shape, 3);
      return tf.grads(f)([x, filter], tensor(dy)).map(valuesOf);
    };
    const [wasm, cpu] = [await on("wasm", gradients), await on("cpu", gradients)];
    wasm.forEach((gradient, i) => assertSame(gradient, cpu[i] ?? gradient, `gradient ${i} of batch ${batch}`));
  }
});

Deno.test("UnsortedSegmentSum adds up rows by id and leaves out ids out of range", async () => {
  const sums = await on("wasm", () => {
    const x = tf.tensor2d([[1, 2], [3, 4], [5, 6], [7, 8]]);
    return values(runKernel("UnsortedSegmentSum", { x, segmentIds: tf.tensor1d([2, 0, -1, 2], "int32") }, {
      numSegments: 3,
    }));
  });
  assertEquals(sums, [3, 4, 0, 0, 8, 10]);
});

Deno.test("Sum and Mean over leading axes do not lose digits over many rows", async () => {
  const [sum, mean] = await on("wasm", () => {
    const x = tf.fill([1_000_000, 2], 0.1);
    return [values(tf.sum(x, 0)), values(tf.mean(x, 0))];
  });
  const tenth = Math.fround(0.1);
  assertEquals(sum, [1, 1].map(() => Math.fround(1_000_000 * tenth)));
  assertEquals(mean, [tenth, tenth]);
});

Deno.test("Sum and Mean over any axes, kept or not, are the cpu backend's", async () => {
  const shape = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
  const cases = fc.sample(
    shape.chain((shape) =>
      fc.record({
        shape: fc.constant(shape),
        axes: fc.subarray(shape.map((_, axis) => axis)),
        keepDims: fc.boolean(),
        seed: fc.nat(),
      })
    ),
    { numRuns: 100, seed: 1 },
  );
  for (const { shape, axes, keepDims, seed } of cases) {
    const reduce = () => [tf.sum, tf.mean].map((f) => valuesOf(f(tensor(random(shape, seed)), axes, keepDims)));
    const [wasm, cpu] = [await on("wasm", reduce), await on("cpu", reduce)];
    for (const [i, expected] of cpu.entries()) {
      const actual = wasm[i];
      if (actual !== undefined) assertSame(actual, expected, `[${shape}] over [${axes}]`);
    }
  }
});
