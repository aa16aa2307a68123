import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { useBackend } from "../../backends/select.ts";
import { softmaxCrossEntropy } from "../../training/loss.ts";

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
