import { assertEquals } from "@std/assert";
import { AdaptiveAvgPool2d, type AdaptiveAvgPool2dConfig } from "../../../models/layers/adaptive_avg_pool2d.ts";
import { testLikeTorch, testRefusals } from "./support.ts";

testLikeTorch("AdaptiveAvgPool2d", "adaptiveAvgPool2d");

const pool = (outputSize?: AdaptiveAvgPool2dConfig["outputSize"]) =>
  new AdaptiveAvgPool2d({ name: "p", ...(outputSize === undefined ? {} : { outputSize }) });

Deno.test("AdaptiveAvgPool2d averages everything where no size is given", () => {
  assertEquals(pool().computeOutputShape([null, 7, 9, 512]), [null, 1, 1, 512]);
});

Deno.test("AdaptiveAvgPool2d has the output that was asked for, whatever the input", () => {
  assertEquals(pool([2, 3]).computeOutputShape([4, 7, 9, 5]), [4, 2, 3, 5]);
  assertEquals(pool(6).computeOutputShape([null, 2, 9, 5]), [null, 6, 6, 5]);
});

Deno.test("AdaptiveAvgPool2d holds no weights and counts no multiply-accumulates", () => {
  assertEquals(pool().weightSpecs([null, 7, 7, 2]), []);
  assertEquals(pool().macs([null, 7, 7, 2]), 0);
  assertEquals(pool().typeName(), "AdaptiveAvgPool2d");
});

testRefusals("AdaptiveAvgPool2d", [
  ["an output of nothing", () => pool(0), "Expected outputSize of p to be greater than 0 but found 0"],
  ["a negative output", () => pool([2, -1]), "Expected outputSize[1] of p to be greater than 0 but found -1"],
  ["half an output", () => pool(2.5), "Expected outputSize of p to be of type int but found 2.5"],
  [
    "features in place of an image",
    () => pool().computeOutputShape([null, 3]),
    "Expected the input of p to have shape [batch, height, width, channels] but found [null, 3]",
  ],
]);
