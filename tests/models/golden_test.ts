import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../../backends/select.ts";
import { alexNet } from "../../models/alexnet.ts";
import type { Block } from "../../models/block.ts";
import { batchNormLeNet, leNet } from "../../models/lenet.ts";
import { deviations, type Golden } from "./golden.ts";

const NETS: Record<string, { block: () => Block; backends: readonly ("wasm" | "cpu")[] }> = {
  d2l_lenet: { block: () => leNet(), backends: ["wasm", "cpu"] },
  d2l_bnlenet: { block: () => batchNormLeNet(), backends: ["wasm", "cpu"] },
  d2l_bnlenet_scratch: { block: () => batchNormLeNet({ definition: "book" }), backends: ["wasm", "cpu"] },
  d2l_alexnet_tiny: {
    block: () => alexNet({ channels: [8, 16, 24, 24, 16], features: 32, dropout: 0 }),
    backends: ["wasm", "cpu"],
  },
  // Half a minute of plain JavaScript: wasm only.
  d2l_alexnet: { block: () => alexNet({ dropout: 0 }), backends: ["wasm"] },
};

for (const [name, { block, backends }] of Object.entries(NETS)) {
  for (const backend of backends) {
    Deno.test(`${name} gives PyTorch's outputs, loss and gradients on ${backend}`, async () => {
      await useBackend(backend);
      const path = new URL(`../fixtures/golden/${name}.json`, import.meta.url);
      const golden: Golden = JSON.parse(await Deno.readTextFile(path));
      const before = tf.memory().numTensors;
      const all = await deviations(golden, block());
      assertEquals(all.filter(({ found, allowed }) => !(found <= allowed)), []);
      assertEquals(all.length > 2 * golden.params.length, true);
      assertEquals(tf.memory().numTensors, before);
    });
  }
}
