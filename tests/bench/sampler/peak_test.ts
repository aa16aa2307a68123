import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../../../backends/select.ts";
import type { Message } from "../../../bench/sampler/messages.ts";
import { measurePeak, type PeakTrial, peakTrials } from "../../../bench/sampler/peak.ts";
import { leaksNothing } from "../../backends_under_test.ts";

/** What one small trial of `perRun` operations tells, where its runs take `costs` milliseconds one after the other. */
async function peakOf(costs: readonly number[]): Promise<Message[]> {
  let [time, runs] = [0, 0];
  const trial: PeakTrial = {
    of: "matmul",
    amount: 1e6,
    prepare: () => [tf.ones([2])],
    run: ([x]) => {
      time += costs[runs++] ?? 100;
      return tf.neg(x as tf.Tensor);
    },
  };
  const told: Message[] = [];
  await measurePeak("cpu", (message) => told.push(message), { trials: [trial], now: () => time });
  return told;
}

Deno.test("a peak is that of the fastest run, the first one left out", async () => {
  await useBackend("cpu");
  await leaksNothing(async () => {
    // 1e6 operations in 20 ms; the first run's 1 ms is not counted.
    assertEquals(await peakOf([1, 50, 20, 40, 30, 60]), [{ type: "peak", of: "matmul", perSecond: 50e6 }]);
  });
});

Deno.test("all three limits are tried, on CPU and GPU", () => {
  for (const device of ["cpu", "gpu"] as const) {
    assertEquals(new Set(peakTrials(device).map(({ of }) => of)), new Set(["matmul", "convolution", "copy"]));
    assert(peakTrials(device).every(({ amount }) => amount > 0));
  }
});

Deno.test("each trial gives what its amount is counted from, and leaves nothing", async () => {
  await useBackend("wasm");
  await leaksNothing(async () => {
    for (const { of, amount, prepare, run } of peakTrials("cpu")) {
      const inputs = prepare();
      const output = run(inputs);
      if (of === "copy") {
        const read = inputs.reduce((sum, { size }) => sum + size, 0) * (output.size / (inputs[0]?.size ?? 1));
        assertEquals(amount, 4 * (read + output.size));
      } else {
        // Each output is a sum of products: as many as a filter, or a row, has.
        const [, factor] = inputs;
        const products = of === "matmul" ? factor?.shape[0] ?? 0 : (factor?.size ?? 0) / (factor?.shape[3] ?? 1);
        assertEquals(amount, 2 * output.size * products);
      }
      await output.data();
      tf.dispose([inputs, output]);
    }
  });
});
