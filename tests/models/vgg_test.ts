import { assertEquals, assertThrows } from "@std/assert";
import { describe } from "../../models/describe.ts";
import { describeModel } from "../../models/registry.ts";
import { vgg, VGG_BLOCKS, vggBlock, type VggConfig } from "../../models/vgg.ts";
import counts from "../fixtures/counts/vgg.json" with { type: "json" };
import { GOLDENS } from "./full/vgg.ts";
import { testGolden } from "./golden_case.ts";
import { compareCounts } from "./torch_counts.ts";

compareCounts(counts);

testGolden("d2l_vgg_tiny", GOLDENS.d2l_vgg_tiny);
testGolden("tv_vgg_bn_tiny", GOLDENS.tv_vgg_bn_tiny);

Deno.test("VGG-n has n layers with weights", () => {
  for (const [depth, blocks] of Object.entries(VGG_BLOCKS)) {
    for (const definition of ["d2l", "torchvision"] as const) {
      const { layers } = describe(vgg({ blocks, definition }), { inputShape: [224, 224, 3] });
      assertEquals(layers.filter(({ params }) => params > 0).length, Number(depth));
    }
  }
});

Deno.test("torchvision's VGG has the same weights for every size, the book's does not", () => {
  const params = (name: "d2l/vgg11" | "torchvision/vgg11", height: number, width: number) =>
    describeModel(name, { inputShape: [height, width, 3], classes: 10 }).params;
  assertEquals(params("torchvision/vgg11", 96, 160), params("torchvision/vgg11", 224, 224));
  // 3·5 instead of 7·7 places of 512 channels, each with 4,096 weights.
  assertEquals(params("d2l/vgg11", 224, 224) - params("d2l/vgg11", 96, 160), (49 - 15) * 512 * 4096);
});

Deno.test("VGG's layers say so where an image is smaller than torchvision's min_size", () => {
  for (const name of ["d2l/vgg19", "torchvision/vgg16_bn"] as const) {
    describeModel(name, { inputShape: [32, 32, 3] });
    assertThrows(
      () => describeModel(name, { inputShape: [32, 31, 3] }),
      RangeError,
      `Expected inputShape[1] to be at least 32 for ${name} but found 31`,
    );
  }
});

Deno.test("dropout is the rate of both hidden layers", () => {
  const model = vgg({ blocks: [[1, 4]], features: 8, dropout: 0.25 });
  const types = describe(model, { inputShape: [4, 4, 1] }).layers.map(({ type }) => type);
  assertEquals(types.slice(4), ["Linear", "ReLU", "Dropout", "Linear", "ReLU", "Dropout", "Linear"]);
});

const WRONG: [string, VggConfig, string][] = [
  ["no blocks", { blocks: [] }, "Expected blocks of vgg() to have at least 1 entries but found []"],
  ["a block without convolutions", { blocks: [[0, 64]] }, "Expected blocks[0][0] of vgg() to be greater than 0"],
  ["a fraction of a channel", { blocks: [[1, 0.5]] }, "Expected blocks[0][1] of vgg() to be of type int but found 0.5"],
  ["no classes", { classes: 0 }, "Expected classes of vgg() to be greater than 0 but found 0"],
  ["a dropout rate of one", { dropout: 1 }, "Expected dropout of vgg() to be less than 1 but found 1"],
];
for (const [what, config, message] of WRONG) {
  Deno.test(`vgg() refuses ${what}`, () => {
    assertThrows(() => vgg(config), RangeError, message);
  });
}

Deno.test("vggBlock() refuses no convolutions, and vgg() options that do not exist", () => {
  assertThrows(() => vggBlock(0, 64), RangeError, "Expected convolutions of vggBlock() to be greater than 0");
  assertThrows(() => vgg({ block: 1 } as VggConfig), TypeError, 'to be known but found "block"');
});
