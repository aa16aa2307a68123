import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { named, sequential } from "../../models/block.ts";
import { denseBlock, transitionBlock } from "../../models/dense_block.ts";
import { denseNet, DENSENETS } from "../../models/densenet.ts";
import { describe } from "../../models/describe.ts";
import { describeModel } from "../../models/registry.ts";
import counts from "../fixtures/counts/densenet.json" with { type: "json" };
import { FULL_GOLDENS, GOLDENS } from "./full/vgg.ts";
import { testFullGolden, testGolden } from "./golden_case.ts";
import { compareCounts } from "./torch_counts.ts";

compareCounts(counts, {
  "d2l/denseblock_2_10": () => named({ net: sequential(denseBlock(2, 10)) }),
  "d2l/transition_10": () => named({ net: sequential(transitionBlock(10)) }),
});

testGolden("d2l_densenet_tiny", GOLDENS.d2l_densenet_tiny);
testGolden("tv_densenet_tiny", GOLDENS.tv_densenet_tiny);
testGolden("d2l_densenet", GOLDENS.d2l_densenet, ["wasm"]);
testFullGolden("full_tv_densenet121", FULL_GOLDENS.full_tv_densenet121);

Deno.test("a dense block adds the growth rate once for each layer, and keeps height and width", () => {
  const count = fc.integer({ min: 1, max: 6 });
  fc.assert(
    fc.property(count, count, count, count, (layers, growthRate, channels, side) => {
      const { outputShape } = describe(denseBlock(layers, growthRate), { inputShape: [side, side + 1, channels] });
      assertEquals(outputShape, [null, side, side + 1, channels + layers * growthRate]);
    }),
  );
});

Deno.test("DenseNet-n has n layers with weights that are no BatchNorm", () => {
  for (const [name, variant] of Object.entries(DENSENETS)) {
    const { layers } = describe(denseNet({ definition: "torchvision", ...variant }), { inputShape: [224, 224, 3] });
    const count = layers.filter(({ type }) => type === "Conv2d" || type === "Linear").length;
    assertEquals(`densenet${count}`, name);
  }
});

Deno.test("torchvision's layers have dropout where it is asked for, and no such layer else", () => {
  const count = (options: { dropout?: number }) =>
    describeModel("torchvision/densenet121", options).layers.filter(({ type }) => type === "Dropout").length;
  assertEquals([count({}), count({ dropout: 0.2 })], [0, 6 + 12 + 24 + 16]);
});

Deno.test("DenseNet takes torchvision's min_size and no less", () => {
  for (const name of ["d2l/densenet", "torchvision/densenet201"] as const) {
    describeModel(name, { inputShape: [29, 29, 3] });
    assertThrows(
      () => describeModel(name, { inputShape: [29, 28, 3] }),
      RangeError,
      `Expected inputShape[1] to be at least 29 for ${name} but found 28`,
    );
  }
});

Deno.test("denseNet() and its blocks refuse numbers that are no positive integers", () => {
  assertThrows(() => denseNet({ layers: [] }), RangeError, "Expected layers of denseNet() to have at least 1 entries");
  assertThrows(() => denseNet({ layers: [4, 0] }), RangeError, "Expected layers[1] of denseNet() to be greater than 0");
  assertThrows(() => denseNet({ growthRate: 0 }), RangeError, "Expected growthRate of denseNet()");
  assertThrows(() => denseNet({ classes: 0 }), RangeError, "Expected classes of denseNet() to be greater than 0");
  assertThrows(() => denseBlock(0, 10), RangeError, "Expected layers of denseBlock() to be greater than 0");
});
