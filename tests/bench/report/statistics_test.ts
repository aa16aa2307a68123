import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { coinCdf, normalCdf, studentQuantile } from "../../../bench/report/distributions.ts";
import { holm, mannWhitney } from "../../../bench/report/mann_whitney.ts";
import { fewestSamples, geometricMean, median, medianInterval } from "../../../bench/report/median.ts";
import scipy from "../../fixtures/statistics.json" with { type: "json" };

const close = (actual: number, expected: number, relative: number, what: string) =>
  assert(Math.abs(actual - expected) <= relative * Math.abs(expected) + 2e-16, `${what}: ${actual} for ${expected}`);

Deno.test("distributions are scipy's", () => {
  for (const [z = 0, p = 0] of scipy.normal) close(normalCdf(z), p, 1e-8, `normal ${z}`);
  for (const [p = 0, df = 0, t = 0] of scipy.student) close(studentQuantile(p, df), t, 1e-7, `t ${p} ${df}`);
  // Beyond a thousand tosses the normal distribution stands in.
  for (const [k = 0, n = 0, p = 0] of scipy.coin) close(coinCdf(k, n), p, n > 1000 ? 2e-3 : 1e-10, `coin ${k} ${n}`);
});

for (const [method, cases] of Map.groupBy(scipy.mannWhitney, ({ method }) => method)) {
  Deno.test(`mannWhitney() is scipy's, ${method}`, () => {
    for (const { x, y, u, p } of cases) {
      const found = mannWhitney(x, y);
      assertEquals(found.u, u);
      // More pairs than are counted: so far out the normal distribution errs on the side of caution.
      if (method === "beyond") assert(found.p > 0.95 * p && found.p < 3 * p, `${found.p} for ${p}`);
      else close(found.p, p, 1e-7, `${x.length} and ${y.length}`);
    }
  });
}

Deno.test("mannWhitney() tells nothing of equal samples", () => {
  assertEquals(mannWhitney([1, 1, 1], [1, 1, 1]), { u: 4.5, superiority: 0.5, p: 1 });
  const many = new Array<number>(50).fill(1);
  assertEquals(mannWhitney(many, many).p, 1);
});

const samples = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 12 });

Deno.test("mannWhitney() says the same of both directions and of any unit", () => {
  fc.assert(fc.property(samples, samples, (x, y) => {
    const [there, back] = [mannWhitney(x, y), mannWhitney(y, x)];
    assertAlmostEquals(there.p, back.p, 1e-12);
    assertEquals(there.u + back.u, x.length * y.length);
    const logs = mannWhitney(x.map(Math.log), y.map(Math.log));
    assertEquals([logs.u, logs.p], [there.u, there.p]);
    assert(there.p > 0 && there.p <= 1);
  }));
});

Deno.test("mannWhitney() throws on no samples", () => {
  assertThrows(() => mannWhitney([], [1]), RangeError, "Expected samples on both sides but found none");
});

Deno.test("holm() is the definition's", () => {
  for (const { p, adjusted } of scipy.holm) {
    holm(p).forEach((value, i) => assertAlmostEquals(value, adjusted[i] ?? NaN, 1e-12));
  }
  assertEquals(holm([]), []);
  // The example of R's p.adjust.
  assertEquals(holm([0.01, 0.04, 0.03]).map((p) => Number(p.toFixed(6))), [0.03, 0.06, 0.06]);
});

Deno.test("holm() makes no p smaller and keeps their order", () => {
  fc.assert(fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (ps) => {
    const adjusted = holm(ps);
    adjusted.forEach((p, i) => {
      assert(p >= (ps[i] ?? 0) && p <= 1);
      adjusted.forEach((q, j) => assert((ps[i] ?? 0) > (ps[j] ?? 0) || p <= q));
    });
  }));
});

Deno.test("medianInterval() is scipy's", () => {
  for (const { x, confidence, median: middle, interval: [low, high] } of scipy.median) {
    assertEquals(median(x), middle);
    const expected = low == null || high == null ? undefined : [low, high];
    assertEquals(
      medianInterval(x, confidence),
      expected as [number, number] | undefined,
      `${x.length} at ${confidence}`,
    );
  }
});

Deno.test("medianInterval() needs six samples for 95 % and eight for 99 %", () => {
  for (const [confidence, least] of [[0.95, 6], [0.99, 8]] as const) {
    assertEquals(fewestSamples(confidence), least);
    assertEquals(medianInterval(Array(least - 1).fill(1), confidence), undefined);
    assertEquals(medianInterval(Array(least).fill(1), confidence), [1, 1]);
  }
});

Deno.test("medianInterval() holds the median whatever the samples", () => {
  fc.assert(fc.property(fc.array(fc.double({ min: 0.1, max: 1e6, noNaN: true }), { minLength: 6 }), (x) => {
    const [low, high] = medianInterval(x) ?? [NaN, NaN];
    assert(low <= median(x) && median(x) <= high);
  }));
});

Deno.test("geometricMean() is scipy's; of nothing there is none", () => {
  assertAlmostEquals(geometricMean(scipy.geometricMean.x), scipy.geometricMean.mean, 1e-12);
  assertEquals([geometricMean([]), median([])], [NaN, NaN]);
});
