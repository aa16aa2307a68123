import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../../backends/select.ts";
import { sequential } from "../../models/block.ts";
import { buildModel } from "../../models/build.ts";
import * as nn from "../../models/nn.ts";
import { createModel } from "../../models/registry.ts";
import { AdamW } from "../../training/adamw.ts";
import { fit } from "../../training/fit.ts";
import { RMSProp } from "../../training/rmsprop.ts";
import { SGD } from "../../training/sgd.ts";
import { countCorrect } from "../../training/evaluate.ts";
import { trainStep, type TrainStepOptions } from "../../training/train_step.ts";
import { syntheticBatch } from "../../data/synthetic.ts";
import { hasTensorFlow, testOnBackends } from "../backends_under_test.ts";
import { testOnTensorFlow } from "../backends/tensorflow/support.ts";
import { TINY_MODELS, type TinyModel } from "../models/tiny_models.ts";
import { runDeno } from "../run_deno.ts";
import { losses, STEPS } from "./compiled_losses.ts";

// Small: a tiny network with BatchNorm over few values takes a last bit far at a large one.
const sgd = () => new SGD({ learningRate: 0.005 });

for (const [name, tiny] of Object.entries(TINY_MODELS)) {
  testOnTensorFlow(`compiled steps of ${name} have the losses of eager ones`, async () => {
    // Dropout included: its masks follow from its seed and the number of the draw.
    const eager = await losses(tiny, sgd, { compile: false });
    assertEquals(eager.signatures, 0);
    assert(eager.losses.every(Number.isFinite));
    const compiled = await losses(tiny, sgd, { compile: true });
    // One signature: the rate that changed is read anew.
    assertEquals(compiled.signatures, 1);
    for (const [step, allowed] of [[0, 1e-6], [STEPS - 1, 1e-4]] as const) {
      const [found = NaN, expected = NaN] = [compiled.losses[step], eager.losses[step]];
      assert(Math.abs(found - expected) <= allowed * expected, `step ${step + 1}: ${found} instead of ${expected}`);
    }
  });
}

Deno.test({
  name: "with nothing fused, and without oneDNN, compiled steps of every network are the eager ones to the last bit",
  ignore: !hasTensorFlow,
  async fn() {
    // oneDNN's own pass over a graph, which cannot be turned off alone, puts its pooling and its bias gradients in.
    const { code, stdout, stderr } = await runDeno(["tests/training/compiled_bits_child.ts"], undefined, {
      TF_ENABLE_ONEDNN_OPTS: "0",
    });
    assertEquals([code, stdout], [0, `${Object.keys(TINY_MODELS).length} networks\n`], stderr);
  },
});

const net = TINY_MODELS["d2l/bnlenet"] as TinyModel;
const OPTIMIZERS: Record<string, () => tf.Optimizer> = {
  "SGD with momentum": () => new SGD({ learningRate: 0.02, momentum: 0.9, weightDecay: 1e-3 }),
  RMSProp: () => new RMSProp({ learningRate: 1e-3, momentum: 0.9 }),
  AdamW: () => new AdamW({ learningRate: 1e-3 }),
  "tfjs' SGD": () => tf.train.sgd(0.02),
  "tfjs' Momentum": () => tf.train.momentum(0.01, 0.9),
  "tfjs' Momentum with Nesterov": () => tf.train.momentum(0.01, 0.9, true),
  "tfjs' Adam": () => tf.train.adam(1e-3),
  "tfjs' Adagrad": () => tf.train.adagrad(1e-2),
  "tfjs' Adamax": () => tf.train.adamax(1e-3),
  "tfjs' Adadelta": () => tf.train.adadelta(1e-1),
  "tfjs' RMSProp": () => tf.train.rmsprop(1e-3),
  // tfjs subtracts epsilon where it should add it: a positive one gives roots of negative numbers.
  "tfjs' RMSProp with momentum, centred": () => tf.train.rmsprop(1e-3, 0.9, 0.5, -1e-3, true),
  // Nothing is known of it: it might compute whatever of the rate.
  "an optimizer of one's own": () => new (class extends tf.AdamOptimizer {})(1e-3, 0.9, 0.999),
};
for (const [name, make] of Object.entries(OPTIMIZERS)) {
  testOnTensorFlow(`compiled steps with ${name} are the eager ones, over a change of the rate`, async () => {
    const eager = await losses(net, make, { compile: false });
    const compiled = await losses(net, make, { compile: true, exact: true });
    for (const [i, loss] of compiled.losses.entries()) {
      assertAlmostEquals(loss, eager.losses[i] ?? NaN, 1e-5, `step ${i + 1}`);
    }
    assertEquals(compiled.signatures, name.endsWith("own") ? 2 : 1);
    assert((eager.losses[STEPS - 1] ?? NaN) < (eager.losses[0] ?? NaN));
  });
}

testOnTensorFlow("an optimizer of one's own whose rate changes in each step is warned of and runs op by op", () => {
  const model = createModel("d2l/lenet", { seed: 3 });
  const optimizer = new (class extends tf.AdamOptimizer {})(1e-3, 0.9, 0.999);
  const settable = optimizer as unknown as { learningRate: number };
  const { images, labels } = syntheticBatch({ batchSize: 2, inputShape: [28, 28, 1], classes: 10, seed: 1 });
  const [step, required] = [trainStep(model, optimizer), trainStep(model, optimizer, undefined, { compile: true })];
  const warnings: string[] = [];
  const { warn } = console;
  console.warn = (text: string) => warnings.push(text);
  try {
    for (let i = 0; i < 20; i++) {
      settable.learningRate *= 0.9;
      tf.dispose([step(images, labels), required(images, labels)]);
    }
  } finally {
    console.warn = warn;
  }
  assertEquals([step.compiled, required.compiled, optimizer.iterations], [false, true, 40]);
  assertEquals(warnings, [
    `A training step of ${model.name} runs op by op: it was compiled anew for each of 17 learning rates`,
  ]);
  for (const each of [step, required, optimizer]) each.dispose();
  tf.dispose([images, labels]);
  model.dispose();
});

testOnTensorFlow("gradients are clipped and metrics measured in a compiled step as in an eager one", async () => {
  const run = async (compile: boolean) => {
    const model = createModel("d2l/bnlenet", { seed: 3 });
    const optimizer = new SGD({ learningRate: 0.5 });
    const { images, labels } = syntheticBatch({ batchSize: 8, inputShape: [28, 28, 1], classes: 10, seed: 1 });
    const step = trainStep(model, optimizer, undefined, {
      compile,
      exact: true,
      clipNorm: 0.1,
      metrics: { correct: countCorrect, largest: (logits) => tf.max(logits) as tf.Scalar },
    });
    const found: number[][] = [];
    for (let i = 0; i < 4; i++) {
      const scores = step(images, labels);
      found.push(
        await Promise.all([scores.loss, scores.correct, scores.largest].map(async (x) => (await x.data())[0] ?? NaN)),
      );
      tf.dispose(scores);
    }
    assertEquals(optimizer.iterations, 4);
    step.dispose();
    optimizer.dispose();
    tf.dispose([images, labels]);
    model.dispose();
    return found;
  };
  const [eager, compiled] = [await run(false), await run(true)];
  for (const [i, row] of compiled.entries()) {
    for (const [j, value] of row.entries()) assertAlmostEquals(value, eager[i]?.[j] ?? NaN, 1e-5);
  }
});

testOnTensorFlow(
  "a loss that reads a value is warned of and runs op by op, or refused where compiling was asked for",
  async () => {
    const model = createModel("d2l/lenet", { seed: 3 });
    const optimizer = new SGD({ learningRate: 0.1 });
    const { images, labels } = syntheticBatch({ batchSize: 2, inputShape: [28, 28, 1], classes: 10, seed: 1 });
    const loss = (logits: tf.Tensor): tf.Scalar => {
      const scale = 1 + Math.abs(tf.sum(logits).dataSync()[0] ?? 0);
      return tf.div(tf.sum(tf.square(logits)), scale) as tf.Scalar;
    };
    const required = trainStep(model, optimizer, loss, { compile: true });
    const weight = model.trainableWeights[0]?.read();
    const before = await weight?.data();
    assertThrows(() => required(images, labels), Error, "Expected no value to be read in a function that is compiled");
    assertEquals(await model.trainableWeights[0]?.read().data(), before);
    assertEquals(optimizer.iterations, 0);

    const warnings: string[] = [];
    const { warn } = console;
    console.warn = (text: string) => warnings.push(text);
    const step = trainStep(model, optimizer, loss);
    assertEquals(step.compiled, true);
    try {
      for (let i = 0; i < 2; i++) tf.dispose(step(images, labels));
    } finally {
      console.warn = warn;
    }
    assertEquals(step.compiled, false);
    assertEquals(optimizer.iterations, 2);
    assertEquals(warnings.length, 1);
    assertStringIncludes(warnings[0] ?? "", "runs op by op because it cannot be compiled");
    for (const each of [step, required]) each.dispose();
    optimizer.dispose();
    tf.dispose([images, labels]);
    model.dispose();
  },
);

testOnTensorFlow("a batch of another size is another signature, and labels that do not fit are refused as ever", () => {
  const model = createModel("d2l/lenet", { seed: 3 });
  const optimizer = new SGD({ learningRate: 0.1 });
  const step = trainStep(model, optimizer);
  for (const batchSize of [4, 2, 4]) {
    const { images, labels } = syntheticBatch({ batchSize, inputShape: [28, 28, 1], classes: 10, seed: 1 });
    tf.dispose([step(images, labels), images, labels]);
  }
  assertEquals(step.signatures.length, 2);
  const [images, labels] = [tf.ones([3, 28, 28, 1]), tf.tensor1d([1, 2], "int32")];
  assertThrows(() => step(images, labels), RangeError, "Expected labels to have shape [3] but found [2]");
  assertEquals(step.compiled, true);
  step.dispose();
  tf.dispose([images, labels]);
  optimizer.dispose();
  model.dispose();
});

testOnTensorFlow("products in bfloat16 leave the weights float32 and the loss near", async () => {
  const eager = await losses(net, sgd, { compile: false });
  for (const precision of ["bfloat16", "auto"] as const) {
    const { losses: found } = await losses(net, sgd, { compile: true, precision });
    const off = found.map((loss, i) => Math.abs(loss / (eager.losses[i] ?? NaN) - 1));
    // Three digits at the first step. Later ones depend on what the processor adds products up in.
    assert((off[0] ?? NaN) < 0.005 && Math.max(...off) < 0.06, `${precision}: ${off}`);
    assert((found[STEPS - 1] ?? NaN) < (found[0] ?? NaN));
  }
});

testOnBackends("a step is not compiled where the backend cannot, and says so where it was asked for", async () => {
  const model = createModel("d2l/lenet", { seed: 1 });
  const optimizer = new SGD({ learningRate: 0.1 });
  assertThrows(() => trainStep(model, optimizer, undefined, { compile: true }), Error, "that can compile, tensorflow");
  const step = trainStep(model, optimizer);
  assertEquals(step.compiled, false);
  const { images, labels } = syntheticBatch({ batchSize: 2, inputShape: [28, 28, 1], classes: 10, seed: 1 });
  const { loss } = step(images, labels);
  assert(Number.isFinite((await loss.data())[0]));
  tf.dispose([loss, images, labels]);
  step.dispose();
  optimizer.dispose();
  model.dispose();
}, ["cpu", "wasm"]);

Deno.test("trainStep() refuses options that do not fit", async () => {
  await useBackend("cpu");
  const model = createModel("d2l/lenet", { seed: 1 });
  const optimizer = new SGD({ learningRate: 0.1 });
  const cases: [TrainStepOptions, string][] = [
    [{ lossWeights: [1, 2] }, "Expected lossWeights of trainStep() to have 1 entry"],
    [{ clipNorm: 0 }, "clipNorm"],
    [{ precision: "int8" as "float32" }, "precision"],
    [{ compile: "yes" as "auto" }, "compile"],
  ];
  for (const [options, message] of cases) {
    const error = assertThrows(() => trainStep(model, optimizer, undefined, options), RangeError);
    assertStringIncludes(error.message, message);
  }
  optimizer.dispose();
  model.dispose();
});

testOnBackends("fit() ends at a loss that is not a number, and names the step", async () => {
  const model = buildModel(sequential(nn.flatten(), nn.linear(8), nn.relu(), nn.linear(10)), {
    inputShape: [28, 28, 1],
    seed: 1,
  });
  const optimizer = new SGD({ learningRate: 1e30 });
  const images = Uint8Array.from({ length: 4 * 28 * 28 }, (_, i) => i % 7);
  const set = { images, labels: Uint8Array.of(1, 2, 3, 4), count: 4, height: 28, width: 28, channels: 1 };
  const error = await assertRejects(() => fit(model, set, { optimizer, batchSize: 1, epochs: 3 }), Error);
  assertMatch(error.message, /^Expected a loss but found NaN at step \d of epoch \d, with learning rate 1e\+30/);
  optimizer.dispose();
  model.dispose();
});
