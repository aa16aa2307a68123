import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { clockResolution, judgeClock } from "../../../bench/browser/clock.ts";
import type { Tally } from "../../../bench/sampler/sampler.ts";

/** A clock that shows whole ticks of a time that goes on by `step` at each look. */
function clock(tick: number, step: number): () => number {
  let time = 0;
  return () => Math.floor((time += step) / tick) * tick;
}

Deno.test("the resolution of a coarse clock is its tick, of a fine one the time between two looks", () => {
  assertEquals(clockResolution(clock(1, 0.01)), 1);
  assertEquals(clockResolution(clock(0.1, 0.001)), 0.1);
  assertEquals(clockResolution(clock(0.001, 0.02)), 0.02);
});

const tally = (samplesMs: number[], firstStepsMs = [30]): Tally => ({
  model: "d2l/lenet",
  mode: "forward",
  batch: 4,
  samplesMs,
  process: samplesMs.map(() => 0),
  firstStepsMs,
  deviceMs: [],
  peakMemory: 0,
  notes: ["before"],
});

Deno.test("a step that the clock cannot tell was not measured, and says what to do", () => {
  const { samplesMs, process, failure } = judgeClock(tally([1, 0, 1]), 1);
  assertEquals([samplesMs, process], [[], []]);
  assertEquals(failure, "a step takes less than this browser's clock can tell (1 ms): choose a larger batch");
});

Deno.test("a step of few ticks says how many, one of fifty says nothing", () => {
  assertEquals(judgeClock(tally([4, 5, 6]), 1).notes, [
    "before",
    "a step is 5 ticks of this browser's clock (1 ms): a larger batch is told more exactly",
  ]);
  assertEquals(judgeClock(tally([50, 50, 50]), 1).notes, ["before"]);
});

Deno.test("whatever is left of what the clock judged is above zero, and as many samples as starts", () => {
  const times = fc.array(fc.integer({ min: 0, max: 100 }));
  fc.assert(fc.property(times, times, (samples, firsts) => {
    const { samplesMs, process, firstStepsMs } = judgeClock(tally(samples, firsts), 1);
    assertEquals(samplesMs.length, process.length);
    assert([...samplesMs, ...firstStepsMs].every((ms) => ms > 0));
  }));
});
