import { assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { logistic } from "../../../models/ops/logistic.ts";
import { testOnBackends } from "../../backends_under_test.ts";

const values = [-90, -8, -1, -0.25, 0, 0.5, 2, 10, 90];

testOnBackends("logistic() and its gradient are the formula's, far from 0 too", async () => {
  const x = tf.tensor1d(values);
  const dy = tf.tensor1d(values.map((_, i) => i - 3));
  const y = logistic(x);
  const dx = tf.grad(logistic)(x, dy);
  const [found, gradient] = [await y.data(), await dx.data()];
  for (const [i, value] of values.entries()) {
    const expected = 1 / (1 + Math.exp(-value));
    assertAlmostEquals(found[i] ?? NaN, expected, 1e-6);
    assertAlmostEquals(gradient[i] ?? NaN, (i - 3) * expected * (1 - expected), 1e-6);
  }
  tf.dispose([x, dy, y, dx]);
});

testOnBackends("a reshape to the shape that a tensor has is the tensor again, and outlives it", async () => {
  const x = tf.tensor2d([[1.5, -2]]);
  const same = tf.reshape(x, [1, -1]);
  x.dispose();
  assertEquals([same.shape, [...await same.data()]], [[1, 2], [1.5, -2]]);
  const column = tf.reshape(same, [2, 1]);
  assertEquals([column.shape, [...await column.data()]], [[2, 1], [1.5, -2]]);
  tf.dispose([same, column]);
});

testOnBackends("a cast to the type that a tensor has is the tensor again, and outlives it", async () => {
  const x = tf.tensor1d([1.5, -2]);
  const cast = tf.cast(x, "float32");
  x.dispose();
  assertEquals([...await cast.data()], [1.5, -2]);
  const whole = tf.cast(cast, "int32");
  assertEquals([whole.dtype, ...await whole.data()], ["int32", 1, -2]);
  tf.dispose([cast, whole]);
});
