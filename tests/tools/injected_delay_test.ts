import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { join } from "node:path";
import type { Comparison } from "../../bench/report/compare.ts";
import { delayed, tableOf } from "../../tools/injected_delay.ts";
import { ROOT } from "../../tools/jsr.ts";

const WORKLOADS = await Deno.readTextFile(join(ROOT, "bench", "workloads.ts"));

/** Milliseconds of a step of `text`, were it the workloads, whose work takes `ms` on a clock of its own. */
async function stepOf(text: string, ms: number): Promise<number> {
  const body = text.slice(text.indexOf("    async step() {"), text.indexOf("    dispose() {"));
  let now = 0;
  // The clock moves a little each time that it is read: a busy loop ends.
  const performance = { now: () => now += 0.001 };
  const result = { data: () => Promise.resolve([0]), dispose: () => {} };
  const run = () => {
    now += ms;
    return result;
  };
  const make = new Function("run", "performance", "batch", `return {${body}};`);
  const before = now;
  await make(run, performance, {}).step();
  return now - before;
}

Deno.test("each step takes the share longer", async () => {
  for (const share of [0.05, 0.1, 1]) {
    for (const ms of [20, 500]) {
      const [plain, slow] = [await stepOf(WORKLOADS, ms), await stepOf(delayed(WORKLOADS, share), ms)];
      assert(Math.abs(slow / plain - 1 - share) < 0.001, `${slow} beside ${plain}`);
    }
  }
});

Deno.test("a text without the step is refused", () => {
  assertThrows(() => delayed("nothing", 0.1), Error, "Expected bench/workloads.ts to have one step");
});

Deno.test("runs are counted result by result", () => {
  const run = (ratio: number, verdict: string, regression: boolean) =>
    ({
      rows: [{ name: "a forward", ratio, verdict, regression, base: { summary: { processes: 6 } } }],
    }) as unknown as Comparison;
  const table = tableOf([run(1.331, "slower", true), run(1, "~", false), run(1.331, "slower", false)]);
  assertEquals(table.split("\n").length, 3);
  assertStringIncludes(table, "| `a forward` | +21.0 % | 1 of 3 | 2 of 3 | 0 of 3 | 6.0 |");
});
