import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { Add } from "../../../models/layers/add.ts";
import { Concat } from "../../../models/layers/concat.ts";
import { Multiply } from "../../../models/layers/multiply.ts";
import { assertClose, hashed, testOnBackends, testRefusals } from "./support.ts";

const add = () => new Add({ name: "a" });
const multiply = () => new Multiply({ name: "m" });
const concat = () => new Concat({ name: "c" });

Deno.test("Add has the shape of its inputs, Concat the sum of their channels", () => {
  const shape = [null, 5, 4, 3];
  assertEquals(add().computeOutputShape([shape, shape, shape]), shape);
  assertEquals(concat().computeOutputShape([shape, [null, 5, 4, 1], [null, 5, 4, 2]]), [null, 5, 4, 6]);
  assertEquals(concat().computeOutputShape([[null, 3], [null, 2]]), [null, 5]);
  assertEquals(concat().computeOutputShape([[null, 5, 4, null], shape]), [null, 5, 4, null]);
});

Deno.test("Add and Concat hold no weights and count no multiply-accumulates", () => {
  for (const layer of [add(), concat()]) {
    assertEquals(layer.weightSpecs([null, 5, 4, 3]), []);
    assertEquals(layer.macs([null, 5, 4, 3]), 0);
  }
  assertEquals([add().typeName(), concat().typeName()], ["Add", "Concat"]);
});

testOnBackends("Add sums all its inputs and gives each the whole gradient", () => {
  const shape: [number, number, number, number] = [2, 2, 3, 2];
  const inputs = [1, 2, 3].map((k) => tf.tensor4d(hashed(k, 24), shape));
  const dy = tf.tensor4d(hashed(4, 24), shape);
  const y = tf.tidy(() => add().call(inputs));
  const expected = hashed(1, 24).map((value, i) =>
    Math.fround(value + (hashed(2, 24)[i] ?? 0)) + (hashed(3, 24)[i] ?? 0)
  );
  assertEquals(y.dataSync(), expected);
  const gradients = tf.grads((...inputs) => add().call(inputs))(inputs, dy);
  for (const gradient of gradients) assertEquals(gradient.dataSync(), hashed(4, 24));
  tf.dispose([...inputs, dy, y, ...gradients]);
});

testOnBackends("Concat puts its inputs side by side along the channels and takes the gradient apart", () => {
  const [a, b] = [tf.tensor4d([1, 2, 3, 4], [1, 2, 1, 2]), tf.tensor4d([5, 6], [1, 2, 1, 1])];
  const y = concat().call([a, b]);
  assertEquals(y.shape, [1, 2, 1, 3]);
  assertEquals([...y.dataSync()], [1, 2, 5, 3, 4, 6]);
  const dy = tf.tensor4d([10, 20, 30, 40, 50, 60], [1, 2, 1, 3]);
  const [da, db] = tf.grads((a, b) => concat().call([a, b]))([a, b], dy) as [tf.Tensor, tf.Tensor];
  assertEquals([...da.dataSync()], [10, 20, 40, 50]);
  assertEquals([...db.dataSync()], [30, 60]);
  tf.dispose([a, b, y, dy, da, db]);
});

const shape = [null, 5, 5, 1];
testRefusals("Add", [
  ["one input", () => add().computeOutputShape([shape]), "Expected the inputs of a to be two or more but found 1"],
  ["no input", () => add().call([]), "Expected the inputs of a to be two or more but found none"],
  [
    "inputs of two shapes",
    () => add().computeOutputShape([shape, shape, [null, 5, 5, 2]]),
    "Expected the inputs of a to have one shape but found [null, 5, 5, 1] and [null, 5, 5, 2]",
  ],
]);

testRefusals("Concat", [
  ["one input", () => concat().computeOutputShape([shape]), "Expected the inputs of c to be two or more but found 1"],
  [
    "inputs of two heights",
    () => concat().computeOutputShape([shape, [null, 6, 5, 1]]),
    "Expected the inputs of c to differ in channels only but found [null, 5, 5, 1] and [null, 6, 5, 1]",
  ],
  [
    "inputs of two ranks",
    () => concat().computeOutputShape([shape, [null, 5]]),
    "Expected the inputs of c to differ in channels only but found [null, 5, 5, 1] and [null, 5]",
  ],
]);

testOnBackends("Multiply scales each channel of each image, and the scale's gradient is summed over the map", () => {
  const [x, scale] = [tf.tensor4d(hashed(1, 24), [2, 2, 3, 2]), tf.tensor4d(hashed(2, 4), [2, 1, 1, 2])];
  assertEquals(multiply().computeOutputShape([[null, 2, 3, 2], [null, 1, 1, 2]]), [null, 2, 3, 2]);
  const factor = (i: number) => hashed(2, 4)[(i >= 12 ? 2 : 0) + i % 2] ?? NaN;
  const y = multiply().call([x, scale]);
  assertClose(y.dataSync(), [...hashed(1, 24)].map((value, i) => value * factor(i)));
  const dy = tf.tensor4d(hashed(3, 24), [2, 2, 3, 2]);
  const [dx, dscale] = tf.grads((x, scale) => multiply().call([x, scale]))([x, scale], dy) as [tf.Tensor, tf.Tensor];
  assertClose(dx.dataSync(), [...hashed(3, 24)].map((value, i) => value * factor(i)));
  const sums = [0, 0, 0, 0];
  for (const [i, value] of hashed(3, 24).entries()) {
    const at = (i >= 12 ? 2 : 0) + i % 2;
    sums[at] = (sums[at] ?? 0) + value * (hashed(1, 24)[i] ?? NaN);
  }
  assertClose(dscale.dataSync(), sums);
  tf.dispose([x, scale, y, dy, dx, dscale]);
});

testRefusals("Multiply", [
  [
    "a scale of other channels",
    () => multiply().computeOutputShape([[null, 2, 3, 2], [null, 1, 1, 3]]),
    "Expected the scale of m to have one value per channel of [null, 2, 3, 2] but found [null, 1, 1, 3]",
  ],
  [
    "one input",
    () => multiply().computeOutputShape([[null, 2, 3, 2]]),
    "Expected the inputs of m to be a map and its scale but found [[null, 2, 3, 2]]",
  ],
]);
