import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../../backends/select.ts";
import { AdamW, type AdamWConfig } from "../../training/adamw.ts";
import type { StatefulOptimizer } from "../../training/optimizer.ts";
import { RMSProp, type RMSPropConfig } from "../../training/rmsprop.ts";
import { SGD, type SGDConfig } from "../../training/sgd.ts";
import fixture from "../fixtures/training_parts.json" with { type: "json" };
import { assertClose, hashed, leaksNothing, testOnBackends } from "../models/layers/support.ts";

const SHAPES = { weight: [3, 4], bias: [3] };

/** The optimizer of a case of training_parts.json. */
function make(name: string, config: unknown): StatefulOptimizer {
  switch (name) {
    case "SGD":
      return new SGD(config as SGDConfig);
    case "RMSProp":
      return new RMSProp(config as RMSPropConfig);
    case "AdamW":
      return new AdamW(config as AdamWConfig);
    default:
      throw new RangeError(`Expected a known optimizer but found ${name}`);
  }
}

/** A matrix and a bias as training_parts.json starts them. */
function startingWeights(): Record<"weight" | "bias", tf.Variable> {
  return tf.tidy(() => ({
    weight: tf.variable(tf.tensor2d(hashed(0, 12), [3, 4])),
    bias: tf.variable(tf.tensor1d(hashed(1, 3))),
  }));
}

/** Steps by the gradients that training_parts.json has for `step`. */
function applyGradients(
  optimizer: StatefulOptimizer,
  { weight, bias }: ReturnType<typeof startingWeights>,
  step: number,
) {
  const k = fixture.kGrad + 2 * step;
  const gradients = {
    [weight.name]: tf.tensor(hashed(k, 12, 0.5), SHAPES.weight),
    [bias.name]: tf.tensor(hashed(k + 1, 3, 0.5), SHAPES.bias),
  };
  optimizer.applyGradients(gradients);
  tf.dispose(gradients);
}

for (const { optimizer: name, config, steps } of fixture.optimizers) {
  testOnBackends(`${name} takes PyTorch's steps with ${JSON.stringify(config)}`, () => {
    const weights = startingWeights();
    const optimizer = make(name, config);
    for (const [step, expected] of steps.entries()) {
      if (step === steps.length - 1) optimizer.learningRate = config.learningRate / 4;
      applyGradients(optimizer, weights, step);
      assertClose(weights.weight.dataSync(), expected.weight, 2e-6, `weight after step ${step + 1}`);
      assertClose(weights.bias.dataSync(), expected.bias, 2e-6, `bias after step ${step + 1}`);
    }
    optimizer.dispose();
    tf.dispose(weights);
  });
}

for (
  const [name, config] of [
    ["SGD", { learningRate: 0.1, momentum: 0.9 }],
    ["RMSProp", { learningRate: 0.1, momentum: 0.9 }],
    ["AdamW", { learningRate: 0.1 }],
  ] as const
) {
  testOnBackends(`${name} goes on bit by bit from the slots and the count of another`, () => {
    const [whole, parts] = [startingWeights(), startingWeights()];
    const [optimizer, first, second] = [make(name, config), make(name, config), make(name, config)];
    for (const step of [0, 1, 2, 3]) applyGradients(optimizer, whole, step);
    for (const step of [0, 1]) applyGradients(first, parts, step);
    for (const slot of first.slotNames) {
      for (const { name } of Object.values(parts)) {
        const held = first.slot(slot, name);
        assert(held !== undefined);
        second.setSlot(slot, name, held);
      }
    }
    second.setIterations(first.iterations);
    for (const step of [2, 3]) applyGradients(second, parts, step);
    assertEquals(parts.weight.dataSync(), whole.weight.dataSync());
    assertEquals(parts.bias.dataSync(), whole.bias.dataSync());
    for (const each of [optimizer, first, second]) each.dispose();
    tf.dispose([whole, parts]);
  });

  testOnBackends(`${name} forgets its past when it is disposed of`, () => {
    const [once, again] = [startingWeights(), startingWeights()];
    const [fresh, used] = [make(name, config), make(name, config)];
    applyGradients(used, once, 0);
    used.dispose();
    tf.dispose(once);
    const weights = startingWeights();
    applyGradients(fresh, weights, 1);
    applyGradients(used, again, 1);
    assertEquals(again.weight.dataSync(), weights.weight.dataSync());
    assertEquals(used.iterations, 1);
    fresh.dispose();
    used.dispose();
    tf.dispose([weights, again]);
  });

  testOnBackends(`${name} descends x² + y² by minimize()`, () => {
    const [x, y] = tf.tidy(() => [tf.variable(tf.scalar(2)), tf.variable(tf.scalar(-1))]);
    const optimizer = make(name, { ...config, learningRate: 0.02 });
    const f = () => tf.tidy(() => tf.add(tf.square(x), tf.square(y)) as tf.Scalar);
    for (let step = 0; step < 200; step++) optimizer.minimize(f);
    const value = f();
    assert((value.dataSync()[0] ?? NaN) < 0.1, `${value.dataSync()[0]}`);
    optimizer.dispose();
    tf.dispose([x, y, value]);
  });
}

Deno.test("a variable that the loss does not depend on stays where it is", async () => {
  await useBackend("cpu");
  await leaksNothing(() => {
    const [x, y] = tf.tidy(() => [tf.variable(tf.scalar(2)), tf.variable(tf.scalar(-1))]);
    const optimizer = new SGD({ learningRate: 0.25, momentum: 0.5, weightDecay: 0.5 });
    optimizer.minimize(() => tf.square(x) as tf.Scalar, false, [x, y]);
    assertAlmostEquals(x.dataSync()[0] ?? NaN, 0.75);
    assertEquals(y.dataSync()[0], -1);
    assertEquals(optimizer.slot("momentum", y.name), undefined);
    optimizer.dispose();
    tf.dispose([x, y]);
  });
});

Deno.test("gradients of an unknown variable move nothing, not even the known ones", async () => {
  await useBackend("cpu");
  await leaksNothing(() => {
    const x = tf.tidy(() => tf.variable(tf.scalar(2)));
    const optimizer = new SGD({ learningRate: 0.25 });
    const one = tf.scalar(1);
    assertThrows(
      () => optimizer.applyGradients({ [x.name]: one, nobody: one }),
      RangeError,
      "Expected gradients of known variables but found nobody",
    );
    assertEquals([x.dataSync()[0], optimizer.iterations], [2, 0]);
    assertThrows(
      () => optimizer.setSlot("speed", x.name, one),
      RangeError,
      'Expected slot to be one of ["momentum"] but found "speed"',
    );
    optimizer.dispose();
    tf.dispose([x, one]);
  });
});

for (
  const [name, config, message] of [
    [
      "SGD",
      { learningRate: 1, nesterov: true },
      "Expected momentum of SGD to be greater than 0 with nesterov but found 0",
    ],
    ["RMSProp", { learningRate: -1 }, "Expected learningRate of RMSProp to be at least 0 but found -1"],
    ["RMSProp", { learningRate: 1, decay: 1.5 }, "Expected decay of RMSProp to be at most 1 but found 1.5"],
    ["RMSProp", { learningRate: 1, eps: -1 }, "Expected eps of RMSProp to be at least 0 but found -1"],
    ["RMSProp", { learningRate: 1, momentum: 1 }, "Expected momentum of RMSProp to be less than 1 but found 1"],
    [
      "RMSProp",
      { learningRate: 1, definition: "keras" },
      'Expected definition of RMSProp to be one of "tensorflow", "torch" but found "keras"',
    ],
    ["AdamW", { learningRate: 1, betas: [0.9, 1] }, "Expected betas[1] of AdamW to be less than 1 but found 1"],
    ["AdamW", { learningRate: 1, weightDecay: -1 }, "Expected weightDecay of AdamW to be at least 0 but found -1"],
  ] as const
) {
  Deno.test(`${name} refuses ${JSON.stringify(config)}`, () => {
    const error = assertThrows(() => make(name, config), RangeError);
    assertEquals((error as Error).message, message);
  });
}
