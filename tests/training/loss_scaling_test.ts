import { assert, assertAlmostEquals, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { Precision } from "../../backends/compiler.ts";
import { useBackend } from "../../backends/select.ts";
import { syntheticBatch } from "../../data/synthetic.ts";
import { sequential } from "../../models/block.ts";
import { buildModel } from "../../models/build.ts";
import * as nn from "../../models/nn.ts";
import { stateDict } from "../../models/state_dict.ts";
import { AdamW } from "../../training/adamw.ts";
import { decodeCheckpoint } from "../../training/checkpoint.ts";
import type { CompileChoice } from "../../training/compiled.ts";
import { fit } from "../../training/fit.ts";
import { GradScaler, type GradScalerConfig, type LossScale, lossScaling } from "../../training/grad_scaler.ts";
import { SGD } from "../../training/sgd.ts";
import { trainStep, type TrainStepOptions } from "../../training/train_step.ts";
import { testOnTensorFlow } from "../backends/tensorflow/support.ts";
import { hasTensorFlow, testOnBackends } from "../backends_under_test.ts";

/** The scales of steps that were taken or not; grad_scaler_test.ts holds them against PyTorch's. */
function scalesOf(taken: readonly boolean[], config: GradScalerConfig): number[] {
  const scaler = new GradScaler(config);
  return taken.map((each) => {
    scaler.update(each);
    return scaler.scale;
  });
}

/** A network of all that a step may change, and that scaling by a power of two leaves alone to the last bit. */
const network = () =>
  buildModel(
    sequential(nn.conv2d(4, 3), nn.batchNorm(), nn.relu(), nn.flatten(), nn.linear(5)),
    { inputShape: [8, 8, 1], seed: 3, name: "scaled" },
  );

const OPTIMIZERS: Record<string, () => tf.Optimizer> = {
  SGD: () => new SGD({ learningRate: 0.05, momentum: 0.9, weightDecay: 1e-3 }),
  AdamW: () => new AdamW({ learningRate: 1e-2 }),
  "tfjs' Adam": () => tf.train.adam(1e-2),
  "tfjs' Adamax": () => tf.train.adamax(1e-2),
};

/** Whatever a step may change: weights, moving statistics, slots and what tfjs' optimizers count in tensors. */
const everything = () =>
  Object.entries(tf.engine().state.registeredVariables).map(([name, variable]) => [name, ...variable.dataSync()]);

interface Run {
  readonly losses: number[];
  readonly scales: number[];
  /** Whether each step was taken. */
  readonly taken: boolean[];
}

/** Steps on one batch; `spoilt` says in which one of its pixels is infinite. */
async function run(
  makeOptimizer: () => tf.Optimizer,
  { steps, spoilt = [], ...options }: TrainStepOptions & { steps: number; spoilt?: number[] },
): Promise<Run> {
  const [model, optimizer] = [network(), makeOptimizer()];
  const { images, labels } = syntheticBatch({ batchSize: 6, inputShape: [8, 8, 1], classes: 5, seed: 2 });
  const infinite = tf.tidy(() => tf.where(tf.equal(images, tf.max(images)), Infinity, images));
  const step = trainStep(model, optimizer, undefined, options);
  const { lossScale } = options;
  const found: Run = { losses: [], scales: [], taken: [] };
  for (let i = 0; i < steps; i++) {
    const [before, count] = [everything(), optimizer.iterations];
    const { loss } = step(spoilt.includes(i) ? infinite : images, labels);
    const isTaken = optimizer.iterations === count + 1;
    if (!isTaken) assertEquals([everything(), optimizer.iterations], [before, count], `step ${i + 1}`);
    found.taken.push(isTaken);
    found.losses.push((await loss.data())[0] ?? NaN);
    found.scales.push(lossScale instanceof GradScaler ? lossScale.scale : NaN);
    loss.dispose();
  }
  for (const each of [step, optimizer]) each.dispose();
  tf.dispose([images, labels, infinite]);
  model.dispose();
  return found;
}

/** A compiled step where the backend can, with nothing fused. */
const how = (): TrainStepOptions => tf.getBackend() === "tensorflow" ? { compile: true, exact: true } : {};

for (const [name, make] of Object.entries(OPTIMIZERS)) {
  testOnBackends(`steps with ${name} and a scaled loss are those without, gradient clipping included`, async () => {
    const plain = await run(make, { steps: 6, clipNorm: 0.5, ...how() });
    assert((plain.losses[5] ?? NaN) < (plain.losses[0] ?? NaN));
    for (const lossScale of ["dynamic", 4096, new GradScaler({ growthInterval: 2 })] satisfies LossScale[]) {
      const { losses, taken } = await run(make, { steps: 6, clipNorm: 0.5, lossScale, ...how() });
      assert(taken.every(Boolean));
      // Powers of two change no digit; XNNPACK and oneDNN need not add up in one order.
      for (const [i, loss] of losses.entries()) assertAlmostEquals(loss, plain.losses[i] ?? NaN, 2e-6, `step ${i + 1}`);
    }
  });

  testOnBackends(
    `a step with ${name} that overflows changes nothing, and halves the scale, which grows again`,
    async () => {
      // Gradients over 1, so that there is a scale that they overflow with.
      const options = { lossWeights: [256], clipNorm: 1, ...how() };
      const plain = await run(make, { steps: 8, ...options });
      const config = { initScale: 2 ** 127, growthInterval: 3 };
      const { losses, scales, taken } = await run(make, { steps: 24, lossScale: new GradScaler(config), ...options });
      // The first, in which slots are made, is one of those that overflow; later ones are where the scale has grown.
      assertEquals(taken[0], false);
      const first = taken.indexOf(true);
      assert(first > 0 && taken.slice(first).includes(false), `${taken}`);
      assertEquals(scales, scalesOf(taken, config));
      // The steps that are taken are those of a run in which nothing overflows.
      const good = losses.filter((_, i) => taken[i]);
      for (const [i, loss] of plain.losses.entries()) {
        assertAlmostEquals(good[i] ?? NaN, loss, 1e-5 * loss, `step ${i + 1}`);
      }
    },
  );

  testOnBackends(`a step with ${name} on an infinite pixel changes nothing`, async () => {
    const plain = await run(make, { steps: 4, ...how() });
    const lossScale = new GradScaler({ growthInterval: 2 });
    const { losses, scales, taken } = await run(make, { steps: 7, spoilt: [0, 3, 4], lossScale, ...how() });
    assertEquals(taken, [false, true, true, false, false, true, true]);
    assertEquals(scales, [15, 15, 16, 15, 14, 14, 15].map((power) => 2 ** power));
    const good = losses.filter((_, i) => taken[i]);
    for (const [i, loss] of plain.losses.entries()) assertAlmostEquals(good[i] ?? NaN, loss, 1e-5, `step ${i + 1}`);
  });
}

testOnTensorFlow("a scaled loss goes with products in bfloat16", async () => {
  const make = () => new SGD({ learningRate: 0.05, momentum: 0.9 });
  const options = { steps: 6, compile: true, precision: "bfloat16" } as const;
  const [plain, scaled] = [await run(make, options), await run(make, { ...options, lossScale: "dynamic" })];
  assert(scaled.taken.every(Boolean));
  // The exponents are those of float32; which products are rounded may differ.
  for (const [i, loss] of scaled.losses.entries()) assertAlmostEquals(loss, plain.losses[i] ?? NaN, 0.02);
});

testOnBackends("a number as the scale is only that: a step that overflows is taken", async () => {
  const options = { steps: 2, lossWeights: [256], lossScale: 2 ** 127, ...how() };
  const { taken, losses } = await run(() => new SGD({ learningRate: 0.1 }), options);
  assertEquals(taken, [true, true]);
  assert(Number.isNaN(losses[1]));
});

Deno.test({
  name: "the loss is scaled by itself where steps are compiled in float16, and only there",
  ignore: !hasTensorFlow,
  async fn() {
    await useBackend("tensorflow", { device: "cpu" });
    const isScaled = (compile: CompileChoice, precision: Precision) =>
      lossScaling(undefined, { compile, precision }) instanceof GradScaler;
    assertEquals([true, "auto" as const, false].map((compile) => isScaled(compile, "float16")), [true, true, false]);
    // What auto may choose on a CPU has the exponents of float32.
    const others = ["float32", "tf32", "bfloat16", "auto"] as const;
    assertEquals(others.filter((precision) => isScaled("auto", precision)), []);
    assertEquals(lossScaling(8, { compile: "auto", precision: "float16" }), 8);
    await useBackend("cpu");
    assertEquals(isScaled("auto", "float16"), false);
  },
});

const set = {
  images: Uint8Array.from({ length: 12 * 64 }, (_, i) => (i * 37) % 251),
  labels: Uint8Array.from({ length: 12 }, (_, i) => i % 5),
  count: 12,
  height: 8,
  width: 8,
  channels: 1,
};

testOnBackends("fit() with a scaled loss goes on from a checkpoint with the scale that it had", async () => {
  const scaledRun = async (epochs: number, resume?: Uint8Array) => {
    const [model, optimizer] = [network(), new SGD({ learningRate: 0.05, momentum: 0.9 })];
    const lossScale = new GradScaler({ initScale: 64, growthInterval: 4 });
    let saved = new Uint8Array();
    const { history } = await fit(model, set, {
      optimizer,
      lossScale,
      epochs,
      batchSize: 4,
      saveCheckpoint: (bytes) => void (saved = bytes),
      ...(resume === undefined ? {} : { resume }),
    });
    const weights = await stateDict(model);
    // A run without a scale goes on from it too.
    assertEquals(decodeCheckpoint(saved, { model, optimizer }).epoch, epochs);
    for (const each of [optimizer, model]) each.dispose();
    return { saved, weights, state: lossScale.state, losses: history.map(({ trainLoss }) => trainLoss) };
  };
  const [whole, half] = [await scaledRun(4), await scaledRun(2)];
  assertEquals(half.state, { scale: 128, goodSteps: 2 });
  const rest = await scaledRun(4, half.saved);
  assertEquals([rest.state, rest.losses, rest.weights], [whole.state, whole.losses, whole.weights]);
  assertEquals(whole.state, { scale: 512, goodSteps: 0 });
});

testOnBackends("fit() with a scaled loss ends at a loss that is no number, with the weights before it", async () => {
  const [model, optimizer] = [network(), new SGD({ learningRate: 0.05 })];
  const weight = model.trainableWeights[0]?.read() as tf.Variable;
  const value = tf.tidy(() => tf.fill(weight.shape, NaN));
  weight.assign(value);
  value.dispose();
  const before = await stateDict(model);
  const error = await assertRejects(() => fit(model, set, { optimizer, lossScale: "dynamic", batchSize: 4 }), Error);
  assertEquals(
    (error as Error).message,
    "Expected a loss but found NaN at step 1 of epoch 1, with learning rate 0.05: the weights are those before it",
  );
  assertEquals(await stateDict(model), before);
  for (const each of [optimizer, model]) each.dispose();
});

testOnBackends("fit() ends where no scale is small enough", async () => {
  const [model, optimizer] = [network(), new SGD({ learningRate: 0.05 })];
  // One overflow takes this scale further down than any gradient needs.
  const lossScale = new GradScaler({ initScale: 2 ** 127, backoffFactor: 1e-43 });
  const error = await assertRejects(() => fit(model, set, { optimizer, lossScale, lossWeights: [256] }), Error);
  assertMatch(
    (error as Error).message,
    /^Expected finite gradients but found none down to a loss scale of .* at step /,
  );
  for (const each of [optimizer, model]) each.dispose();
});

Deno.test("a loss scale that is none is refused", async () => {
  await useBackend("cpu");
  const [model, optimizer] = [network(), new SGD({ learningRate: 0.05 })];
  for (const lossScale of [0, -1, Infinity, "static" as "dynamic"]) {
    assertThrows(() => trainStep(model, optimizer, undefined, { lossScale }), RangeError, "lossScale");
    await assertRejects(() => fit(model, set, { optimizer, lossScale }), RangeError, "lossScale");
  }
  for (const each of [optimizer, model]) each.dispose();
});
