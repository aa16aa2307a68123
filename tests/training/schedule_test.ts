import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { constantRate, cosineDecay, type LearningRateSchedule, stepDecay, warmUp } from "../../training/schedule.ts";
import fixture from "../fixtures/training_parts.json" with { type: "json" };

const cosine = cosineDecay(0.2, { steps: 10, minimum: 0.01 });
const SCHEDULES: Record<keyof typeof fixture.schedules, LearningRateSchedule> = {
  torchCosine: cosine,
  torchWarmUpCosine: warmUp(cosine, { steps: 4, from: 0.1 * 0.2 }),
  torchStep: stepDecay(0.2, { every: 3, factor: 0.5 }),
  timmCosine: warmUp(cosine, { steps: 4, from: 0.02, prefix: false }),
  timmCosinePrefix: warmUp(cosine, { steps: 4, from: 0.02 }),
  timmStep: warmUp(stepDecay(0.2, { every: 2.4, factor: 0.97 }), { steps: 3, from: 0.001 }),
};

for (const [name, schedule] of Object.entries(SCHEDULES)) {
  Deno.test(`the schedule ${name} gives PyTorch's or timm's rates`, () => {
    for (const [step, expected] of fixture.schedules[name as keyof typeof SCHEDULES].entries()) {
      assertAlmostEquals(schedule(step), expected, 1e-11, `at step ${step}`);
    }
  });
}

Deno.test("constantRate() gives its rate, and warms up as any other", () => {
  assertEquals([0, 1, 10_000].map(constantRate(0.3)), [0.3, 0.3, 0.3]);
  assertEquals([0, 1, 2, 3].map(warmUp(constantRate(1), { steps: 2 })), [0, 0.5, 1, 1]);
  assertEquals([0, 1].map(warmUp(constantRate(1), { steps: 0 })), [1, 1]);
});

Deno.test("a cosine with warm-up rises, then falls, and stays between its ends", () => {
  const count = fc.integer({ min: 1, max: 200 });
  fc.assert(fc.property(count, count, fc.double({ min: 0, max: 1, noNaN: true }), (warm, steps, minimum) => {
    const schedule = warmUp(cosineDecay(1, { steps, minimum }), { steps: warm });
    const rates = Array.from({ length: warm + steps + 5 }, (_, step) => schedule(step));
    for (const [step, rate] of rates.entries()) {
      const before = rates[step - 1] ?? 0;
      assert(step <= warm ? rate >= before : rate <= before, `${before} then ${rate} at step ${step}`);
      assert(rate <= 1 && (step < warm || rate >= minimum - 1e-15), `${rate} at step ${step}`);
    }
    assertEquals(rates[warm], 1);
    assertAlmostEquals(rates.at(-1) ?? NaN, minimum, 1e-12);
  }));
});

for (
  const [title, run, message] of [
    [
      "a negative rate",
      () => cosineDecay(-1, { steps: 3 }),
      "Expected rate of cosineDecay() to be at least 0 but found -1",
    ],
    ["a NaN rate", () => constantRate(NaN), "Expected rate of constantRate() to be of type number but found NaN"],
    [
      "no steps",
      () => cosineDecay(1, { steps: 0 }),
      "Expected steps of cosineDecay() to be greater than 0 but found 0",
    ],
    [
      "a negative minimum",
      () => cosineDecay(1, { steps: 1, minimum: -1 }),
      "Expected minimum of cosineDecay() to be at least 0 but found -1",
    ],
    [
      "falls at every 0 steps",
      () => stepDecay(1, { every: 0 }),
      "Expected every of stepDecay() to be greater than 0 but found 0",
    ],
    [
      "half a step of warm-up",
      () => warmUp(constantRate(1), { steps: 0.5 }),
      "Expected steps of warmUp() to be of type int but found 0.5",
    ],
  ] as const
) {
  Deno.test(`a schedule refuses ${title}`, () => {
    assertEquals((assertThrows(run, RangeError) as Error).message, message);
  });
}
