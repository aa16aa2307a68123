import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { useBackend } from "../../backends/select.ts";
import { SGD } from "../../training/sgd.ts";

await useBackend("cpu");

Deno.test("SGD follows PyTorch's recurrence of momentum and weight decay", () => {
  const rate = fc.double({ min: 0, max: 0.5, noNaN: true });
  fc.assert(fc.property(rate, rate, rate, fc.double({ min: -2, max: 2, noNaN: true }), (lr, momentum, decay, start) => {
    const before = tf.memory().numTensors;
    const weight = tf.tidy(() => tf.variable(tf.scalar(start)));
    const optimizer = new SGD({ learningRate: lr, momentum, weightDecay: decay });
    let [expected, buffer] = [Math.fround(start), 0];
    for (let step = 0; step < 4; step++) {
      // The gradient of w²/2 + w is w + 1.
      optimizer.minimize(() => tf.tidy(() => tf.add(tf.div(tf.square(weight), 2), weight) as tf.Scalar));
      buffer = momentum * buffer + (expected + 1) + decay * expected;
      expected -= lr * buffer;
    }
    assertAlmostEquals(weight.dataSync()[0] ?? NaN, expected, 1e-5);
    optimizer.dispose();
    weight.dispose();
    assertEquals(tf.memory().numTensors - before, 0);
  }));
});

Deno.test("the learning rate may be changed between steps", () => {
  const weight = tf.tidy(() => tf.variable(tf.scalar(0)));
  const optimizer = new SGD({ learningRate: 1 });
  const step = () => optimizer.minimize(() => tf.mul(weight, 1) as tf.Scalar);
  step();
  optimizer.learningRate = 0.25;
  step();
  assertEquals(weight.dataSync()[0], -1.25);
  optimizer.dispose();
  weight.dispose();
});

Deno.test("an optimizer that took no step can be disposed of", () => new SGD({ learningRate: 1 }).dispose());

for (
  const [config, message] of [
    [{ learningRate: -1 }, "Expected learningRate of SGD to be at least 0 but found -1"],
    [{ learningRate: NaN }, "Expected learningRate of SGD"],
    [{ learningRate: 1, momentum: 1 }, "Expected momentum of SGD to be less than 1 but found 1"],
    [{ learningRate: 1, weightDecay: -0.1 }, "Expected weightDecay of SGD to be at least 0 but found -0.1"],
  ] as const
) {
  Deno.test(`SGD refuses ${JSON.stringify(config)}`, () => {
    assertThrows(() => new SGD(config), Error, message);
  });
}
