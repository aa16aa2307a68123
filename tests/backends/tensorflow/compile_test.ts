import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../../../backends/select.ts";
import { liveNumber } from "../../../backends/compiler.ts";
import { compile, type Nested } from "../../../backends/tensorflow/mod.ts";
import { named, sequential } from "../../../models/block.ts";
import { buildModel } from "../../../models/build.ts";
import { Dropout } from "../../../models/layers/dropout.ts";
import * as nn from "../../../models/nn.ts";
import { createModel } from "../../../models/registry.ts";
import { softmaxCrossEntropy } from "../../../training/loss.ts";
import { SGD } from "../../../training/sgd.ts";
import { hashed } from "../../models/layers/support.ts";
import { testOnTensorFlow } from "./support.ts";

const numbers = (x: tf.Tensor): number[] => [...x.dataSync()];

testOnTensorFlow("a compiled function gives what the function gives, for each signature it meets", async () => {
  const run = ({ x, more: [y] }: { x: tf.Tensor; more: [tf.Tensor] }, scale: number) => ({
    sum: tf.mul(tf.add(x, y), scale),
    parts: [tf.concat([x, y]), tf.relu(x)],
    constant: "text",
  });
  const compiled = compile(run);
  for (const [size, scale] of [[3, 2], [3, 2], [5, 2], [3, 4]] as const) {
    const [x, y] = [tf.tensor1d(hashed(size, size)), tf.tensor1d(hashed(9, size))];
    const expected = tf.tidy(() => run({ x, more: [y] }, scale));
    for (
      const found of [compiled({ x, more: [y] }, scale), await compiled.async({ x, more: [y] }, scale)]
    ) {
      assertEquals(numbers(found.sum), numbers(expected.sum));
      assertEquals(found.parts.map(numbers), expected.parts.map(numbers));
      assertEquals(found.constant, "text");
      tf.dispose([found.sum, found.parts]);
    }
    tf.dispose([x, y, expected.sum, expected.parts]);
  }
  assertEquals(compiled.signatures.length, 3);
  assert(compiled.signatures.every(({ operations }) => operations >= 5));
  compiled.dispose();
  assertEquals(compiled.signatures, []);
});

testOnTensorFlow("variables that are assigned are updated by each run, and read anew", () => {
  const [one, hundred] = [tf.scalar(1), tf.scalar(100)];
  const counter = tf.variable(one, false);
  const step = compile((x: tf.Tensor) => {
    counter.assign(tf.add(counter, x));
    return tf.mul(counter, 10);
  });
  const x = tf.scalar(2);
  const results = [step(x), step(x)];
  counter.assign(hundred);
  results.push(step(x));
  assertEquals(results.map(numbers), [[30], [50], [1020]]);
  assertEquals(numbers(counter), [102]);
  step.dispose();
  tf.dispose([one, hundred, x, results]);
  counter.dispose();
});

testOnTensorFlow("variables that share their data, as one assigned to another does, are told apart", () => {
  const one = tf.scalar(1);
  const [first, second] = [tf.variable(one, false), tf.variable(one, false)];
  second.assign(first);
  const kept = tf.clone(first as tf.Tensor);
  const double = compile((x: tf.Tensor) => {
    first.assign(tf.mul(first, x));
    return tf.add(first, kept);
  });
  const two = tf.scalar(2);
  const results = [double(two), double(two), double(two)];
  assertEquals(results.map(numbers), [[3], [5], [9]]);
  assertEquals([first, second, kept].map(numbers), [[8], [1], [1]]);
  double.dispose();
  tf.dispose([one, two, first, second, kept, results]);
});

testOnTensorFlow("tensors that a compiled function refers to live as long as it does", () => {
  const table = tf.tidy(() => tf.add(tf.tensor1d([1, 2, 3]), 0));
  const add = compile((x: tf.Tensor) => tf.add(x, table));
  const x = tf.scalar(1);
  const results = [add(x)];
  table.dispose();
  results.push(add(x));
  assertEquals(results.map(numbers), [[2, 3, 4], [2, 3, 4]]);
  tf.dispose([x, results]);
  add.dispose();
});

testOnTensorFlow("a live number, and its negative, are read anew in each run, and one that is lost is refused", () => {
  let [rate, reads] = [0.1, 0];
  const read = (): number => (reads++, rate);
  const fn = (x: tf.Tensor) => {
    const number = liveNumber(read);
    return tf.concat([tf.mul(x, number), tf.div(-number, x), tf.sub(x, number)]);
  };
  const compiled = compile(fn);
  const x = tf.tensor1d([1, 2, 3]);
  for (const value of [0.1, 0.3, 0, -2, 1e-30]) {
    rate = value;
    const [found, expected] = [compiled(x), tf.tidy(() => fn(x))];
    assertEquals(numbers(found), numbers(expected), `${value}`);
    tf.dispose([found, expected]);
  }
  assertEquals(compiled.signatures.length, 1);
  // One input for the number wherever it stands, and one for its negative.
  reads = 0;
  compiled(x).dispose();
  assertEquals(reads, 2);
  const derived = compile((x: tf.Tensor) => tf.mul(x, 3 * liveNumber(read)));
  assertThrows(() => derived(x), Error, "Expected a number that changes to be a constant");
  assertEquals(liveNumber(read), rate);
  for (const each of [compiled, derived, x]) each.dispose();
});

testOnTensorFlow("the cache keeps the signatures that were used last", () => {
  const double = compile((x: tf.Tensor) => tf.mul(x, 2), { maxSignatures: 2 });
  for (const size of [1, 2, 1, 3]) tf.dispose(tf.tidy(() => double(tf.ones([size]))));
  assertEquals(double.signatures.map(({ signature }) => signature), ["(float32[1])", "(float32[3])"]);
  double.dispose();
});

testOnTensorFlow("what cannot be recorded is refused in words, and everything is as it was", async () => {
  const start = tf.tensor1d([1, 2]);
  const weight = tf.variable(start, false);
  const x = tf.tensor1d([3, 4]);
  const cases: [string, (x: tf.Tensor) => Nested, string][] = [
    [
      "a value read",
      (x) => (weight.assign(tf.add(weight, x)), tf.mul(x, tf.sum(x).dataSync()[0] ?? 0)),
      "no value to be read",
    ],
    ["no tensor", () => [], "to give tensors but found none"],
    [
      "a shape of values",
      (x) => tf.add((tf.backend() as unknown as { where(x: tf.Tensor): tf.Tensor }).where(tf.greater(x, 0)), 1),
      "shapes that do not depend on values but found Where(BOOL [2])",
    ],
    ["a variable made", (x) => tf.add(tf.variable(tf.mul(x, 1)), 1), "but found that it makes"],
    ["ops that fail", (x) => tf.matMul(x as tf.Tensor2D, x as tf.Tensor2D), "BatchMatMulV2(FLOAT [2], FLOAT [2]): "],
  ];
  for (const [what, fn, message] of cases) {
    const compiled = compile(fn);
    const error = assertThrows(() => compiled(x), Error, "", what);
    assert(error.message.includes(message), `${what}: ${error.message}`);
    assertEquals(numbers(weight), [1, 2], what);
    compiled.dispose();
  }
  const identity = compile((x: tf.Tensor) => x);
  const same = identity(x);
  assertEquals(numbers(same), [3, 4]);
  tf.dispose([same, x]);
  assertThrows(() => identity(x), Error, "found a disposed one");
  await assertRejects(() => identity.async(x), Error, "found a disposed one");
  identity.dispose();
  start.dispose();
  weight.dispose();
});

testOnTensorFlow("a compiled function does not run on another backend", async () => {
  const double = compile((x: tf.Tensor) => tf.mul(x, 2));
  await useBackend("cpu");
  const x = tf.ones([1]);
  assertThrows(() => double(x), Error, "Expected the backend of a compiled function to be tensorflow but found cpu");
  x.dispose();
  await useBackend("tensorflow", { device: "cpu" });
  double.dispose();
});

testOnTensorFlow("dropout draws another mask in each run, those that would have been drawn without compiling", () => {
  const net = sequential(nn.dropout(0.5), named({ again: nn.dropout(0.25) }));
  const masks = (compiled: boolean): number[][] => {
    const model = buildModel(net, { inputShape: [64], seed: 3 });
    const fn = (x: tf.Tensor) => model.apply(x, { training: true }) as tf.Tensor;
    const whole = compiled ? compile(fn) : undefined;
    const run = whole ?? ((x: tf.Tensor) => tf.tidy(() => fn(x)));
    const x = tf.ones([1, 64]);
    const drawn = Array.from({ length: 3 }, () => {
      const y = run(x);
      const values = numbers(y);
      y.dispose();
      return values;
    });
    const counts = model.layers.flatMap((layer) => layer instanceof Dropout ? [layer.calls] : []);
    assertEquals(counts, [3, 3]);
    whole?.dispose();
    x.dispose();
    model.dispose();
    return drawn;
  };
  const eager = masks(false);
  assertEquals(masks(true), eager);
  assertNotEquals(eager[0], eager[1]);
});

testOnTensorFlow(
  "a compiled training step is the eager one: losses within 1e-6, weights and moving statistics too",
  () => {
    const train = (compiled: boolean): { losses: number[]; weights: number[][] } => {
      const model = createModel("d2l/bnlenet", { seed: 2 });
      const optimizer = new SGD({ learningRate: 0.1, momentum: 0.9 });
      const [images, labels] = [tf.tensor4d(hashed(1, 16 * 784), [16, 28, 28, 1]), tf.range(0, 16, 1, "int32")];
      const classes = tf.tidy(() => tf.mod(labels, tf.scalar(10, "int32")));
      const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
      const step = (x: tf.Tensor, y: tf.Tensor): tf.Scalar => {
        const loss = optimizer.minimize(
          () => softmaxCrossEntropy(model.apply(x, { training: true }) as tf.Tensor, y),
          true,
          variables,
        );
        if (loss === null) throw new Error("no loss");
        return loss;
      };
      // The first step makes the optimizer's slots, which a compiled function may not.
      const losses = tf.tidy(() => numbers(step(images, classes)));
      const whole = compiled ? compile(step) : undefined;
      const run = whole ?? ((x: tf.Tensor, y: tf.Tensor) => tf.tidy(() => step(x, y)));
      for (let i = 0; i < 4; i++) {
        const loss = run(images, classes);
        losses.push(...numbers(loss));
        loss.dispose();
      }
      const weights = model.weights.map((weight) => numbers(weight.read()));
      whole?.dispose();
      tf.dispose([images, labels, classes]);
      optimizer.dispose();
      model.dispose();
      return { losses, weights };
    };
    const [eager, compiled] = [train(false), train(true)];
    const deviation = (a: number[], b: number[]) =>
      Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? NaN)))) / Math.max(...b.map(Math.abs), 1e-3);
    assert(deviation(compiled.losses, eager.losses) < 1e-6, `${compiled.losses} and ${eager.losses}`);
    for (const [i, values] of compiled.weights.entries()) assert(deviation(values, eager.weights[i] ?? []) < 1e-4);
  },
);
