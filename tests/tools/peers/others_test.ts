import { assert, assertEquals } from "@std/assert";
import { othersBetween, parseProcess, parseStat, readTicks } from "../../../tools/peers/others.ts";

Deno.test("idle and waiting for a disk are not busy, what a hypervisor took is; guests are not counted twice", () => {
  const text = "cpu  100 20 30 800 50 1 2 7 90 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n";
  assertEquals(parseStat(text), { total: 1010, busy: 160 });
});

Deno.test("a process' ticks are found behind a name with blanks and brackets", () => {
  assertEquals(parseProcess("7 (a ) name) S 1 7 7 0 -1 4194560 1 0 0 0 250 50 9 9 20 0 3 0 5 0 0"), 300);
});

Deno.test("what neither idled nor was ours went to others", () => {
  const before = { total: 1000, busy: 400, own: 100 };
  assertEquals(othersBetween(before, { total: 1200, busy: 550, own: 220 }), 30 / 200);
  // Clocks of the two files are read one after the other: ours may be ahead.
  assertEquals(othersBetween(before, { total: 1200, busy: 550, own: 260 }), 0);
  assertEquals([othersBetween(undefined, before), othersBetween(before, before)], [null, null]);
});

/** Deno reads /proc with all permissions only, which a test has not. */
async function cat(path: string): Promise<string> {
  const { success, stdout } = await new Deno.Command("cat", { args: [path], stderr: "null" }).output();
  if (!success) throw new Deno.errors.NotFound(path);
  return new TextDecoder().decode(stdout);
}

Deno.test({
  name: "this process' own ticks are part of what is busy; a process that has ended leaves nothing known",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const ticks = await readTicks([Deno.pid], cat);
    assert(ticks !== undefined && ticks.own > 0 && ticks.own <= ticks.busy && ticks.busy < ticks.total);
    assertEquals(await readTicks([2 ** 30], cat), undefined);
  },
});
