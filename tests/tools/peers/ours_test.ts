import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../../../backends/select.ts";
import { describeModel } from "../../../models/registry.ts";
import { prepareOurs, prepareStock, type Step, useStock } from "../../../tools/peers/ours.ts";
import { ignoredOn } from "../../backends_under_test.ts";

const ignore = ignoredOn("tensorflow");

/** The first `count` numbers of a step, which is freed. */
async function numbersOf(step: Step, count: number): Promise<number[]> {
  const numbers: number[] = [];
  for (let i = 0; i < count; i++) numbers.push(await step.run());
  step.dispose();
  return numbers;
}

for (const mode of ["forward", "train"] as const) {
  Deno.test({
    name: `${mode}: this project, compiled, and stock tfjs compute the same numbers, step for step`,
    ignore,
    async fn() {
      const options = { model: "d2l/bnlenet", batch: 4, mode, precision: "float32" } as const;
      await useBackend("tensorflow", { device: "cpu" });
      const before = tf.memory().numTensors;
      const ours = prepareOurs(options);
      assertEquals(ours.params, describeModel("d2l/bnlenet").params);
      const found = await numbersOf(ours, 3);
      assertEquals(tf.memory().numTensors, before);
      await useStock();
      try {
        const expected = await numbersOf(prepareStock(options), 3);
        for (const [i, value] of found.entries()) assertAlmostEquals(value, expected[i] ?? NaN, 1e-3);
        // An update was made, or none where none is to be.
        assertEquals(found[0] === found[2], mode === "forward");
        assert(mode === "forward" || (found[2] ?? NaN) < (found[0] ?? NaN));
        assertEquals(tf.memory().numTensors, before);
      } finally {
        await tf.setBackend("tensorflow");
      }
    },
  });
}
