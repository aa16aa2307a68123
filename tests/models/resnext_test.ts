import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { named, sequential } from "../../models/block.ts";
import { describe } from "../../models/describe.ts";
import { resNeXt, resNeXtBlock, type ResNeXtConfig, resNeXtEntries } from "../../models/resnext.ts";
import counts from "../fixtures/counts/resnext.json" with { type: "json" };
import { GOLDENS } from "./full/resnet.ts";
import { testGolden } from "./golden_case.ts";
import { compareCounts } from "./torch_counts.ts";

/** The book's block in a net of its own, as its goldens have it. */
const alone = (config: Parameters<typeof resNeXtBlock>[0]) => () => named({ net: sequential(resNeXtBlock(config)) });

compareCounts(counts, {
  "d2l/resnext_block": alone({ channels: 32, groupWidth: 16 }),
  "d2l/resnext_block_1x1_s2": alone({ channels: 32, groupWidth: 16, stride: 2, projection: true }),
});

// A minute of plain JavaScript: wasm only.
testGolden("d2l_resnext_block", GOLDENS.d2l_resnext_block, ["wasm"]);
testGolden("d2l_resnext_block_1x1_s2", GOLDENS.d2l_resnext_block_1x1_s2);
testGolden("tv_resnext_tiny", GOLDENS.tv_resnext_tiny, ["wasm"]);

Deno.test("the catalog's entries of ResNeXt have torchvision's names and sizes", () => {
  const names = Object.keys(counts).filter((name) => name.startsWith("torchvision/"));
  assertEquals(Object.keys(resNeXtEntries), names);
  for (const { inputShape, classes } of Object.values(resNeXtEntries)) {
    assertEquals({ inputShape, classes }, { inputShape: [224, 224, 3], classes: 1000 });
  }
});

Deno.test("g groups divide a 3×3 convolution's multiply-accumulates and weights by g", () => {
  const conv2 = (channels: number, groupWidth: number) => {
    const { layers } = describe(resNeXtBlock({ channels, groupWidth }), { inputShape: [6, 5, 7] });
    const row = layers.find(({ name }) => name === "conv2");
    return { macs: row?.macs ?? NaN, weights: (row?.params ?? NaN) - channels };
  };
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: 16 }), (groups, groupWidth) => {
      const channels = groups * groupWidth;
      const [one, grouped] = [conv2(channels, channels), conv2(channels, groupWidth)];
      assertEquals(one, { macs: 6 * 5 * 9 * channels ** 2, weights: 9 * channels ** 2 });
      assertEquals(grouped, { macs: one.macs / groups, weights: one.weights / groups });
    }),
  );
});

Deno.test("resNeXtBlock() throws where groups do not divide the bottleneck", () => {
  assertThrows(
    () => resNeXtBlock({ channels: 32, groupWidth: 16, bottleneck: 0.75 }),
    RangeError,
    "Expected groupWidth of resNeXtBlock() to divide the bottleneck's 24 channels but found 16",
  );
  assertThrows(
    () => resNeXtBlock({ channels: 32, groupWidth: 0 }),
    RangeError,
    "Expected groupWidth of resNeXtBlock() to be greater than 0 but found 0",
  );
});

Deno.test("resNeXt() throws in its own name", () => {
  assertThrows(() => resNeXt({ depths: [1] }), RangeError, "Expected depths and widths of resNeXt() to have one entry");
  assertThrows(
    () => resNeXt({ groups: 1.5 }),
    RangeError,
    "Expected groups of resNeXt() to be of type int but found 1.5",
  );
  assertThrows(
    () => resNeXt({ block: "basic" } as ResNeXtConfig),
    TypeError,
    'Expected options of resNeXt() to be known but found "block"',
  );
});
