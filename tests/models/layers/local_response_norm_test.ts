import { assertEquals } from "@std/assert";
import { buildModel } from "../../../models/build.ts";
import { named } from "../../../models/block.ts";
import { LocalResponseNorm, type LocalResponseNormConfig } from "../../../models/layers/local_response_norm.ts";
import * as nn from "../../../models/nn.ts";
import { testLikeTorch, testRefusals } from "./support.ts";

testLikeTorch("LocalResponseNorm", "localResponseNorm");

const lrn = (config: Partial<LocalResponseNormConfig> = {}) => new LocalResponseNorm({ name: "n", size: 5, ...config });

Deno.test("LocalResponseNorm has PyTorch's defaults", () => {
  assertEquals(lrn().options, { size: 5, alpha: 1e-4, beta: 0.75, k: 1 });
  assertEquals(lrn().typeName(), "LocalResponseNorm");
});

Deno.test("LocalResponseNorm keeps the shape, holds no weights and counts no multiply-accumulates", () => {
  assertEquals(lrn().computeOutputShape([null, 5, 6, 7]), [null, 5, 6, 7]);
  assertEquals(lrn().weightSpecs([null, 5, 6, 7]), []);
  assertEquals(lrn().macs([null, 5, 6, 7]), 0);
});

testRefusals("LocalResponseNorm", [
  ["no neighbours", () => lrn({ size: 0 }), "Expected size of n to be greater than 0 but found 0"],
  ["half a neighbour", () => lrn({ size: 2.5 }), "Expected size of n to be of type int but found 2.5"],
  ["a NaN alpha", () => lrn({ alpha: NaN }), "Expected alpha of n to be of type number but found NaN"],
  [
    "features in place of an image",
    () => buildModel(named({ n: nn.localResponseNorm({ size: 3 }) }), { inputShape: [4] }),
    "Expected the input of n to have shape [batch, height, width, channels] but found [null, 4]",
  ],
]);
