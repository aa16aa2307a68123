import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../cli/flags.ts";
import { describeModel, listModels } from "../../models/registry.ts";
import { parseFullTestOptions } from "../full/options.ts";

Deno.test("test:full takes every network, from small to large, and the golden files, where nothing is said", () => {
  const { models, isNarrowed } = parseFullTestOptions([]);
  assertEquals(models.toSorted(), listModels().sort());
  const macs = models.map((name) => describeModel(name).macs);
  assertEquals(macs, macs.toSorted((a, b) => a - b));
  assertEquals(isNarrowed, false);
});

Deno.test("test:full --models narrows the networks, with or without -- before it", () => {
  const expected = { models: ["d2l/bnlenet", "d2l/bnlenet_scratch"] as const, isNarrowed: true };
  assertEquals(parseFullTestOptions(["--models", "d2l/bnlenet*"]), { ...expected, models: [...expected.models] });
  assertEquals(parseFullTestOptions(["--", "--models=d2l/bnlenet*"]), { ...expected, models: [...expected.models] });
});

Deno.test("test:full refuses a glob that no network matches, and flags that it does not know", () => {
  const message = 'Expected --models to match a network but found "nothing*"';
  assertThrows(() => parseFullTestOptions(["--models", "nothing*"]), UsageError, message);
  assertThrows(() => parseFullTestOptions(["--model", "d2l/lenet"]), UsageError, "--models");
});
