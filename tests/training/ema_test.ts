import { assert, assertAlmostEquals, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { useBackend } from "../../backends/select.ts";
import type { ImageSet } from "../../data/image_set.ts";
import { named, sequential } from "../../models/block.ts";
import { buildModel } from "../../models/build.ts";
import { batchNorm, flatten, linear } from "../../models/nn.ts";
import { declaredWeights, loadStateDict, stateDict } from "../../models/state_dict.ts";
import { ModelEma } from "../../training/ema.ts";
import { evaluate } from "../../training/evaluate.ts";
import fixture from "../fixtures/training_parts.json" with { type: "json" };
import { assertClose, hashed, leaksNothing, testOnBackends } from "../models/layers/support.ts";

/** The net whose averages training_parts.json has: a linear layer and a BatchNorm. */
const averagedNet = (name = "averaged"): LayersModel =>
  buildModel(named({ fc: linear(2), bn: batchNorm() }), { inputShape: [3], name });

/** Puts the weights of that step into the net, as the script that made the fixture does. */
function fill(model: LayersModel, step: number): void {
  const dict = Object.fromEntries(
    declaredWeights(model).map(([key, { spec: { layout: { torchShape } } }], j) => {
      const data = hashed(fixture.kEma + 100 * step + j, torchShape.reduce((a, b) => a * b, 1));
      return [key, { dtype: "F32" as const, shape: [...torchShape], data }];
    }),
  );
  loadStateDict(model, dict);
}

for (const { source, config, updates, average } of fixture.averages) {
  testOnBackends(`ModelEma is ${source}'s average with ${JSON.stringify(config)}`, async () => {
    const model = averagedNet();
    fill(model, 0);
    const ema = new ModelEma(model, config);
    for (let step = 1; step <= updates; step++) {
      fill(model, step);
      ema.update();
    }
    const own = await stateDict(model);
    const found = await ema.during(() => stateDict(model));
    assertEquals(Object.keys(found), Object.keys(average));
    for (const [key, values] of Object.entries(average)) assertClose(found[key]?.data ?? [], values, 1e-6, key);
    assertEquals(await stateDict(model), own);
    ema.dispose();
    model.dispose();
  });
}

Deno.test("the decay of ModelEma warms up as its formula has it", async () => {
  await useBackend("cpu");
  const model = averagedNet();
  const ema = new ModelEma(model, { warmUp: true, warmUpPower: 3 / 4 });
  // timm's own words: it reaches 0.999 at 10 thousand steps and 0.9999 at 215.4 thousand.
  assertAlmostEquals(ema.decayAt(10_001), 0.999, 1e-5);
  assertAlmostEquals(ema.decayAt(215_445), 0.9999, 1e-6);
  assertEquals(ema.decayAt(300_000), 0.9999);
  ema.dispose();
  const mean = new ModelEma(model, { warmUp: true, warmUpPower: 1, decay: 1 });
  // Power 1 makes it the plain mean: at the n-th update the new weights count 1 / n.
  for (const n of [1, 2, 3, 10]) assertAlmostEquals(1 - mean.decayAt(n), 1 / n);
  mean.dispose();
  model.dispose();
});

testOnBackends("the weights are back after an error, and the average is free again", async () => {
  const model = averagedNet();
  const ema = new ModelEma(model, { decay: 0.5 });
  fill(model, 1);
  const own = await stateDict(model);
  const error = await assertRejects(() =>
    ema.during(() => {
      throw new Error("in the middle");
    })
  );
  assertEquals((error as Error).message, "in the middle");
  assertEquals(await stateDict(model), own);
  await ema.during(async () => {
    assertNotEquals(await stateDict(model), own);
    assertThrows(() => ema.update(), Error, "Expected the average of the weights to be free but found it in use");
    await assertRejects(() => ema.during(() => {}), Error, "to be free");
  });
  assertEquals(await stateDict(model), own);
  ema.update();
  ema.dispose();
  model.dispose();
});

testOnBackends("the average goes on from what was read of it", async () => {
  const model = averagedNet();
  const [whole, first, second] = [1, 2, 3].map(() => new ModelEma(model, { decay: 0.9, warmUp: true }));
  assert(whole !== undefined && first !== undefined && second !== undefined);
  for (const step of [1, 2, 3, 4]) {
    fill(model, step);
    whole.update();
    if (step <= 2) first.update();
    if (step === 2) second.restore(first.averages(), first.updates);
    if (step > 2) second.update();
  }
  assertEquals(await second.during(() => stateDict(model)), await whole.during(() => stateDict(model)));
  assertThrows(() => second.restore(new Map(), 1), RangeError, "Expected averages to hold fc.weight but found none");
  for (const ema of [whole, first, second]) ema.dispose();
  model.dispose();
});

const images: ImageSet = {
  images: Uint8Array.from({ length: 10 * 9 }, (_, i) => (i * 37) % 256),
  labels: Uint8Array.from({ length: 10 }, (_, i) => i % 4),
  count: 10,
  height: 3,
  width: 3,
  channels: 1,
};
const classifier = (seed: number, name = "classifier"): LayersModel =>
  buildModel(sequential(flatten(), linear(4), batchNorm()), { inputShape: [3, 3, 1], seed, name });

testOnBackends("evaluate() measures the average, and leaves the weights as they were", async () => {
  const [model, other] = [classifier(1), classifier(2)];
  const ema = new ModelEma(model);
  const before = await evaluate(model, images);
  loadStateDict(model, await stateDict(other));
  const own = await stateDict(model);
  assertEquals(await evaluate(model, images, { ema }), before);
  assertEquals(await evaluate(model, images), await evaluate(other, images));
  assertEquals(await stateDict(model), own);
  ema.dispose();
  model.dispose();
  other.dispose();
});

testOnBackends("evaluate() that fails with the average leaves the weights as they were, and no tensor", async () => {
  const model = buildModel(sequential(flatten(), linear(4)), { inputShape: [3, 3, 1] });
  const ema = new ModelEma(model);
  loadStateDict(
    model,
    Object.fromEntries(
      Object.entries(await stateDict(model)).map((
        [key, tensor],
      ) => [key, { ...tensor, data: tensor.data.map(() => 1) }]),
    ),
  );
  const own = await stateDict(model);
  const coloured = {
    ...images,
    count: 3,
    channels: 3,
    images: images.images.slice(0, 81),
    labels: images.labels.slice(0, 3),
  };
  await assertRejects(() => evaluate(model, coloured, { ema }));
  assertEquals(await stateDict(model), own);
  ema.dispose();
  model.dispose();
});

Deno.test("evaluate() refuses the average of another model", async () => {
  await useBackend("cpu");
  await leaksNothing(async () => {
    const [model, other] = [classifier(1), classifier(1, "other")];
    const ema = new ModelEma(other);
    await assertRejects(
      () => evaluate(model, images, { ema }),
      RangeError,
      "Expected ema to average the weights of classifier but found those of other",
    );
    ema.dispose();
    model.dispose();
    other.dispose();
  });
});

for (
  const [config, message] of [
    [{ decay: 1.1 }, "Expected decay of ModelEma to be at most 1 but found 1.1"],
    [{ warmUpGamma: 0 }, "Expected warmUpGamma of ModelEma to be greater than 0 but found 0"],
    [{ updateAfterStep: -1 }, "Expected updateAfterStep of ModelEma to be at least 0 but found -1"],
  ] as const
) {
  Deno.test(`ModelEma refuses ${JSON.stringify(config)} and allocates nothing`, async () => {
    await useBackend("cpu");
    const model = averagedNet();
    const before = tf.memory().numTensors;
    assertEquals((assertThrows(() => new ModelEma(model, config), RangeError) as Error).message, message);
    assertEquals(tf.memory().numTensors, before);
    model.dispose();
  });
}
