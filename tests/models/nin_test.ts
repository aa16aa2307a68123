import { assertEquals, assertThrows } from "@std/assert";
import { describe } from "../../models/describe.ts";
import { nin } from "../../models/nin.ts";
import { describeModel } from "../../models/registry.ts";
import counts from "../fixtures/counts/nin.json" with { type: "json" };
import { GOLDENS } from "./full/vgg.ts";
import { testGolden } from "./golden_case.ts";
import { compareCounts } from "./torch_counts.ts";

compareCounts(counts);

testGolden("d2l_nin_tiny", GOLDENS.d2l_nin_tiny);
testGolden("d2l_nin", GOLDENS.d2l_nin, ["wasm"]);

Deno.test("NiN has no linear layer, and one map for each class", () => {
  const { layers } = describe(nin({ classes: 7 }), { inputShape: [224, 224, 1] });
  assertEquals(layers.some(({ type }) => type === "Linear"), false);
  assertEquals(layers.at(-3)?.outputShape, [null, 5, 5, 7]);
  assertEquals(layers.at(-1)?.outputShape, [null, 7]);
});

Deno.test("NiN has the same weights for every size from 67 pixels on", () => {
  const { params } = describeModel("d2l/nin");
  assertEquals(describeModel("d2l/nin", { inputShape: [67, 300, 1] }).params, params);
  assertThrows(
    () => describeModel("d2l/nin", { inputShape: [66, 300, 1] }),
    RangeError,
    "Expected inputShape[0] to be at least 67 for d2l/nin but found 66",
  );
});

Deno.test("nin() refuses channels and classes that are no positive integers", () => {
  assertThrows(() => nin({ channels: [96, 0, 384] }), RangeError, "Expected channels[1] of nin() to be greater than 0");
  assertThrows(() => nin({ classes: 2.5 }), RangeError, "Expected classes of nin() to be of type int but found 2.5");
});
