import { assertEquals, assertNotEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { dropoutSeeded } from "../../../models/ops/dropout_seeded.ts";
import { onlyOutput } from "../../../models/ops/op.ts";
import { assertClose, hashed, testOnBackends } from "../layers/support.ts";

const drop = (x: tf.Tensor, rate: number, seed: number) => onlyOutput(dropoutSeeded({ x }, { rate, seed }));

testOnBackends("DropoutSeeded gives the same for the same seed, whatever the rank, and keeps the shape", () => {
  const [flat, image] = [tf.tensor1d(hashed(1, 60)), tf.tensor4d(hashed(1, 60), [1, 4, 5, 3])];
  const outputs = [drop(flat, 0.5, 1), drop(flat, 0.5, 1), drop(image, 0.5, 1), drop(flat, 0.5, 2)];
  const [first, again, other, differs] = outputs.map((y) => [...y.dataSync()]);
  assertEquals(again, first);
  assertEquals(other, first);
  assertNotEquals(differs, first);
  assertEquals(outputs[2]?.shape, [1, 4, 5, 3]);
  tf.dispose([flat, image, ...outputs]);
});

testOnBackends("DropoutSeeded divides what it keeps by 1 - rate", () => {
  const x = tf.tensor1d(hashed(3, 200));
  const y = drop(x, 0.75, 9);
  const kept = [...y.dataSync()];
  assertClose(kept, [...hashed(3, 200)].map((value, i) => kept[i] === 0 ? 0 : 4 * value));
  assertEquals(kept.some((value) => value === 0) && kept.some((value) => value !== 0), true);
  tf.dispose([x, y]);
});

testOnBackends("DropoutSeeded is linear: the gradient, and the gradient of the gradient, draw the mask again", () => {
  const [x, dy] = [tf.tensor1d(hashed(3, 40)), tf.tensor1d(hashed(4, 40))];
  const run = (x: tf.Tensor) => drop(x, 0.5, 9);
  const [dx, expected] = [tf.grad(run)(x, dy), run(dy)];
  assertEquals(dx.dataSync(), expected.dataSync());
  const second = tf.grad((dy) => tf.grad(run)(x, dy))(dy);
  const mask = tf.tidy(() => run(tf.onesLike(x)));
  assertEquals(second.dataSync(), mask.dataSync());
  tf.dispose([x, dy, dx, expected, second, mask]);
});
