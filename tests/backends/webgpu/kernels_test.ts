import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { batchNormTraining } from "../../../models/ops/batch_norm_training.ts";
import { groupedConv2D } from "../../../models/ops/grouped_conv2d.ts";
import { useBackend } from "../../../backends/select.ts";
import { testOnWebGPU } from "./support.ts";

/** tfjs takes 0 for no seed. */
const upTo = (max: number) => fc.integer({ min: 1, max });

type T4 = tf.Tensor4D;
type Shape4D = [number, number, number, number];

interface Subject {
  readonly shapes: readonly number[][];
  /** Gives a tensor of which gradients are taken, and others of which none are. */
  readonly run: (...inputs: tf.Tensor[]) => tf.Tensor;
}

/** The value and the gradients of `subject`, on `backend`. */
async function outcome({ shapes, run }: Subject, backend: "cpu" | "webgpu", seed: number): Promise<Float32Array[]> {
  await useBackend(backend);
  const tensors = tf.tidy(() => {
    const values = (shape: number[], i: number) => tf.randomUniform(shape, -1, 1, "float32", seed + i);
    const inputs = shapes.map(values);
    const y = run(...inputs);
    return [y, ...tf.grads(run)(inputs, values(y.shape, 99))];
  });
  const results = await Promise.all(tensors.map((tensor) => tensor.data() as Promise<Float32Array>));
  tf.dispose(tensors);
  return results;
}

async function agrees(subject: Subject, seed: number): Promise<void> {
  const expected = await outcome(subject, "cpu", seed);
  const found = await outcome(subject, "webgpu", seed);
  assertEquals(found.map(({ length }) => length), expected.map(({ length }) => length));
  for (const [i, values] of expected.entries()) {
    const scale = Math.max(1, values.reduce((max, value) => Math.max(max, Math.abs(value)), 0));
    const off = values.reduce((max, value, j) => Math.max(max, Math.abs(value - (found[i]?.[j] ?? NaN))), 0);
    assert(off <= 1e-4 * scale, `${i === 0 ? "value" : `gradient of input ${i - 1}`} differs by ${off} of ${scale}`);
  }
}

/** Holds for `numRuns` random subjects; all on webgpu and cpu. */
async function agreesFor<Case>(
  cases: fc.Arbitrary<Case>,
  subject: (drawn: Case) => Subject | undefined,
  numRuns: number,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(cases, upTo(1 << 20), async (drawn, seed) => {
      const found = subject(drawn);
      fc.pre(found !== undefined);
      await agrees(found, seed);
    }),
    { numRuns },
  );
  await useBackend("webgpu");
}

const spatial = fc.record({
  batch: upTo(3),
  size: fc.tuple(upTo(11), upTo(11)),
  kernel: fc.tuple(upTo(4), upTo(4)),
  strides: fc.tuple(upTo(3), upTo(3)),
  pad: fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.nat(2)),
});

/** Whether there is an output pixel. */
const fits = ({ size: [h, w], kernel: [kh, kw], pad: [top, bottom, left, right] }: {
  size: [number, number];
  kernel: [number, number];
  pad: [number, number, number, number];
}) => h + top + bottom >= kh && w + left + right >= kw;

const explicit = ([top, bottom, left, right]: [number, number, number, number]): [
  [number, number],
  [number, number],
  [number, number],
  [number, number],
] => [[0, 0], [top, bottom], [left, right], [0, 0]];

testOnWebGPU("convolutions of any size, stride and padding have the gradients that they have on cpu", async () => {
  const cases = fc.record({
    spatial,
    channels: fc.constantFrom(1, 3, 4, 8, 20),
    filters: fc.constantFrom(1, 4, 6, 36),
  });
  await agreesFor(cases, ({ spatial, channels, filters }) => {
    const { batch, size, kernel, strides, pad } = spatial;
    return fits(spatial)
      ? {
        shapes: [[batch, ...size, channels], [...kernel, channels, filters]],
        run: (x, filter) => tf.conv2d(x as T4, filter as T4, strides, explicit(pad)),
      }
      : undefined;
  }, 40);
});

testOnWebGPU("convolutions in groups agree with each group's own on cpu, forward and backward", async () => {
  const cases = fc.record({
    spatial,
    groups: fc.integer({ min: 1, max: 5 }),
    each: fc.constantFrom([1, 1], [3, 2], [4, 4], [4, 16], [16, 8]),
  });
  await agreesFor(cases, ({ spatial, groups, each: [channels = 1, filters = 1] }) => {
    const { batch, size, kernel, strides, pad } = spatial;
    const attributes = { groups, strides, dilations: [1, 1] as [number, number], pad: explicit(pad) };
    return fits(spatial)
      ? {
        shapes: [[batch, ...size, channels * groups], [...kernel, channels, filters * groups]],
        run: (x, filter) => groupedConv2D({ x, filter }, attributes)[0] as tf.Tensor,
      }
      : undefined;
  }, 40);
});

testOnWebGPU("a convolution in groups may be dilated", async () => {
  const run = async (backend: "cpu" | "webgpu") => {
    await useBackend(backend);
    const y = tf.tidy(() => {
      const x = tf.randomUniform([2, 9, 10, 8], -1, 1, "float32", 1);
      const filter = tf.randomUniform([3, 2, 4, 6], -1, 1, "float32", 2);
      return groupedConv2D({ x, filter }, {
        groups: 2,
        strides: [1, 1],
        dilations: [2, 3],
        pad: "same",
      })[0] as tf.Tensor;
    });
    const values = await y.data();
    y.dispose();
    return values;
  };
  const [expected, found] = [await run("cpu"), await run("webgpu")];
  assert(expected.every((value, i) => Math.abs(value - (found[i] ?? NaN)) < 1e-4));
});

testOnWebGPU("a filter's gradient is summed in pieces where there are many pixels", async () => {
  // 3 · 40 · 40 pixels: nine pieces, the last one shorter.
  await agrees({
    shapes: [[3, 40, 40, 4], [3, 3, 4, 8]],
    run: (x, filter) => tf.conv2d(x as T4, filter as T4, 1, "same"),
  }, 7);
  await useBackend("webgpu");
});

testOnWebGPU("depthwise convolutions have the gradients that they have on cpu", async () => {
  const cases = fc.record({ spatial, channels: upTo(6), multiplier: upTo(3) });
  await agreesFor(cases, ({ spatial, channels, multiplier }) => {
    const { batch, size, kernel, strides: [stride], pad } = spatial;
    return fits(spatial)
      ? {
        shapes: [[batch, ...size, channels], [...kernel, channels, multiplier]],
        run: (x, filter) => tf.depthwiseConv2d(x as T4, filter as T4, stride, explicit(pad) as unknown as "same"),
      }
      : undefined;
  }, 30);
});

for (const kind of ["avgPool", "maxPool"] as const) {
  testOnWebGPU(`${kind} has the gradient that it has on cpu, with padding too`, async () => {
    const cases = fc.record({ spatial, channels: upTo(5), pad: fc.constantFrom("same", "valid", 1) });
    await agreesFor(cases, ({ spatial: { batch, size, kernel: [kh, kw], strides: [sh, sw] }, channels, pad }) => {
      // With a number for padding tfjs counts outputs by the window's height alone.
      const isSquare = pad === 1;
      const [kernel, strides] = isSquare ? [[kh, kh], [sh, sh]] : [[kh, kw], [sh, sw]];
      const [k = 1, l = 1] = kernel ?? [];
      if (size[0] < k || size[1] < l || (isSquare && k === 1)) return undefined;
      return {
        shapes: [[batch, ...size, channels]],
        run: (x) =>
          tf[kind](x as T4, kernel as [number, number], strides as [number, number], pad as "same" | "valid" | number),
      };
    }, 30);
  });
}

testOnWebGPU("of equal maxima the first one gets the gradient, below zero too", async () => {
  const grad = tf.tidy(() => tf.grad((x: tf.Tensor) => tf.maxPool(x as T4, 2, 2, "valid"))(tf.fill([1, 4, 4, 1], -1)));
  const values = [...await grad.data()];
  grad.dispose();
  assertEquals(values, [1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0]);
});

testOnWebGPU("BatchNorm by the batch's statistics agrees with cpu, its gradients too", async () => {
  const cases = fc.record({ shape: fc.array(upTo(9), { minLength: 1, maxLength: 3 }), channels: upTo(40) });
  await agreesFor(cases, ({ shape, channels }) => {
    // Of one value, or two, the variance is nothing but rounding.
    if (shape.reduce((a, b) => a * b, 1) < 4) return undefined;
    return {
      shapes: [[...shape, channels], [channels], [channels]],
      run: (x, gamma, beta) => batchNormTraining({ x, gamma, beta }, { eps: 1e-3 })[0] as tf.Tensor,
    };
  }, 40);
});

testOnWebGPU("BatchNorm's statistics keep their digits far from zero, over many pieces", async () => {
  const shape: Shape4D = [8, 30, 30, 3];
  const values = Float32Array.from({ length: 8 * 30 * 30 * 3 }, (_, i) => 1000 + Math.sin(i));
  const x = tf.tensor(values, shape);
  const [gamma, beta] = [tf.ones([3]), tf.zeros([3])];
  const [y, mean, variance] = batchNormTraining({ x, gamma, beta }, { eps: 0 });
  for (let channel = 0; channel < 3; channel++) {
    const own = values.filter((_, i) => i % 3 === channel);
    const expected = own.reduce((sum, value) => sum + value, 0) / own.length;
    const squares = own.reduce((sum, value) => sum + (value - expected) ** 2, 0) / own.length;
    assert(Math.abs((await mean?.data())?.[channel] as number - expected) < 1e-3);
    assert(Math.abs((await variance?.data())?.[channel] as number - squares) < 1e-3);
  }
  tf.dispose([x, gamma, beta, y, mean, variance].flatMap((tensor) => tensor ?? []));
});
