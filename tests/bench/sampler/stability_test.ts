import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { isStable, STABILITY, warmUpState } from "../../../bench/sampler/stability.ts";

const repeat = (value: number, times: number): number[] => Array<number>(times).fill(value);

Deno.test("steps are stable where the last five have the median of the five before, within 5 %", () => {
  assertEquals(isStable([...repeat(100, 5), ...repeat(104, 5)], STABILITY), true);
  assertEquals(isStable([...repeat(100, 5), ...repeat(106, 5)], STABILITY), false);
  assertEquals(isStable([...repeat(106, 5), ...repeat(100, 5)], STABILITY), false);
});

Deno.test("an outlier in each window leaves them stable: they are compared by their medians", () => {
  assertEquals(isStable([100, 900, 101, 99, 100, 100, 101, 700, 99, 100], STABILITY), true);
});

Deno.test("what was before the two windows does not count", () => {
  assertEquals(isStable([5000, 3000, 800, ...repeat(100, 10)], STABILITY), true);
});

Deno.test("of few steps the later half is held against the earlier one, a single step is never stable", () => {
  assertEquals(isStable([], STABILITY), false);
  assertEquals(isStable([100], STABILITY), false);
  assertEquals(isStable([100, 103], STABILITY), true);
  assertEquals(isStable([300, 103], STABILITY), false);
  assertEquals(isStable([300, 103, 101], STABILITY), true);
});

Deno.test("stability does not depend on the unit of time", () => {
  const steps = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 2, maxLength: 30 });
  fc.assert(fc.property(steps, (steps) => {
    const scaled = steps.map((ms) => ms * 1024);
    assertEquals(isStable(scaled, STABILITY), isStable(steps, STABILITY));
  }));
});

Deno.test("a warm-up goes on until a second has gone, however even its steps are", () => {
  assertEquals(warmUpState(repeat(10, 99), STABILITY), "go on");
  assertEquals(warmUpState(repeat(10, 100), STABILITY), "stable");
});

Deno.test("a warm-up that compiles goes on until the compiled code has the say in both windows", () => {
  // In the earlier window there are two compiled steps, then three.
  assertEquals(warmUpState([...repeat(160, 8), ...repeat(40, 7)], STABILITY), "go on");
  assertEquals(warmUpState([...repeat(160, 8), ...repeat(40, 8)], STABILITY), "stable");
});

Deno.test("a warm-up that does not become stable is given up after ten seconds, and two steps", () => {
  const doubling = [300, 600, 1200, 2400, 4800];
  assertEquals(warmUpState(doubling, STABILITY), "go on");
  assertEquals(warmUpState([...doubling, 9600], STABILITY), "give up");
  assertEquals(warmUpState([20_000], STABILITY), "go on");
  assertEquals(warmUpState([20_000, 11_000], STABILITY), "give up");
});
