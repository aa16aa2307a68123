import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  byProcess,
  clusteredMedianInterval,
  drawnMedians,
  ratioInterval,
  seededRandom,
} from "../../../bench/report/bootstrap.ts";
import { hashSeed } from "../../../models/random.ts";
import { makeResult } from "./support.ts";

/** How often each value comes, as a share. */
function shares(logs: Float64Array): Map<number, number> {
  const values = [...logs].map((log) => Math.round(Math.exp(log)));
  return new Map([...Map.groupBy(values, (value) => value)].map(([value, all]) => [value, all.length / logs.length]));
}

Deno.test("medians of one process are drawn as Efron's formula says", () => {
  const n = 5;
  const found = shares(drawnMedians([[1, 2, 3, 4, 5]], seededRandom(1), 40_000));
  // The median of 5 is at most k where at least 3 draws are: a binomial tail with chance k / n.
  const choose = [1, 5, 10, 10, 5, 1];
  const atMost = (k: number) =>
    [3, 4, 5].reduce((sum, heads) => sum + (choose[heads] ?? 0) * (k / n) ** heads * (1 - k / n) ** (n - heads), 0);
  for (let k = 1; k <= n; k++) assertAlmostEquals(found.get(k) ?? 0, atMost(k) - atMost(k - 1), 0.01);
});

Deno.test("processes are drawn before samples", () => {
  // Three processes without noise of their own: the median of three draws of three is the middle one in 13 of 27.
  const found = shares(drawnMedians([[1, 1, 1], [2, 2, 2], [3, 3, 3]], seededRandom(1), 40_000));
  for (const [value, share] of [[1, 7 / 27], [2, 13 / 27], [3, 7 / 27]] as const) {
    assertAlmostEquals(found.get(value) ?? 0, share, 0.01);
  }
});

Deno.test("byProcess() takes the samples apart as they come", () => {
  assertEquals(byProcess({ samplesMs: [1, 2, 3, 4], process: [1, 0, 1, 2] }), [[1, 3], [2], [4]]);
});

Deno.test("ratioInterval() says the same each time, and scales with the head", () => {
  const [base, head] = [makeResult({ seed: 1 }), makeResult({ seed: 2 })];
  const interval = ratioInterval(base, head, { seed: 3 });
  assertEquals(ratioInterval(base, head, { seed: 3 }), interval);
  const doubled = ratioInterval(base, { ...head, samplesMs: head.samplesMs.map((ms) => 2 * ms) }, { seed: 3 });
  interval?.forEach((end, i) => assertAlmostEquals(doubled?.[i] ?? NaN, 2 * end, 1e-9));
});

Deno.test("ratioInterval() grows with its confidence and holds the ratio of a side to itself", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 2, max: 8 }),
      fc.nat(),
      (processes, samples, seed) => {
        const side = makeResult({ processes, samples, seed });
        const [low, high] = ratioInterval(side, side, { confidence: 0.9 }) ?? [NaN, NaN];
        const [lower, higher] = ratioInterval(side, side, { confidence: 0.99 }) ?? [NaN, NaN];
        assert(lower <= low && low <= 1 && 1 <= high && high <= higher, `${lower} ${low} ${high} ${higher}`);
      },
    ),
    { numRuns: 20 },
  );
});

Deno.test("nothing is said of a single sample", () => {
  const one = { samplesMs: [1], process: [0] };
  assertEquals(ratioInterval(one, makeResult()), undefined);
  assertEquals(ratioInterval(makeResult(), one), undefined);
  assertEquals(clusteredMedianInterval(one), undefined);
});

Deno.test("one process that is slower makes the interval wide, not the ratio proven", () => {
  const base = makeResult({ between: 0, seed: 1 });
  const odd = makeResult({ between: 0, seed: 2 });
  const head = { ...odd, samplesMs: odd.samplesMs.map((ms, i) => odd.process[i] === 2 ? 1.3 * ms : ms) };
  const [low, high] = ratioInterval(base, head) ?? [NaN, NaN];
  assert(low < 1 && high > 1.2, `${low} to ${high}`);
});

for (
  const [what, noise] of [
    ["within processes only", { between: 0, within: 0.02 }],
    ["between them only", { between: 0.02, within: 1e-6 }],
    ["of both", { between: 0.01, within: 0.02 }],
  ] as const
) {
  Deno.test(`the 95 % interval of a median holds the truth where noise is ${what}`, () => {
    const runs = 200;
    let held = 0;
    for (let seed = 0; seed < runs; seed++) {
      const sample = makeResult({ ...noise, processes: 5, samples: 6, seed: hashSeed(seed, what) });
      const [low, high] = clusteredMedianInterval(sample) ?? [NaN, NaN];
      if (low <= 20 && 20 <= high) held++;
    }
    // Five processes: 2 of 32 runs have all of them on one side of the truth, and no drawing mends that.
    assert(held / runs >= 0.91, `${held} of ${runs}`);
  });
}
