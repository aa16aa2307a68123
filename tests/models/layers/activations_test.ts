import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { Relu } from "../../../models/layers/relu.ts";
import { Sigmoid } from "../../../models/layers/sigmoid.ts";
import { Silu } from "../../../models/layers/silu.ts";
import { assertClose, testOnBackends, testRefusals } from "./support.ts";

const relu = () => new Relu({ name: "r" });
const sigmoid = () => new Sigmoid({ name: "s" });
const silu = () => new Silu({ name: "u" });

Deno.test("Relu, Sigmoid and Silu keep any shape, hold no weights and count no multiply-accumulates", () => {
  for (const layer of [relu(), sigmoid(), silu()]) {
    for (const shape of [[null, 5], [null, 5, 4, 3], [2, 7, 8]]) {
      assertEquals(layer.computeOutputShape(shape), shape);
      assertEquals(layer.weightSpecs(shape), []);
      assertEquals(layer.macs(shape), 0);
    }
  }
  assertEquals([relu(), sigmoid(), silu()].map((layer) => layer.typeName()), ["ReLU", "Sigmoid", "SiLU"]);
});

const VALUES = [-2, -0.5, 0, 0.5, 2, 30];

testOnBackends("Relu is max(x, 0), and its gradient at 0 is 0, as PyTorch's", () => {
  const x = tf.tensor1d(VALUES);
  const y = relu().call(x);
  assertEquals([...y.dataSync()], [0, 0, 0, 0.5, 2, 30]);
  const dx = tf.grad((x) => relu().call(x))(x);
  assertEquals([...dx.dataSync()], [0, 0, 0, 1, 1, 1]);
  tf.dispose([x, y, dx]);
});

testOnBackends("Sigmoid is 1 / (1 + exp(-x)), with the gradient y (1 - y)", () => {
  const x = tf.tensor1d(VALUES);
  const y = sigmoid().call(x);
  const expected = VALUES.map((value) => 1 / (1 + Math.exp(-value)));
  assertClose(y.dataSync(), expected);
  const dx = tf.grad((x) => sigmoid().call(x))(x);
  assertClose(dx.dataSync(), expected.map((value) => value * (1 - value)));
  tf.dispose([x, y, dx]);
});

const shape = [null, 5];
testRefusals("Relu", [
  ["two inputs", () => relu().computeOutputShape([shape, shape]), "Expected inputShape to be one shape but found 2"],
  [
    "two tensors",
    () =>
      tf.tidy(() => {
        relu().call([tf.zeros([1]), tf.zeros([1])]);
      }),
    "Expected inputs to be one tensor but found 2",
  ],
]);
testRefusals("Sigmoid", [
  ["two inputs", () => sigmoid().computeOutputShape([shape, shape]), "Expected inputShape to be one shape but found 2"],
]);

testOnBackends("Silu is x / (1 + exp(-x)), with the gradient s (1 + x (1 - s))", () => {
  const x = tf.tensor1d(VALUES);
  const s = VALUES.map((value) => 1 / (1 + Math.exp(-value)));
  const y = tf.tidy(() => silu().call(x));
  assertClose(y.dataSync(), VALUES.map((value, i) => value * (s[i] ?? NaN)));
  const dx = tf.grad((x) => silu().call(x))(x);
  assertClose(dx.dataSync(), VALUES.map((value, i) => (s[i] ?? NaN) * (1 + value * (1 - (s[i] ?? NaN)))));
  tf.dispose([x, y, dx]);
});
