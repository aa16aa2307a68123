import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../../backends/select.ts";
import { named, sequential } from "../../models/block.ts";
import { buildModel } from "../../models/build.ts";
import { describeModel } from "../../models/registry.ts";
import { residualBlock } from "../../models/residual.ts";
import { resNet, type ResNetConfig, resNetEntries } from "../../models/resnet.ts";
import { stateDict } from "../../models/state_dict.ts";
import counts from "../fixtures/counts/resnet.json" with { type: "json" };
import { FULL_GOLDENS, GOLDENS } from "./full/resnet.ts";
import { testFullGolden, testGolden } from "./golden_case.ts";
import { compareCounts } from "./torch_counts.ts";

/** A block of the book in a net of its own, as its goldens have it. */
const alone = (config: Parameters<typeof residualBlock>[0]) => () => named({ net: sequential(residualBlock(config)) });

compareCounts(counts, {
  "d2l/residual_3": alone({ channels: 3 }),
  "d2l/residual_6_1x1_s2": alone({ channels: 6, stride: 2 }),
});

testGolden("d2l_resnet_tiny", GOLDENS.d2l_resnet_tiny);
testGolden("d2l_resnet18", GOLDENS.d2l_resnet18, ["wasm"]);
// Half a minute of plain JavaScript each: wasm only.
testGolden("tv_resnet_basic_tiny", GOLDENS.tv_resnet_basic_tiny, ["wasm"]);
testGolden("tv_resnet_bottleneck_tiny", GOLDENS.tv_resnet_bottleneck_tiny, ["wasm"]);
testFullGolden("full_tv_resnet18", FULL_GOLDENS.full_tv_resnet18);

Deno.test("the catalog's entries have their sources' sizes", () => {
  for (const [name, { inputShape: [height, width, channels], classes }] of Object.entries(resNetEntries)) {
    const expected = counts[name as keyof typeof resNetEntries];
    assertEquals({ input_shape: [1, channels, height, width], classes }, {
      input_shape: expected.input_shape,
      classes: expected.classes,
    });
  }
});

for (
  const { last, ...config } of [
    { definition: "d2l", last: "bn2" },
    { definition: "torchvision", last: "bn2" },
    { definition: "torchvision", block: "bottleneck", last: "bn3" },
  ] as const
) {
  Deno.test(`zeroInitResidual starts the last gamma of each branch at zero: ${JSON.stringify(config)}`, async () => {
    await useBackend("cpu");
    const before = tf.memory().numTensors;
    const block = resNet({ ...config, depths: [2, 1], widths: [4, 8], zeroInitResidual: true });
    const model = buildModel(block, { inputShape: [32, 32, 3] });
    const gammas = Object.entries(await stateDict(model)).filter(([key]) =>
      /(bn\d|downsample\.1|net\.0\.1)\.weight$/.test(key)
    );
    const zero = gammas.filter(([, { data }]) => data.every((value) => value === 0)).map(([key]) => key);
    const one = gammas.filter(([, { data }]) => data.every((value) => value === 1)).map(([key]) => key);
    const stages = config.definition === "d2l"
      ? ["net.1.0", "net.1.1", "net.2.0"]
      : ["layer1.0", "layer1.1", "layer2.0"];
    assertEquals(zero, stages.map((path) => `${path}.${last}.weight`));
    assertEquals(one.length, gammas.length - zero.length);
    model.dispose();
    assertEquals(tf.memory().numTensors, before);
  });
}

Deno.test("resNet() throws where options do not fit each other", () => {
  const cases: [config: ResNetConfig, message: string][] = [
    [{ classes: 0 }, "Expected classes of resNet() to be greater than 0 but found 0"],
    [{ depths: [] }, "Expected depths of resNet() to have at least 1 entries but found []"],
    [{ depths: [2, 2] }, "Expected depths and widths of resNet() to have one entry per stage but found 2 and 4"],
    [
      { block: "bottleneck" },
      `Expected block of resNet() to be "basic" in the book's definition but found "bottleneck"`,
    ],
    [
      { definition: "torchvision", groups: 32 },
      "Expected groups 1 and widthPerGroup 64 of resNet() for basic blocks but found 32 and 64",
    ],
    [
      { definition: "torchvision", block: "bottleneck", widths: [8, 16, 32, 64], widthPerGroup: 4 },
      "Expected widthPerGroup of resNet() to be at least 8 for a stage of width 8 but found 4",
    ],
  ];
  for (const [config, message] of cases) assertThrows(() => resNet(config), RangeError, message);
  assertThrows(() => resNet({ depths: "2" } as unknown as ResNetConfig), TypeError, "Expected depths of resNet()");
});

Deno.test("an unknown ResNet is answered with the nearest name", () => {
  assertThrows(
    () => describeModel("torchvision/resnet51" as "torchvision/resnet50"),
    RangeError,
    "torchvision/resnet50",
  );
});
