import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { useBackend } from "../../backends/select.ts";
import { named, sequential } from "../../models/block.ts";
import { buildModel } from "../../models/build.ts";
import { describe } from "../../models/describe.ts";
import { conv2d } from "../../models/nn.ts";
import { residual, residualBlock } from "../../models/residual.ts";

Deno.test("a residual block whose last gamma is zero is the identity, in evaluation and in training", async () => {
  await useBackend("cpu");
  const before = tf.memory().numTensors;
  const block = residualBlock({ channels: 3, initialGamma: 0 });
  fc.assert(
    fc.property(
      fc.array(fc.float({ min: 0, max: 8, noNaN: true }), { minLength: 96, maxLength: 96 }),
      fc.nat(),
      fc.boolean(),
      (values, seed, training) => {
        const model = buildModel(block, { inputShape: [4, 4, 3], seed });
        const y = tf.tidy(() => (model.apply(tf.tensor4d(values, [2, 4, 4, 3]), { training }) as tf.Tensor).dataSync());
        model.dispose();
        assertEquals([...y], values.map(Math.fround).map((value) => value + 0));
      },
    ),
    { numRuns: 30 },
  );
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("the gradient of a residual block at the identity reaches its input whole", async () => {
  await useBackend("cpu");
  const before = tf.memory().numTensors;
  const model = buildModel(residualBlock({ channels: 3, initialGamma: 0 }), { inputShape: [4, 4, 3] });
  tf.tidy(() => {
    const x = tf.randomUniform([2, 4, 4, 3], 0.1, 1, "float32", 7);
    const dy = tf.randomNormal([2, 4, 4, 3], 0, 1, "float32", 8);
    const gradient = tf.grad((x) => model.apply(x, { training: true }) as tf.Tensor)(x, dy);
    assertEquals([...gradient.dataSync()], [...dy.dataSync()]);
  });
  model.dispose();
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("residualBlock() projects where the shape changes, or where it is told to", () => {
  const names = (config: Parameters<typeof residualBlock>[0], channels: number) =>
    describe(residualBlock(config), { inputShape: [8, 8, channels] }).layers.map(({ name }) => name);
  const plain = ["conv1", "bn1", "relu1", "conv2", "bn2", "add", "relu"];
  const projected = ["conv1", "bn1", "relu1", "conv2", "bn2", "conv3", "add", "relu"];
  assertEquals(names({ channels: 4 }, 4), plain);
  assertEquals(names({ channels: 4, stride: 2 }, 4), projected);
  assertEquals(names({ channels: 4 }, 3), projected);
  assertEquals(names({ channels: 4, projection: true }, 4), projected);
});

Deno.test("residualBlock() without the projection that it needs says which shapes do not add", () => {
  const block = sequential(residualBlock({ channels: 4, stride: 2, projection: false }));
  assertThrows(
    () => describe(block, { inputShape: [8, 8, 3] }),
    RangeError,
    "Expected the inputs of 0.add to have one shape but found [null, 4, 4, 4] and [null, 8, 8, 3]",
  );
});

Deno.test("residualBlock() throws where options are wrong", () => {
  assertThrows(
    () => residualBlock({ channels: 0 }),
    RangeError,
    "Expected channels of residualBlock() to be greater than 0 but found 0",
  );
  assertThrows(
    () => residualBlock({ channels: 4, strides: 2 } as { channels: number }),
    TypeError,
    'Expected options of residualBlock() to be known but found "strides"',
  );
});

Deno.test("residual() adds what its branch computes to x and names the ReLU behind as told", () => {
  const block = residual(named({ conv: conv2d(3, 1) }), { activation: "act" });
  const { layers } = describe(named({ block }), { inputShape: [2, 2, 3] });
  assertEquals(layers.map(({ name, inputs }) => [name, ...inputs]), [
    ["block.conv", ""],
    ["block.add", "block.conv", ""],
    ["block.act", "block.add"],
  ]);
});
