import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { Relu } from "../../../models/layers/relu.ts";
import { Sigmoid } from "../../../models/layers/sigmoid.ts";
import { assertClose, testOnBackends, testRefusals } from "./support.ts";

const relu = () => new Relu({ name: "r" });
const sigmoid = () => new Sigmoid({ name: "s" });

Deno.test("Relu and Sigmoid keep any shape, hold no weights and count no multiply-accumulates", () => {
  for (const layer of [relu(), sigmoid()]) {
    for (const shape of [[null, 5], [null, 5, 4, 3], [2, 7, 8]]) {
      assertEquals(layer.computeOutputShape(shape), shape);
      assertEquals(layer.weightSpecs(shape), []);
      assertEquals(layer.macs(shape), 0);
    }
  }
  assertEquals([relu().typeName(), sigmoid().typeName()], ["ReLU", "Sigmoid"]);
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
