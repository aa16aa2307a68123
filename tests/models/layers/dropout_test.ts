import { assert, assertEquals, assertNotEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../../../backends/select.ts";
import { named, sequential } from "../../../models/block.ts";
import { buildModel } from "../../../models/build.ts";
import { Dropout, type DropoutConfig } from "../../../models/layers/dropout.ts";
import * as nn from "../../../models/nn.ts";
import { assertClose, BACKENDS, hashed, testOnBackends, testRefusals } from "./support.ts";

const dropout = (config: DropoutConfig = {}) => new Dropout({ name: "d", ...config });
const TRAINING = { training: true };

/** What a layer makes of ones: its mask, scaled. */
function mask(layer: Dropout, count: number): number[] {
  return tf.tidy(() => [...layer.call(tf.ones([count]), TRAINING).dataSync()]);
}

Deno.test("Dropout keeps any shape, holds no weights and counts no multiply-accumulates", () => {
  for (const shape of [[null, 5], [null, 5, 4, 3]]) {
    assertEquals(dropout().computeOutputShape(shape), shape);
    assertEquals(dropout().weightSpecs(shape), []);
    assertEquals(dropout().macs(shape), 0);
  }
  assertEquals([dropout().typeName(), dropout().rate], ["Dropout", 0.5]);
});

testOnBackends("Dropout draws the same masks for the same seed, and another one at each call", () => {
  const draws = (seed: number) => {
    const layer = dropout({ seed });
    return [mask(layer, 64), mask(layer, 64), mask(layer, 64)];
  };
  const [first, second, third] = draws(1);
  assertEquals(draws(1), [first, second, third]);
  assertNotEquals(first, second);
  assertNotEquals(second, third);
  assertNotEquals(draws(2)[0], first);
});

testOnBackends("Dropout draws the mask that would have come where its count of calls is put back", () => {
  const layer = dropout({ seed: 3 });
  mask(layer, 64);
  const second = mask(layer, 64);
  assertEquals(layer.calls, 2);
  const resumed = dropout({ seed: 3 });
  resumed.calls = 1;
  assertEquals(mask(resumed, 64), second);
});

testOnBackends("Dropout does nothing in evaluation and draws no mask", () => {
  const x = tf.tensor2d(hashed(1, 32), [4, 8]);
  const layer = dropout();
  for (const kwargs of [undefined, {}, { training: false }]) {
    const y = layer.call(x, kwargs);
    assertEquals(y.dataSync(), x.dataSync());
    y.dispose();
  }
  assertEquals(layer.calls, 0);
  x.dispose();
});

testOnBackends("Dropout of rate 0 does nothing in training", () => {
  assertEquals(mask(dropout({ rate: 0 }), 16), Array(16).fill(1));
});

testOnBackends("Dropout zeroes the share of its rate and scales the others, so that the mean is kept", () => {
  const count = 20_000;
  for (const rate of [0.1, 0.5, 0.8]) {
    const values = mask(dropout({ rate, seed: 7 }), count);
    const scale = Math.fround(1 / (1 - rate));
    assertEquals(values.every((value) => value === 0 || value === scale), true);
    const zeros = values.filter((value) => value === 0).length;
    // Five standard deviations of a binomial share: one seed in two million would fail.
    const deviation = Math.sqrt(rate * (1 - rate) / count);
    assert(Math.abs(zeros / count - rate) < 5 * deviation, `${zeros / count} of zeros at rate ${rate}`);
    const mean = values.reduce((a, b) => a + b, 0) / count;
    assert(Math.abs(mean - 1) < 5 * deviation * scale, `mean ${mean} at rate ${rate}`);
  }
});

testOnBackends("Dropout gives the gradient the mask of its own call", () => {
  const layer = dropout({ rate: 0.4, seed: 5 });
  mask(layer, 60);
  let y: number[] = [];
  const [ones, dy] = [tf.ones([60]), tf.tensor1d(hashed(2, 60))];
  const dx = tf.grad((x) => {
    const output = layer.call(x, TRAINING);
    y = [...output.dataSync()];
    return output;
  })(ones, dy);
  assert(y.includes(0) && y.some((value) => value > 0));
  assertClose(dx.dataSync(), hashed(2, 60).map((value, i) => value * (y[i] ?? NaN)));
  tf.dispose([ones, dy, dx]);
});

Deno.test("Dropout draws the same masks on every backend", async () => {
  const masks: number[][] = [];
  for (const backend of BACKENDS) {
    await useBackend(backend);
    masks.push(mask(dropout({ rate: 0.3, seed: 11 }), 500));
  }
  assertEquals(masks[1], masks[0]);
});

testOnBackends("Dropout layers of a model have a seed each, of the model's seed and their name", () => {
  const seeds = (seed: number) => {
    const block = sequential(nn.dropout(), named({ drop: nn.dropout() }));
    const model = buildModel(block, { inputShape: [64], seed });
    const layers = model.layers.filter((layer) => layer instanceof Dropout);
    const result = layers.map((layer) => mask(layer, 64));
    model.dispose();
    return result;
  };
  const [first, second] = seeds(1);
  assertEquals(seeds(1), [first, second]);
  assertNotEquals(first, second);
  assertNotEquals(seeds(2), [first, second]);
});

testRefusals("Dropout", [
  ["a rate of one", () => dropout({ rate: 1 }), "Expected rate of d to be less than 1 but found 1"],
  ["a negative rate", () => dropout({ rate: -0.1 }), "Expected rate of d to be at least 0 but found -0.1"],
  ["a NaN rate", () => dropout({ rate: NaN }), "Expected rate of d to be of type number but found NaN"],
  ["half a seed", () => dropout({ seed: 1.5 }), "Expected seed of d to be of type int but found 1.5"],
  [
    "a rate that is no number",
    () => dropout({ rate: "half" as unknown as number }),
    'Expected rate of d to be of type number but found "half"',
    TypeError,
  ],
]);
