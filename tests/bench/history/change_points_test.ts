import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { changePoints, FEWEST } from "../../../bench/history/change_points.ts";
import { hashSeed, normalValues } from "../../../models/random.ts";

/** Noise of standard deviation 1. */
const normals = (n: number, seed: number): number[] => [...normalValues(n, 1, seed)];
/** With the criterion that the paper and other libraries take. */
const published = (values: readonly number[]) =>
  changePoints(values, { minDistance: 1, penalty: 3 * Math.log(values.length) });
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

// perfolizer's own tests (EdPeltTests.cs, MIT); it names the last index of a level, this the first of the next.
for (
  const [what, values, lastOfLevels] of [
    ["noise", [3240, 3207, 2029, 3028, 3021, 2624, 3290, 2823, 3573], []],
    ["a step", [0, 0, 0, 0, 0, 100, 100, 100, 100], [4]],
    ["two steps", [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2], [5, 11]],
    ["1 to 1,000", upTo(1000), [15, 47, 79, 129, 204, 306, 432, 565, 691, 793, 868, 918, 950, 982]],
  ] as const
) {
  Deno.test(`changePoints() finds in ${what} what perfolizer does`, () => {
    assertEquals(published(values), lastOfLevels.map((index) => index + 1));
  });
}

Deno.test("changePoints() finds the fall of the Nile's flow in 1899, as R's changepoint does", () => {
  // Cobb 1978, R's datasets::Nile: 1871 to 1970. The dam at Aswan was begun in 1898.
  const nile = [
    ...[1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180, 799, 958, 1140],
    ...[1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701, 916, 692, 1020, 1050, 969],
    ...[831, 726, 456, 824, 702, 1120, 1100, 832, 764, 821, 768, 845, 864, 862, 698, 845, 744, 796, 1040, 759],
    ...[781, 865, 845, 944, 984, 897, 822, 1010, 771, 676, 649, 846, 812, 742, 801, 1040, 860, 874, 848, 890],
    ...[744, 749, 838, 1050, 918, 986, 797, 923, 975, 815, 1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740],
  ];
  assertEquals(changePoints(nile), [28]);
});

Deno.test("changePoints() sees ranks only: no scale and no monotone bend changes what it finds", () => {
  const values = [...normals(30, 1), ...normals(30, 2).map((value) => value + 4)];
  const found = changePoints(values);
  assertEquals(found.length, 1);
  assert(Math.abs((found[0] ?? 0) - 30) <= 1, String(found));
  assertEquals(changePoints(values.map((value) => 1000 * value - 7)), found);
  assertEquals(changePoints(values.map(Math.exp)), found);
});

Deno.test("one outlier, however far out, is no change", () => {
  const values = normals(40, 3);
  assertEquals(changePoints(values), []);
  assertEquals(changePoints(values.with(20, 1e9)), []);
});

Deno.test("of 400 series without a change fewer than eight show one, and a step of three deviations is found", () => {
  let [alarms, found] = [0, 0];
  for (let seed = 0; seed < 400; seed++) {
    const values = normals(50, hashSeed(seed, "noise"));
    if (changePoints(values).length > 0) alarms++;
    const stepped = values.map((value, i) => i < 42 ? value : value + 3);
    if (seed < 100 && changePoints(stepped).some((at) => Math.abs(at - 42) <= 1)) found++;
  }
  assert(alarms < 8, `${alarms} false alarms`);
  assert(found >= 90, `${found} found`);
});

Deno.test("changes are ascending, inside, and as far apart as is asked for", () => {
  const series = fc.array(fc.double({ min: 0.1, max: 10, noNaN: true }), { maxLength: 60 });
  fc.assert(fc.property(series, fc.integer({ min: 1, max: 6 }), (values, minDistance) => {
    const edges = [0, ...changePoints(values, { minDistance, penalty: 1 }), values.length];
    for (const [i, edge] of edges.slice(1).entries()) {
      const distance = edge - (edges[i] ?? 0);
      assert(edges.length === 2 || distance >= minDistance, `${edges}`);
    }
  }));
});

Deno.test("the best split of short series is the one that trying all of them finds", () => {
  // The pruned search against the definition: the cheapest of all sets of changes, costs from the same formula.
  const values = [5, 1, 4, 2, 9, 8, 7, 9, 1, 2, 1, 3];
  const penalty = 2;
  const n = values.length;
  const quantiles = Math.min(n, Math.ceil(4 * Math.log(n)));
  const sorted = values.toSorted((a, b) => a - b);
  const cost = (from: number, to: number) => {
    let sum = 0;
    for (let k = 0; k < quantiles; k++) {
      const z = -1 + (2 * k + 1) / quantiles;
      const quantile = sorted[Math.trunc((n - 1) / (1 + (2 * n - 1) ** -z))] ?? 0;
      const part = values.slice(from, to);
      const share = part.reduce((s, v) => s + (v < quantile ? 1 : v === quantile ? 0.5 : 0), 0) / part.length;
      for (const p of [share, 1 - share]) sum += p > 0 ? part.length * p * Math.log(p) : 0;
    }
    return -2 * Math.log(2 * n - 1) / quantiles * sum;
  };
  let best: { total: number; changes: number[] } = { total: Infinity, changes: [] };
  for (let mask = 0; mask < 2 ** (n - 1); mask++) {
    const changes = Array.from({ length: n - 1 }, (_, i) => i + 1).filter((at) => mask >> (at - 1) & 1);
    const edges = [0, ...changes, n];
    const total = changes.length * penalty + edges.slice(1).reduce((sum, to, i) => sum + cost(edges[i] ?? 0, to), 0);
    if (total < best.total - 1e-9) best = { total, changes };
  }
  assertEquals(changePoints(values, { minDistance: 1, penalty }), best.changes);
});

Deno.test("short series show no change, however clear; a little longer ones do", () => {
  const step = (n: number) => Array.from({ length: n }, (_, i) => (i < n / 2 ? 1 : 1e6) + i * 7 % 5);
  for (let n = 0; n < FEWEST; n++) assertEquals(changePoints(step(n)), []);
  assertEquals(changePoints(step(FEWEST + 2)), [6]);
});

Deno.test("changePoints() throws on what is no number, and on no distance", () => {
  assertThrows(() => changePoints([1, NaN]), RangeError, "Expected values[1] to be a finite number but found NaN");
  assertThrows(
    () => changePoints([1], { minDistance: 0 }),
    RangeError,
    "Expected minDistance to be a positive integer",
  );
});
