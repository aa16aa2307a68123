import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { seededRandom } from "../../bench/report/bootstrap.ts";
import { Dealt, logNormal, recorded, SAMPLES, simulate } from "../../tools/simulate_compare.ts";
import { makeResult } from "../bench/report/support.ts";
import { runDeno } from "../run_deno.ts";

const ALL = new Set(["simulated"]);

Deno.test("processes are dealt A B B A, the head's times so much longer", async () => {
  let drawn = 0;
  const source = new Dealt(() => Array.from({ length: 4 }, () => [++drawn]), 2, seededRandom(1));
  await source.measure(ALL, 3);
  const { base, head } = source.sides();
  assertEquals(base.results[0]?.samplesMs, [1, 4, 5]);
  assertEquals(head.results[0]?.samplesMs, [4, 6, 12]);
  assertEquals(base.results[0]?.process, [0, 1, 2]);
  source.forget();
  await source.measure(ALL, 1);
  assertEquals(source.sides().base.results[0]?.samplesMs, [9]);
  assertEquals(source.processes, 4);
});

Deno.test("recorded noise comes in neighbours, of processes and of samples", () => {
  const [processes, samples] = [12, 25];
  const result = {
    ...makeResult(),
    samplesMs: Array.from({ length: processes * samples }, (_, i) => 1000 * Math.floor(i / samples) + i % samples + 1),
    process: Array.from({ length: processes * samples }, (_, i) => Math.floor(i / samples)),
  };
  const draw = recorded(result);
  const random = seededRandom(7);
  const starts = new Set<number>();
  for (let i = 0; i < 200; i++) {
    const groups = draw(random);
    const first = Math.floor((groups[0]?.[0] ?? 0) / 1000);
    starts.add(first);
    for (const [g, group] of groups.entries()) {
      assertEquals(group.length, SAMPLES);
      const [from = 0] = group;
      assertEquals(group, Array.from({ length: SAMPLES }, (_, s) => from + s));
      assertEquals(Math.floor(from / 1000), first + g);
    }
  }
  // Every run of four of twelve processes comes up.
  assertEquals(starts.size, 9);
});

Deno.test("log-normal noise has the standard deviations that it is asked for", () => {
  const draw = logNormal(0.05, 0.02);
  const random = seededRandom(3);
  const means: number[] = [];
  const within: number[] = [];
  for (let i = 0; i < 500; i++) {
    for (const group of draw(random)) {
      const logs = group.map((ms) => Math.log(ms / 20));
      const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
      means.push(mean);
      within.push(logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (logs.length - 1));
    }
  }
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  assert(Math.abs(mean(within) / 0.02 ** 2 - 1) < 0.05);
  // A mean of ten keeps a tenth of the variance within.
  assert(Math.abs(mean(means.map((value) => value ** 2)) / (0.05 ** 2 + 0.02 ** 2 / 10) - 1) < 0.1);
});

Deno.test("quiet noise: no false alarm, and a slowdown of a tenth is found each time", async () => {
  const draw = logNormal(0.005, 0.01);
  const same = await simulate(draw, { slower: 1, threshold: 0.05 }, 25);
  assertEquals(same, { regression: 0, suspected: 0, processes: 6 });
  const slow = await simulate(draw, { slower: 1.1, threshold: 0.05 }, 25);
  assertEquals([slow.regression, slow.processes], [1, 12]);
});

Deno.test("the tool prints a table, and refuses what is no number of trials", async () => {
  const wrong = await runDeno(["tools/simulate_compare.ts", "--trials", "none"]);
  assertEquals([wrong.code, wrong.stdout], [2, ""]);
  assertStringIncludes(wrong.stderr, "Expected --trials to be a positive integer but found none");
  const { code, stdout } = await runDeno(["tools/simulate_compare.ts", "--trials", "1"]);
  assertEquals(code, 0);
  assertEquals(stdout.trim().split("\n").length, 4 + 5);
});
