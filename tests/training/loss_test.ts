import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { useBackend } from "../../backends/select.ts";
import { softmaxCrossEntropy } from "../../training/loss.ts";
import fixture from "../fixtures/training_parts.json" with { type: "json" };
import { assertClose, hashed, testOnBackends } from "../models/layers/support.ts";

for (const backend of ["cpu", "wasm"] as const) {
  Deno.test(`softmaxCrossEntropy() and its gradient follow the formula on ${backend}`, async () => {
    await useBackend(backend);
    const before = tf.memory().numTensors;
    const row = fc.array(fc.double({ min: -20, max: 20, noNaN: true }), { minLength: 4, maxLength: 4 });
    const rows = fc.array(fc.tuple(row, fc.integer({ min: 0, max: 3 })), { minLength: 1, maxLength: 5 });
    fc.assert(fc.property(rows, (rows) => {
      const logits = rows.map(([values]) => values.map(Math.fround));
      const softmax = logits.map((values) => {
        const shifted = values.map((value) => Math.exp(value - Math.max(...values)));
        return shifted.map((value) => value / shifted.reduce((a, b) => a + b, 0));
      });
      const labels = rows.map(([, label]) => label);
      const expected = softmax.reduce((sum, values, i) => sum - Math.log(values[labels[i] ?? 0] ?? 0), 0) / rows.length;
      const gradient = softmax.map((values, i) => values.map((p, j) => (p - (j === labels[i] ? 1 : 0)) / rows.length));
      const [x, y] = [tf.tensor2d(logits), tf.tensor1d(labels, "int32")];
      const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => softmaxCrossEntropy(x, y))(x);
      assertAlmostEquals(value.dataSync()[0] ?? NaN, expected, 1e-4);
      const found = grad.dataSync();
      gradient.flat().forEach((expected, i) => assertAlmostEquals(found[i] ?? NaN, expected, 1e-5));
      tf.dispose([x, y, value, grad]);
    }));
    assertEquals(tf.memory().numTensors, before);
  });
}

Deno.test("softmaxCrossEntropy() names what does not fit", async () => {
  await useBackend("cpu");
  const [x, flat, labels] = [tf.zeros([2, 3]), tf.zeros([6]), tf.zeros([3], "int32")];
  assertThrows(
    () => softmaxCrossEntropy(flat, labels),
    RangeError,
    "Expected logits to have shape [batch, classes] but found [6]",
  );
  assertThrows(() => softmaxCrossEntropy(x, labels), RangeError, "Expected labels to have shape [2] but found [3]");
  tf.dispose([x, flat, labels]);
});

for (const { scale, labelSmoothing, loss, gradient } of fixture.labelSmoothing) {
  testOnBackends(`softmaxCrossEntropy() smooths labels by ${labelSmoothing} as PyTorch, logits up to ${scale}`, () => {
    const [x, y] = [tf.tensor(hashed(fixture.kLogits, 20, scale), [4, 5]), tf.tensor1d([0, 3, 4, 1], "int32")];
    const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => softmaxCrossEntropy(x, y, { labelSmoothing }))(x);
    assertClose(value.dataSync(), [loss], 1e-6, "loss");
    assertClose(grad.dataSync(), gradient, 1e-6, "gradient");
    tf.dispose([x, y, value, grad]);
  });
}

testOnBackends("the gradient of smoothed labels is that of finite differences", () => {
  const y = tf.tensor1d([2, 0], "int32");
  const lossAt = (logits: Float32Array) =>
    tf.tidy(() => softmaxCrossEntropy(tf.tensor(logits, [2, 3]), y, { labelSmoothing: 0.2 }).dataSync()[0] ?? NaN);
  const logits = hashed(7, 6);
  const gradient = tf.tidy(() =>
    tf.grad((x: tf.Tensor) => softmaxCrossEntropy(x, y, { labelSmoothing: 0.2 }))(tf.tensor(logits, [2, 3])).dataSync()
  );
  const [h, step] = [1 / 64, (i: number, by: number) => logits.map((value, j) => i === j ? value + by : value)];
  const differences = Array.from(logits, (_, i) => (lossAt(step(i, h)) - lossAt(step(i, -h))) / (2 * h));
  assertClose(gradient, differences, 2e-4);
  y.dispose();
});

Deno.test("softmaxCrossEntropy() refuses a label smoothing over 1", async () => {
  await useBackend("cpu");
  const [x, labels] = [tf.zeros([2, 3]), tf.zeros([2], "int32")];
  assertThrows(
    () => softmaxCrossEntropy(x, labels, { labelSmoothing: 1.1 }),
    RangeError,
    "Expected labelSmoothing of softmaxCrossEntropy() to be at most 1 but found 1.1",
  );
  tf.dispose([x, labels]);
});
