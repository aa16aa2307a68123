import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { orderOf, smallerBatch, splitSamples } from "../../../bench/sampler/plan.ts";

Deno.test("samples are spread evenly over processes, and no process is without one", () => {
  assertEquals(splitSamples(30, 3), [10, 10, 10]);
  assertEquals(splitSamples(31, 3), [11, 10, 10]);
  assertEquals(splitSamples(2, 3), [1, 1]);
  const count = fc.integer({ min: 1, max: 200 });
  fc.assert(fc.property(count, count, (samples, processes) => {
    const shares = splitSamples(samples, processes);
    assertEquals(shares.reduce((a, b) => a + b), samples);
    assert(Math.min(...shares) >= 1 && Math.max(...shares) - Math.min(...shares) <= 1);
  }));
});

Deno.test("the order turns around from round to round: A B, B A, A B", () => {
  assertEquals([0, 1, 2].flatMap((round) => orderOf(["A", "B"], round)), ["A", "B", "B", "A", "A", "B"]);
});

Deno.test("batches get smaller as timm's decay_batch_step() has it", () => {
  // Its documentation: num_steps == 2 --> 64, 48, 32, 24, 16, 12, 8, 6, 4, 3, 2, 1; 0 is its end.
  const sequence = [64];
  for (let batch = smallerBatch(64); batch > 0; batch = smallerBatch(batch)) sequence.push(batch);
  assertEquals(sequence, [64, 48, 32, 24, 16, 12, 8, 6, 4, 3, 2, 1]);
  assertEquals([128, 100, 65, 50, 7, 5, 0].map(smallerBatch), [96, 96, 64, 48, 6, 4, 0]);
});

Deno.test("a smaller batch is smaller, and at least half of it", () => {
  fc.assert(fc.property(fc.integer({ min: 2, max: 100_000 }), (batch) => {
    const smaller = smallerBatch(batch);
    assert(smaller < batch && smaller >= batch / 2);
  }));
});
