import { assert, assertAlmostEquals, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { syntheticBatch } from "../../data/synthetic.ts";
import { sequential } from "../../models/block.ts";
import { buildModel } from "../../models/build.ts";
import * as nn from "../../models/nn.ts";
import { createModel } from "../../models/registry.ts";
import { loadStateDict, stateDict } from "../../models/state_dict.ts";
import { createPredictor } from "../../training/predictor.ts";
import { SGD } from "../../training/sgd.ts";
import { trainStep } from "../../training/train_step.ts";
import { hasTensorFlow, testOnBackends } from "../backends_under_test.ts";
import { testOnTensorFlow } from "../backends/tensorflow/support.ts";
import { TINY_MODELS } from "../models/tiny_models.ts";
import { runDeno } from "../run_deno.ts";

for (const [name, { block, inputShape }] of Object.entries(TINY_MODELS)) {
  testOnTensorFlow(`a compiled predictor of ${name}, with BatchNorm folded, gives the model's output`, async () => {
    const model = buildModel(block(), { inputShape, seed: 5 });
    const { images, labels } = syntheticBatch({ batchSize: 3, inputShape, classes: 5, seed: 4 });
    // Moving statistics that are not 0 and 1, as after a step with momentum 1.
    for (const weight of model.weights) {
      if (!/moving|running/.test(weight.originalName)) continue;
      const value = tf.tidy(() =>
        tf.add(tf.abs(weight.read()), tf.randomUniform(weight.shape as number[], 0.2, 0.9, "float32", 3))
      );
      weight.write(value);
      value.dispose();
    }
    const [plain, predict] = [createPredictor(model, { compile: false }), createPredictor(model, { compile: true })];
    const [expected, found] = [plain(images), predict(images)];
    assertEquals([plain.compiled, predict.compiled, predict.signatures.length], [false, true, 1]);
    const [a, b] = [await expected.data(), await found.data()];
    const largest = Math.max(...a.map(Math.abs));
    for (const [i, value] of a.entries()) assertAlmostEquals(b[i] ?? NaN, value, 2e-5 * largest);
    for (const each of [plain, predict]) each.dispose();
    tf.dispose([images, labels, expected, found]);
    model.dispose();
  });
}

testOnTensorFlow("a predictor with a matrix that is too large for a constant notices that it has changed", async () => {
  const model = buildModel(sequential(nn.flatten(), nn.linear(512), nn.relu(), nn.linear(10)), {
    inputShape: [28, 28, 1],
    seed: 1,
  });
  const [plain, predict] = [createPredictor(model, { compile: false }), createPredictor(model, { compile: true })];
  const step = trainStep(model, new SGD({ learningRate: 0.1 }));
  const { images, labels } = syntheticBatch({ batchSize: 4, inputShape: [28, 28, 1], classes: 10, seed: 4 });
  for (let round = 0; round < 3; round++) {
    const [expected, found] = [plain(images), predict(images)];
    for (const [i, value] of (await expected.data()).entries()) {
      assertAlmostEquals((await found.data())[i] ?? NaN, value, 1e-5);
    }
    tf.dispose([expected, found, step(images, labels)]);
  }
  for (const each of [plain, predict, step]) each.dispose();
  tf.dispose([images, labels]);
  model.dispose();
});

testOnTensorFlow("a predictor notices that weights have changed, by a step or by a file", async () => {
  const model = createModel("d2l/bnlenet", { seed: 1 });
  const predict = createPredictor(model, { compile: true });
  const plain = createPredictor(model, { compile: false });
  const optimizer = new SGD({ learningRate: 0.5 });
  const step = trainStep(model, optimizer);
  const { images, labels } = syntheticBatch({ batchSize: 4, inputShape: [28, 28, 1], classes: 10, seed: 4 });
  const start = await stateDict(model);
  const run = async (predictor: typeof predict): Promise<number[]> => {
    const logits = predictor(images);
    const values = [...await logits.data()];
    logits.dispose();
    return values;
  };
  const first = await run(predict);
  assertEquals(await run(predict), first);
  tf.dispose(step(images, labels));
  const second = await run(predict);
  assertNotEquals(second, first);
  for (const [i, value] of (await run(plain)).entries()) assertAlmostEquals(second[i] ?? NaN, value, 1e-5);
  loadStateDict(model, start);
  assertEquals(await run(predict), first);
  for (const each of [predict, plain, step, optimizer]) each.dispose();
  tf.dispose([images, labels]);
  model.dispose();
});

Deno.test({
  name: "XLA compiles a predictor that gives the model's output, and is refused after WebGPU",
  ignore: !hasTensorFlow,
  async fn() {
    // A process without WebGPU, which other tests of this one may have asked for.
    const { code, stdout, stderr } = await runDeno(["tests/training/xla_child.ts"]);
    assertEquals([code, stdout], [0, "the same\nrefused\n"], stderr);
  },
});

testOnBackends("a predictor gives the main output, compiled or not, and leaves nothing behind", async () => {
  const { block, inputShape } = TINY_MODELS["paper/googlenet_aux"] ?? TINY_MODELS["d2l/googlenet"] ?? fail();
  const model = buildModel(block(), { inputShape, seed: 5 });
  const predict = createPredictor(model);
  const { images, labels } = syntheticBatch({ batchSize: 2, inputShape, classes: 5, seed: 4 });
  const logits = predict(images);
  assertEquals(logits.shape, [2, 5]);
  assert((await logits.data()).every(Number.isFinite));
  tf.dispose([images, labels, logits]);
  predict.dispose();
  model.dispose();
});

testOnBackends("a predictor is not compiled where the backend cannot, and says so where it was asked for", () => {
  const model = createModel("d2l/lenet", { seed: 1 });
  assertThrows(() => createPredictor(model, { compile: true }), Error, "that can compile, tensorflow");
  assertThrows(() => createPredictor(model, { precision: "int4" as "float32" }), RangeError, "precision");
  const predict = createPredictor(model);
  assertEquals([predict.compiled, predict.signatures], [false, []]);
  predict.dispose();
  model.dispose();
}, ["cpu", "wasm"]);

function fail(): never {
  throw new Error("Expected a tiny GoogLeNet but found none");
}
