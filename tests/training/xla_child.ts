/**
 * Compiles with XLA; a process of its own, because WebGPU must not have been asked for in it.
 *
 * @module
 */
import { assert, assertAlmostEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../../backends/select.ts";
import { noteAdapters } from "../../backends/webgpu/order.ts";
import { createModel } from "../../models/registry.ts";
import { createPredictor } from "../../training/predictor.ts";

await useBackend("tensorflow", { device: "cpu" });
const model = createModel("d2l/lenet", { seed: 1 });
const images = tf.randomNormal([2, 28, 28, 1], 0, 1, "float32", 1);
const [plain, predict] = [createPredictor(model, { compile: false }), createPredictor(model, { jit: true })];
const [expected, found] = [await plain(images).data(), await predict(images).data()];
for (const [i, value] of expected.entries()) assertAlmostEquals(found[i] ?? NaN, value, 1e-5);
assert((predict.signatures[0]?.firstRunMs ?? NaN) > 0);
console.log("the same");

noteAdapters();
if (Deno.build.os === "linux") {
  assertThrows(() => createPredictor(model, { jit: true }), Error, "Expected XLA before webgpu");
}
console.log("refused");
