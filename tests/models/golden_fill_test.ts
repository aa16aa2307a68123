import { assertEquals } from "@std/assert";
import expected from "../fixtures/golden/fill_check.json" with { type: "json" };
import { type GoldenParameter, images, parameterValues, runningMean, runningVar, u } from "./golden_fill.ts";

Deno.test("the hash that fills golden nets gives Python's numbers", () => {
  for (const { k, first8 } of expected.u) assertEquals(first8.map((_, i) => u(k, i)), first8);
});

Deno.test("parameters, moving statistics and images are filled as in Python", () => {
  for (const { values, ...parameter } of expected.tensors) {
    assertEquals(Array.from(parameterValues({ name: "", ...parameter } as GoldenParameter)), values);
  }
  assertEquals(Array.from(images(expected.x.shape as [number, number, number, number])), expected.x.values);
  const { j, mean, var: variance } = expected.running;
  assertEquals(Array.from(runningMean(j, 4)), mean);
  assertEquals(Array.from(runningVar(j, 4)), variance);
});
