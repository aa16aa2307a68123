import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { Flatten } from "../../../models/layers/flatten.ts";
import { Linear, type LinearConfig } from "../../../models/layers/linear.ts";
import { testLikeTorch, testOnBackends, testRefusals, weights } from "./support.ts";

testLikeTorch("Linear", "linear");

const linear = (config: Partial<LinearConfig> = {}) => new Linear({ name: "l", units: 3, ...config });
const flatten = () => new Flatten({ name: "f" });

Deno.test("Linear declares its weights in PyTorch's order and shapes", () => {
  assertEquals(weights(linear(), [null, 8]), ["parameter weight [8,3] as [3,8]", "parameter bias [3] as [3]"]);
  assertEquals(weights(linear({ bias: false, flattenedFrom: [2, 2, 2] }), [null, 8]), [
    "parameter weight [8,3] as [3,8]",
  ]);
});

Deno.test("Linear has one output a unit and one multiply-accumulate a weight", () => {
  assertEquals(linear().computeOutputShape([null, 8]), [null, 3]);
  assertEquals(linear().macs([null, 8]), 24);
  assertEquals(linear().typeName(), "Linear");
});

Deno.test("Flatten has all of an image as features, holds no weights and counts no multiply-accumulates", () => {
  assertEquals(flatten().computeOutputShape([null, 5, 4, 3]), [null, 60]);
  assertEquals(flatten().computeOutputShape([2, 7]), [2, 7]);
  assertEquals(flatten().weightSpecs([null, 5, 4, 3]), []);
  assertEquals(flatten().macs([null, 5, 4, 3]), 0);
  assertEquals(flatten().typeName(), "Flatten");
});

testOnBackends("Flatten keeps an empty batch empty", () => {
  const x = tf.zeros([0, 2, 3, 4]);
  const y = flatten().call(x);
  assertEquals(y.shape, [0, 24]);
  tf.dispose([x, y]);
});

testRefusals("Flatten", [
  [
    "an image of unknown size",
    () => flatten().computeOutputShape([null, null, 5, 1]),
    "Expected the input of f to have known sizes but found [null, null, 5, 1]",
  ],
]);

testRefusals("Linear", [
  ["no units", () => linear({ units: 0 }), "Expected units of l to be greater than 0 but found 0"],
  ["negative units", () => linear({ units: -2 }), "Expected units of l to be greater than 0 but found -2"],
  ["half a unit", () => linear({ units: 0.5 }), "Expected units of l to be of type int but found 0.5"],
  [
    "units that are no number",
    () => linear({ units: "3" as unknown as number }),
    'Expected units of l to be of type number but found "3"',
    TypeError,
  ],
  [
    "an image in place of features",
    () => linear().computeOutputShape([null, 2, 2, 1]),
    "Expected the input of l to have shape [batch, features] but found [null, 2, 2, 1]",
  ],
  [
    "features of unknown number",
    () => linear().weightSpecs([null, null]),
    "Expected the input of l to have shape [batch, features] but found [null, null]",
  ],
  [
    "a map that was not flattened into these features",
    () => linear({ flattenedFrom: [2, 2, 2] }).weightSpecs([null, 7]),
    "Expected flattenedFrom of l to hold 7 features but found [2,2,2]",
  ],
  [
    "a map without channels",
    () => linear({ flattenedFrom: [2, 2, 0] }),
    "Expected flattenedFrom[2] of l to be greater than 0 but found 0",
  ],
]);
