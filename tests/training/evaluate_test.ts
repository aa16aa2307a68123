import { assert, assertAlmostEquals, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import type { ImageSet } from "../../data/image_set.ts";
import { buildModel } from "../../models/build.ts";
import { hashSeed, uniformValues } from "../../models/random.ts";
import { loadStateDict, stateDict } from "../../models/state_dict.ts";
import { ModelEma } from "../../training/ema.ts";
import { ENOUGH_BATCHES, evaluate, Evaluator } from "../../training/evaluate.ts";
import { fit, type FitOptions } from "../../training/fit.ts";
import { RMSProp } from "../../training/rmsprop.ts";
import { SGD } from "../../training/sgd.ts";
import { testOnBackends } from "../backends_under_test.ts";
import { binding, testOnTensorFlow } from "../backends/tensorflow/support.ts";
import { TINY_MODELS } from "../models/tiny_models.ts";

/** Images of noise, as large as a tiny network wants them. */
function noise(count: number, [height, width, channels]: readonly [number, number, number]): ImageSet {
  const values = uniformValues(count * height * width * channels, 0, 256, hashSeed(count, "noise"));
  const labels = Uint8Array.from({ length: count }, (_, i) => (i * 3) % 5);
  return { images: Uint8Array.from(values), labels, count, height, width, channels };
}

function tiny(name: string, seed = 1): { model: LayersModel; set: (count: number) => ImageSet } {
  const found = TINY_MODELS[name];
  assert(found !== undefined, name);
  const model = buildModel(found.block(), { inputShape: found.inputShape, seed });
  return { model, set: (count) => noise(count, found.inputShape) };
}

const grey = (count: number): ImageSet => noise(count, [28, 28, 1]);

function assertSame(found: { loss: number; accuracy: number }, expected: typeof found): void {
  assertAlmostEquals(found.loss, expected.loss, 2e-6 * expected.loss);
  assertEquals(found.accuracy, expected.accuracy);
}

/** How many functions are recorded while `run` runs. */
async function recordings(run: () => Promise<unknown>): Promise<number> {
  const running = binding();
  const { beginTrace } = running;
  let count = 0;
  running.beginTrace = (...args) => (count++, beginTrace.apply(running, args));
  try {
    await run();
  } finally {
    running.beginTrace = beginTrace;
  }
  return count;
}

for (const name of ["d2l/lenet", "d2l/bnlenet", "torchvision/alexnet", "paper/googlenet_aux", "d2l/resnet18"]) {
  testOnTensorFlow(`a compiled evaluation of ${name} is the eager one, last smaller batch included`, async () => {
    const { model, set } = tiny(name);
    // Seventeen images in batches of five: two are left over. In batches of forty there is one batch, a smaller one.
    for (const batchSize of [5, 17, 40]) {
      const images = set(17);
      const eager = await evaluate(model, images, { batchSize, compile: false });
      const evaluator = new Evaluator(model, 17, { batchSize, compile: true }, "the test");
      assertSame(await evaluator.evaluate(images), eager);
      assertSame(await evaluator.evaluate(images), eager);
      assertEquals(evaluator.signatures.length, 1);
      evaluator.dispose();
      assertSame(await evaluate(model, images, { batchSize, compile: true }), eager);
    }
    model.dispose();
  });
}

testOnTensorFlow("what one evaluation has compiled serves the next, with the weights as they are then", async () => {
  const [{ model, set }, { model: other }] = [tiny("d2l/bnlenet", 1), tiny("d2l/bnlenet", 2)];
  const images = set(13);
  const evaluator = new Evaluator(model, 13, { batchSize: 4, compile: true }, "the test");
  const [first, expected] = [await evaluator.evaluate(images), await evaluate(other, images, { compile: false })];
  loadStateDict(model, await stateDict(other));
  const second = await evaluator.evaluate(images);
  assertNotEquals(second.loss, first.loss);
  assertSame(second, expected);
  assertEquals(evaluator.signatures.length, 1);
  for (const each of [evaluator, model, other]) each.dispose();
});

testOnTensorFlow("what was compiled while the average was in use measures the weights afterwards", async () => {
  const [{ model, set }, { model: other }] = [tiny("d2l/bnlenet", 1), tiny("d2l/bnlenet", 2)];
  const images = set(9);
  const ema = new ModelEma(model);
  const averaged = await evaluate(model, images, { compile: false });
  loadStateDict(model, await stateDict(other));
  const own = await stateDict(model);
  const evaluator = new Evaluator(model, 9, { batchSize: 4, compile: true }, "the test");
  assertSame(await ema.during(() => evaluator.evaluate(images)), averaged);
  assertSame(await evaluator.evaluate(images), await evaluate(other, images, { compile: false }));
  assertSame(await ema.during(() => evaluator.evaluate(images)), averaged);
  assertEquals(await stateDict(model), own);
  for (const each of [evaluator, ema, model, other]) each.dispose();
});

testOnTensorFlow(
  "evaluate() compiles by itself where a set has batches enough, or a precision asks for it",
  async () => {
    const { model, set } = tiny("d2l/lenet");
    const images = set(ENOUGH_BATCHES * 2);
    const cases = [
      [{ batchSize: 2 }, 1],
      [{ batchSize: 3 }, 0],
      [{ batchSize: 3, compile: true }, 1],
      [{ batchSize: 2, compile: false }, 0],
      [{ batchSize: 24, precision: "bfloat16" }, 1],
    ] as const;
    const { loss } = await evaluate(model, images);
    for (const [options, expected] of cases) {
      const found = await recordings(async () => {
        const { loss: other } = await evaluate(model, images, options);
        assertAlmostEquals(other, loss, "precision" in options ? 0.01 * loss : 1e-5);
      });
      assertEquals(found, expected, JSON.stringify(options));
    }
    model.dispose();
  },
);

testOnTensorFlow("validation of all epochs is compiled once, and equals the eager one", async () => {
  const [train, validation] = [grey(8), grey(11)];
  const run = async (options: Partial<FitOptions>) => {
    const { model } = tiny("d2l/bnlenet", 3);
    const optimizer = new SGD({ learningRate: 0.01 });
    const { history } = await fit(model, train, { optimizer, batchSize: 4, epochs: 4, validation, ...options });
    optimizer.dispose();
    model.dispose();
    return history.map(({ trainLoss, validationLoss }) => [trainLoss, validationLoss ?? NaN]).flat();
  };
  const eager = await run({ compile: false });
  let compiled: number[] = [];
  // A step and a batch of the validation; by itself it leaves a validation of twelve batches in all op by op.
  assertEquals(await recordings(async () => (compiled = await run({ compile: true }))), 2);
  assertEquals(await recordings(() => run({})), 1);
  for (const [i, loss] of compiled.entries()) assertAlmostEquals(loss, eager[i] ?? NaN, 1e-4 * loss);
});

testOnTensorFlow("compiled steps beside an average of the weights are the eager ones", async () => {
  const images = grey(8);
  const run = async (compile: boolean) => {
    const { model } = tiny("d2l/bnlenet", 3);
    const optimizer = new RMSProp({ learningRate: 1e-3, momentum: 0.9 });
    // The first update copies: the average then shares the data of the weights, and the second step is recorded.
    const ema = new ModelEma(model, { decay: 0.5 });
    const losses: number[] = [];
    const { history } = await fit(model, images, {
      optimizer,
      ema,
      compile,
      batchSize: 8,
      epochs: 4,
      validation: images,
      onStep: ({ loss }) => void losses.push(loss),
    });
    for (const each of [ema, optimizer, model]) each.dispose();
    return [...losses, ...history.map(({ validationLoss }) => validationLoss ?? NaN)];
  };
  const [eager, compiled] = [await run(false), await run(true)];
  for (const [i, loss] of compiled.entries()) assertAlmostEquals(loss, eager[i] ?? NaN, 1e-4 * loss, `${i}`);
});

testOnBackends("evaluate() is not compiled where the backend cannot, and says so where it was asked for", async () => {
  const { model, set } = tiny("d2l/lenet");
  const images = set(5);
  await assertRejects(() => evaluate(model, images, { compile: true }), Error, "that can compile, tensorflow");
  assertEquals(await evaluate(model, images), await evaluate(model, images, { compile: false }));
  model.dispose();
}, ["cpu", "wasm"]);

testOnBackends("evaluate() refuses options that do not fit", async () => {
  const { model, set } = tiny("d2l/lenet");
  const images = set(5);
  await assertRejects(() => evaluate(model, images, { precision: "int4" as "float32" }), RangeError, "precision");
  await assertRejects(() => evaluate(model, images, { compile: "yes" as "auto" }), RangeError, "compile");
  model.dispose();
});

testOnTensorFlow("evaluate() that fails, compiled or not, leaves nothing", async () => {
  const { model, set } = tiny("d2l/lenet");
  const coloured = { ...set(6), channels: 2, count: 3 };
  for (const compile of [true, false]) await assertRejects(() => evaluate(model, coloured, { batchSize: 2, compile }));
  model.dispose();
});
