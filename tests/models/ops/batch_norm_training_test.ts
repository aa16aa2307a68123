import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { useBackend } from "../../../backends/select.ts";
import { batchNormTraining } from "../../../models/ops/batch_norm_training.ts";
import { reference } from "../batch_norm_support.ts";
import { assertClose, BACKENDS, hashed, testOnBackends } from "../layers/support.ts";

type Triple = [tf.Tensor, tf.Tensor, tf.Tensor];

/** Outputs and gradients on the current backend. */
function results(shape: number[], k: number, eps: number, offset: number): Record<string, number[]> {
  const channels = shape[shape.length - 1] ?? 1;
  const size = shape.reduce((a, b) => a * b, 1);
  const tensors = tf.tidy(() => {
    const x = tf.tensor(hashed(k, size).map((value) => value + offset), shape);
    const [gamma, beta] = [tf.tensor1d(hashed(k + 1, channels)), tf.tensor1d(hashed(k + 2, channels))];
    const [y, mean, variance] = batchNormTraining({ x, gamma, beta }, { eps }) as Triple;
    const [dx, dgamma, dbeta] = tf.grads((x, gamma, beta) => {
      const [y] = batchNormTraining({ x, gamma, beta }, { eps }) as Triple;
      return y;
    })([x, gamma, beta], tf.tensor(hashed(k + 3, size), shape)) as Triple;
    return { y, mean, variance, dx, dgamma, dbeta };
  });
  const values = Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, [...tensor.dataSync()]]));
  tf.dispose(tensors);
  return values;
}

Deno.test("BatchNormTraining and its gradient: wasm's kernels equal the fallback of plain ops", async () => {
  const cases = fc.record({
    shape: fc.oneof(
      fc.tuple(fc.integer({ min: 4, max: 20 }), fc.integer({ min: 1, max: 9 })),
      fc.tuple(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 2, max: 5 }),
        fc.integer({ min: 2, max: 5 }),
        fc.integer({ min: 1, max: 9 }),
      ),
    ) as fc.Arbitrary<number[]>,
    k: fc.nat(100_000),
    eps: fc.constantFrom(1e-5, 1e-3),
    offset: fc.constantFrom(0, 2),
  });
  // Every case on one backend after the other: setBackend() is not for free.
  const samples = fc.sample(cases, 100);
  const found: Record<string, Record<string, number[]>[]> = {};
  for (const backend of BACKENDS) {
    await useBackend(backend);
    const before = tf.memory().numTensors;
    found[backend] = samples.map(({ shape, k, eps, offset }) => results(shape, k, eps, offset));
    assertEquals(tf.memory().numTensors, before);
  }
  assertEquals(tf.getKernel("BatchNormTraining", "wasm") === tf.getKernel("BatchNormTraining", "cpu"), false);
  for (const [i, sample] of samples.entries()) {
    for (const [name, expected] of Object.entries(found.cpu?.[i] ?? {})) {
      const tolerance = name.startsWith("d") ? 1e-4 : 1e-5;
      assertClose(found.wasm?.[i]?.[name] ?? [], expected, tolerance, `${name} of ${JSON.stringify(sample)}`);
    }
  }
});

testOnBackends("BatchNormTraining keeps its digits where the mean is large", () => {
  const [count, eps] = [400, 1e-5];
  const values = hashed(1, count).map((value) => 1000 + value);
  const x = tf.tensor2d(values, [count, 1]);
  const [gamma, beta] = [tf.ones([1]), tf.zeros([1])];
  const [y, mean, variance] = batchNormTraining({ x, gamma, beta }, { eps }) as Triple;
  const expected = reference({ x: [...values], gamma: [1], beta: [0] }, eps);
  assertClose(mean.dataSync(), expected.mean, 1e-6, "mean");
  assertClose(variance.dataSync(), expected.variance, 1e-4, "variance");
  assertClose(y.dataSync(), expected.y, 3e-4, "output");
  tf.dispose([x, gamma, beta, y, mean, variance]);
});

testOnBackends("BatchNormTraining passes no gradient back through mean and variance", () => {
  const x = tf.tensor2d(hashed(1, 12), [4, 3]);
  const [gamma, beta] = [tf.ones([3]), tf.zeros([3])];
  for (const output of [1, 2]) {
    const dx = tf.grad((x) => batchNormTraining({ x, gamma, beta }, { eps: 1e-5 })[output] as tf.Tensor)(x);
    assertEquals([...dx.dataSync()].every((value) => value === 0), true);
    dx.dispose();
  }
  tf.dispose([x, gamma, beta]);
});
