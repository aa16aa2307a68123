import { assert, assertEquals, assertNotEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../../../backends/select.ts";
import type { Block } from "../../../models/block.ts";
import { buildModel } from "../../../models/build.ts";
import { StochasticDepth, type StochasticDepthConfig } from "../../../models/layers/stochastic_depth.ts";
import * as nn from "../../../models/nn.ts";
import { assertClose, hashed, testOnBackends, testRefusals } from "./support.ts";

const stochasticDepth = (config: StochasticDepthConfig = {}) => new StochasticDepth({ name: "sd", ...config });
const TRAINING = { training: true };

/** What each image of a batch of ones is multiplied by. */
function scales(layer: StochasticDepth, images: number): number[] {
  return tf.tidy(() => [...layer.call(tf.ones([images, 1]), TRAINING).dataSync()]);
}

Deno.test("StochasticDepth keeps any shape, holds no weights and counts no multiply-accumulates", () => {
  for (const shape of [[null, 5], [null, 5, 4, 3]]) {
    assertEquals(stochasticDepth().computeOutputShape(shape), shape);
    assertEquals(stochasticDepth().weightSpecs(shape), []);
    assertEquals(stochasticDepth().macs(shape), 0);
  }
  assertEquals(stochasticDepth({ rate: 0.2 }).typeName(), "StochasticDepth");
});

testOnBackends("StochasticDepth drops an image as a whole, or scales the whole of it", () => {
  const [images, size] = [40, 5 * 4 * 3];
  const layer = stochasticDepth({ rate: 0.4, seed: 2 });
  const x = tf.tensor(hashed(1, images * size), [images, 5, 4, 3]);
  const y = tf.tidy(() => layer.call(x, TRAINING));
  const [before, after] = [x.dataSync(), y.dataSync()];
  let dropped = 0;
  for (let image = 0; image < images; image++) {
    const [from, to] = [image * size, (image + 1) * size];
    const kept = after[from] !== 0;
    if (!kept) dropped++;
    const expected = Array.from(before.subarray(from, to), (value) => kept ? value / 0.6 : 0);
    assertClose(after.subarray(from, to), expected, 1e-6, `image ${image}`);
  }
  assert(dropped > 0 && dropped < images, `${dropped} of ${images} images were dropped`);
  tf.dispose([x, y]);
});

testOnBackends("StochasticDepth drops the share of its rate, and keeps the mean", () => {
  const count = 20_000;
  for (const rate of [0.1, 0.5, 0.8]) {
    const values = scales(stochasticDepth({ rate, seed: 7 }), count);
    const scale = Math.fround(1 / (1 - rate));
    assertEquals(values.every((value) => value === 0 || value === scale), true);
    // Five standard deviations of a binomial share: one seed in two million would fail.
    const deviation = Math.sqrt(rate * (1 - rate) / count);
    const zeros = values.filter((value) => value === 0).length / count;
    assert(Math.abs(zeros - rate) < 5 * deviation, `${zeros} of the images at rate ${rate}`);
    const mean = values.reduce((a, b) => a + b, 0) / count;
    assert(Math.abs(mean - 1) < 5 * deviation * scale, `mean ${mean} at rate ${rate}`);
  }
});

testOnBackends("StochasticDepth draws anew at each call, the same for the same seed and place", () => {
  const draws = (seed: number, calls = 0) => {
    const layer = stochasticDepth({ seed });
    layer.calls = calls;
    return [scales(layer, 64), scales(layer, 64)];
  };
  const [first, second] = draws(1);
  assertEquals(draws(1), [first, second]);
  assertNotEquals(first, second);
  assertNotEquals(draws(2)[0], first);
  assertEquals(draws(1, 1)[0], second);
});

// TensorFlow draws on its device, from a generator of its own.
Deno.test("StochasticDepth drops the same images on cpu and wasm", async () => {
  const draws: number[][] = [];
  for (const backend of ["cpu", "wasm"] as const) {
    await useBackend(backend);
    draws.push(scales(stochasticDepth({ rate: 0.3, seed: 11 }), 500));
  }
  assertEquals(draws[1], draws[0]);
});

testOnBackends("StochasticDepth does nothing in evaluation, nor at rate 0, and draws nothing", () => {
  const x = tf.tensor2d(hashed(1, 32), [4, 8]);
  const layer = stochasticDepth({ rate: 0.9 });
  for (const kwargs of [undefined, {}, { training: false }]) {
    const y = layer.call(x, kwargs);
    assertEquals(y.dataSync(), x.dataSync());
    y.dispose();
  }
  assertEquals(layer.calls, 0);
  assertEquals(scales(stochasticDepth({ rate: 0 }), 16), Array(16).fill(1));
  x.dispose();
});

testOnBackends("StochasticDepth gives the gradient the scales of its own call", () => {
  const layer = stochasticDepth({ rate: 0.4, seed: 5 });
  scales(layer, 20);
  let y: number[] = [];
  const [ones, dy] = [tf.ones([20, 3]), tf.tensor2d(hashed(2, 60), [20, 3])];
  const dx = tf.grad((x) => {
    const output = layer.call(x, TRAINING);
    y = [...output.dataSync()];
    return output;
  })(ones, dy);
  assert(y.includes(0) && y.some((value) => value > 0));
  assertClose(dx.dataSync(), hashed(2, 60).map((value, i) => value * (y[i] ?? NaN)));
  tf.dispose([ones, dy, dx]);
});

testOnBackends("a residual block without its branch is the identity, with it twice as strong at rate 0.5", () => {
  const block: Block = (x, path) => nn.add(`${path}add`, x, nn.stochasticDepth(0.5)(nn.relu()(x, "relu"), "drop"));
  const model = buildModel(block, { inputShape: [4], seed: 3 });
  const x = tf.tensor2d(hashed(3, 80), [20, 4]);
  const [trained, evaluated] = tf.tidy(() =>
    [true, false].map((training) => (model.apply(x, { training }) as tf.Tensor).arraySync() as number[][])
  );
  const kept = new Set<number>();
  for (const [i, row] of ((x.arraySync()) as number[][]).entries()) {
    const with_ = (times: number) => row.map((value) => Math.fround(value + times * Math.max(value, 0)));
    assertEquals(evaluated?.[i], with_(1));
    const times = [0, 2].find((times) => String(with_(times)) === String(trained?.[i]));
    assert(times !== undefined, `image ${i}: ${trained?.[i]}`);
    kept.add(times);
  }
  assertEquals(kept.size, 2);
  x.dispose();
  model.dispose();
});

testRefusals("StochasticDepth", [
  ["a rate of one", () => stochasticDepth({ rate: 1 }), "Expected rate of sd to be less than 1 but found 1"],
  ["a negative rate", () => stochasticDepth({ rate: -0.1 }), "Expected rate of sd to be at least 0 but found -0.1"],
]);
