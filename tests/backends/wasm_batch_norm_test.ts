import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { batchNormTraining } from "../../models/ops/batch_norm_training.ts";
import { check, on, random, tensor, valuesOf } from "./support.ts";

type Columns = Float64Array | Float32Array;

/** The book's formula, in doubles: y, mean and biased variance. */
function reference(x: Columns, gamma: Columns, beta: Columns, eps: number) {
  const [channels, rows] = [gamma.length, x.length / gamma.length];
  const [y, mean, variance] = [new Float64Array(x.length), new Float64Array(channels), new Float64Array(channels)];
  for (let c = 0; c < channels; c++) {
    const column = Array.from({ length: rows }, (_, row) => x[row * channels + c] ?? NaN);
    const m = column.reduce((a, b) => a + b, 0) / rows;
    const v = column.reduce((sum, value) => sum + (value - m) ** 2, 0) / rows;
    column.forEach((value, row) => {
      y[row * channels + c] = (gamma[c] ?? NaN) * (value - m) / Math.sqrt(v + eps) + (beta[c] ?? NaN);
    });
    [mean[c], variance[c]] = [m, v];
  }
  return { y, mean, variance };
}

const dot = (a: Columns, b: Columns) => Array.from(a).reduce((sum, value, i) => sum + value * (b[i] ?? NaN), 0);

function assertNear(actual: Columns, expected: Columns, message: string): void {
  assertEquals(actual.length, expected.length);
  const largest = Math.max(1e-3, ...Array.from(expected, Math.abs));
  actual.forEach((value, i) => {
    assert(Math.abs(value - (expected[i] ?? NaN)) <= 1e-5 * largest, `${message}[${i}]: ${value}, not ${expected[i]}`);
  });
}

Deno.test("BatchNormTraining is the formula and its gradients the finite differences: 100 cases", async () => {
  const cases = fc.record({
    lead: fc.oneof(
      fc.tuple(fc.integer({ min: 2, max: 20 })),
      fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: 2, max: 5 }))),
    ),
    channels: fc.integer({ min: 1, max: 7 }),
    eps: fc.constantFrom(1e-5, 1e-3),
    seed: fc.nat(),
  });
  await check(100, cases, async ({ lead, channels, eps, seed }) => {
    const inputs = [random([...lead, channels], seed), random([channels], seed + 1), random([channels], seed + 2)];
    const [x, gamma, beta] = inputs.map(({ values }) => values) as [Float32Array, Float32Array, Float32Array];
    const dy = random([...lead, channels], seed + 3);
    const run = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) => batchNormTraining({ x, gamma, beta }, { eps });
    const { outputs, gradients } = await on("wasm", () => {
      const [x, gamma, beta] = inputs.map(tensor) as [tf.Tensor, tf.Tensor, tf.Tensor];
      const y = (...inputs: tf.Tensor[]) => run(...inputs as [tf.Tensor, tf.Tensor, tf.Tensor])[0] ?? x;
      return {
        outputs: run(x, gamma, beta).map((output) => valuesOf(output).values),
        gradients: tf.grads(y)([x, gamma, beta], tensor(dy)).map(valuesOf),
      };
    });
    const expected = reference(x, gamma, beta, eps);
    assertNear(outputs[0] ?? x, expected.y, "y");
    assertNear(outputs[1] ?? x, expected.mean, "mean");
    assertNear(outputs[2] ?? x, expected.variance, "variance");

    const arguments_ = [x, gamma, beta].map((values) => Float64Array.from(values));
    gradients.forEach(({ values: gradient }, i) => {
      const direction = random([gradient.length], seed + 4 + i).values;
      const at = (by: number) => {
        const moved = arguments_.map((values, j) =>
          j === i ? values.map((value, k) => value + by * (direction[k] ?? NaN)) : values
        ) as [Float64Array, Float64Array, Float64Array];
        return dot(reference(...moved, eps).y, dy.values);
      };
      const step = 1e-5;
      const difference = (at(step) - at(-step)) / (2 * step);
      const scale = Math.sqrt(dot(gradient, gradient) * dot(direction, direction)) + 1e-2;
      const off = Math.abs(dot(gradient, direction) - difference);
      assert(off <= 1e-4 * scale, `gradient of input ${i}: off by ${off} of ${scale}`);
    });
  });
});

Deno.test("BatchNormTraining keeps its digits where the mean is 10,000 deviations away", async () => {
  const x = Float32Array.from({ length: 64 }, (_, i) => 10_000 + (i % 2 === 0 ? 1 : -1));
  const [y, , variance] = await on(
    "wasm",
    () =>
      batchNormTraining({ x: tf.tensor2d(x, [64, 1]), gamma: tf.ones([1]), beta: tf.zeros([1]) }, { eps: 0 })
        .map((output) => [...output.dataSync()]),
  );
  assertEquals(variance, [1]);
  assertEquals(y, [...x].map((value) => value - 10_000));
});
