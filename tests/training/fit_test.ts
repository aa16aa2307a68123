import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { useBackend } from "../../backends/select.ts";
import type { ImageSet } from "../../data/image_set.ts";
import { buildModel } from "../../models/build.ts";
import { batchNorm, conv2d, dropout, flatten, linear, relu } from "../../models/nn.ts";
import { sequential } from "../../models/block.ts";
import { hashSeed, uniformValues } from "../../models/random.ts";
import { stateDict } from "../../models/state_dict.ts";
import { decodeCheckpoint, encodeCheckpoint, START } from "../../training/checkpoint.ts";
import { evaluate } from "../../training/evaluate.ts";
import { fit, type FitOptions } from "../../training/fit.ts";
import { SGD } from "../../training/sgd.ts";

const backend = await useBackend("wasm");

/** Images whose class is the quadrant that is bright. */
function quadrants(count: number, seed: number): ImageSet {
  const noise = uniformValues(count * 64, 0, 90, hashSeed(seed, "noise"));
  const labels = Uint8Array.from({ length: count }, (_, i) => (i * 7 + seed) % 4);
  const images = Uint8Array.from({ length: count * 64 }, (_, at) => {
    const [x, y, label] = [at % 8, Math.floor(at / 8) % 8, labels[Math.floor(at / 64)] ?? 0];
    return (noise[at] ?? 0) + ((x < 4 ? 0 : 1) + (y < 4 ? 0 : 2) === label ? 120 : 0);
  });
  return { images, labels, count, height: 8, width: 8, channels: 1 };
}

/** A small net with all that a checkpoint has to keep: BatchNorm's moving statistics and dropout's place. */
function smallNet(name = "small"): LayersModel {
  const net = sequential(conv2d(4, 3), batchNorm(), relu(), flatten(), dropout(0.25), linear(4));
  return buildModel(net, { inputShape: [8, 8, 1], name, seed: 3 });
}

const train = quadrants(96, 1);
const options = { epochs: 3, batchSize: 20, seed: 5 };

/** Runs `fit` on a net of its own, and gives what is left of it. */
async function run(extra: Partial<FitOptions> = {}) {
  const model = smallNet();
  const optimizer = new SGD({ learningRate: 0.05, momentum: 0.9, weightDecay: 1e-3 });
  const result = await fit(model, train, { optimizer, ...options, ...extra });
  const weights = await stateDict(model);
  const score = await evaluate(model, quadrants(40, 2));
  optimizer.dispose();
  model.dispose();
  const history = result.history.map(({ seconds: _s, imagesPerSecond: _i, ...numbers }) => numbers);
  return { ...result, history, weights, score };
}

Deno.test("fit() learns, tells every step and epoch, and leaks nothing", async () => {
  const before = tf.memory().numTensors;
  const steps: string[] = [];
  const epochs: number[] = [];
  const { history, score } = await run({
    epochs: 8,
    validation: quadrants(40, 2),
    onStep: ({ epoch, step, stepsPerEpoch }) => steps.push(`${epoch}:${step}/${stepsPerEpoch}`),
    onEpoch: ({ epoch }) => epochs.push(epoch),
  });
  assertEquals(steps.slice(0, 6), ["1:1/5", "1:2/5", "1:3/5", "1:4/5", "1:5/5", "2:1/5"]);
  assertEquals(epochs, [1, 2, 3, 4, 5, 6, 7, 8]);
  assert((history[7]?.trainLoss ?? NaN) < 0.5 * (history[0]?.trainLoss ?? NaN));
  assert(score.accuracy > 0.9, `accuracy ${score.accuracy}`);
  assertEquals(history[7]?.validationAccuracy, score.accuracy);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("one seed gives the same run twice, another seed gives another", async () => {
  const [first, second, other] = [await run(), await run(), await run({ seed: 6 })];
  assertEquals(first, second);
  assert(first.history[0]?.trainLoss !== other.history[0]?.trainLoss);
});

Deno.test("a run that goes on from a checkpoint, between or inside epochs, gives the same numbers", async () => {
  const whole = await run();
  for (const stopAt of ["1:5", "2:2", "3:4"]) {
    const stop = new AbortController();
    let checkpoint: Uint8Array | undefined;
    const first = await run({
      signal: stop.signal,
      saveCheckpoint: (bytes) => {
        checkpoint = bytes;
      },
      onStep: ({ epoch, step }) => {
        if (`${epoch}:${step}` === stopAt) stop.abort();
      },
    });
    assertEquals(first.aborted, true);
    assert(checkpoint !== undefined);
    const second = await run({ resume: checkpoint });
    assertEquals(second.aborted, false);
    assertEquals(second.history, whole.history);
    assertEquals(second.weights, whole.weights);
  }
});

Deno.test("a checkpoint comes after each epoch", async () => {
  const saved: number[] = [];
  const model = smallNet();
  const optimizer = new SGD({ learningRate: 0.05 });
  await fit(model, train, {
    optimizer,
    ...options,
    saveCheckpoint: (bytes) => {
      saved.push(decodeCheckpoint(bytes, { model, optimizer }).epoch);
    },
  });
  assertEquals(saved, [1, 2, 3]);
  optimizer.dispose();
  model.dispose();
});

Deno.test("a checkpoint of another model, or a damaged one, changes nothing", async () => {
  const [model, other] = [smallNet(), smallNet("other")];
  const optimizer = new SGD({ learningRate: 0.05, momentum: 0.9 });
  await fit(model, train, { optimizer, ...options, epochs: 1 });
  const before = await stateDict(model);
  const foreign = await encodeCheckpoint({ model: other, optimizer }, START);
  const own = await encodeCheckpoint({ model, optimizer }, START);
  assertThrows(
    () => decodeCheckpoint(foreign, { model, optimizer }),
    RangeError,
    "Expected a checkpoint of small but found one of other",
  );
  assertThrows(
    () => decodeCheckpoint(own.subarray(0, 100), { model, optimizer }),
    RangeError,
    "Expected the safetensors header",
  );
  assertThrows(
    () => decodeCheckpoint(own.subarray(0, own.length - 8), { model, optimizer }),
    RangeError,
    "Expected data_offsets",
  );
  assertEquals(await stateDict(model), before);
  optimizer.dispose();
  model.dispose();
  other.dispose();
});

Deno.test("fit() refuses options out of range before the first step", async () => {
  const model = smallNet();
  const optimizer = new SGD({ learningRate: 0.05 });
  const before = tf.memory().numTensors;
  for (
    const [wrong, message] of [
      [{ epochs: 0 }, "Expected epochs of fit() to be greater than 0 but found 0"],
      [{ batchSize: 2.5 }, "Expected batchSize of fit()"],
      [{ seed: NaN }, "Expected seed of fit()"],
    ] as const
  ) {
    await assertRejects(() => fit(model, train, { optimizer, ...wrong }), Error, message);
  }
  await assertRejects(() => evaluate(model, train, { batchSize: 0 }), RangeError, "batchSize");
  assertEquals(tf.memory().numTensors, before);
  optimizer.dispose();
  model.dispose();
});

Deno.test("images are resized to the model's input", async () => {
  const model = buildModel(sequential(conv2d(2, 3), flatten(), linear(4)), { inputShape: [12, 10, 1] });
  const { accuracy } = await evaluate(model, quadrants(10, 2));
  assert(accuracy >= 0);
  model.dispose();
});

Deno.test("evaluate() gives the means that single batches add up to", async () => {
  const model = smallNet();
  const set = quadrants(50, 4);
  const [whole, parts] = [await evaluate(model, set, { batchSize: 50 }), await evaluate(model, set, { batchSize: 7 })];
  assert(Math.abs(whole.loss - parts.loss) < 1e-5);
  assertEquals(whole.accuracy, parts.accuracy);
  model.dispose();
  assertEquals(backend.name, "wasm");
});
