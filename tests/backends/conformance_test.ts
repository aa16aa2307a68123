import { assert, assertEquals } from "@std/assert";
import { conformance, judge } from "../../tools/conformance.ts";
import { CASES } from "../../tools/conformance/cases.ts";
import { KNOWN_GAPS } from "../../tools/conformance/known.ts";

Deno.test("82 conformance cases, each with a name of its own: at least 77 pass, the rest are known gaps", async () => {
  assertEquals(new Set(CASES.map(({ name }) => name)).size, 82);
  const verdicts = await conformance();
  assertEquals(verdicts.filter(({ verdict }) => verdict !== "passes" && verdict !== "known"), []);
  assert(verdicts.filter(({ verdict }) => verdict === "passes").length >= 77);
});

Deno.test("every known gap is the name of a case", () => {
  const names = CASES.map(({ name }) => name);
  assertEquals([...KNOWN_GAPS.keys()].filter((name) => !names.includes(name)), []);
});

Deno.test("judge() excuses a known gap only while it fails in the known way", () => {
  const message = KNOWN_GAPS.get("einsum")?.message ?? "";
  assertEquals(judge("einsum", `forward: ${message}`).verdict, "known");
  assertEquals(judge("einsum", "forward differs by 1").verdict, "fails");
  assertEquals(judge("einsum", undefined).verdict, "closed");
  assertEquals(judge("relu", "forward differs by NaN").verdict, "fails");
  assertEquals(judge("relu", undefined).verdict, "passes");
});
