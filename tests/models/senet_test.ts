import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../../backends/select.ts";
import type { Block } from "../../models/block.ts";
import { buildModel } from "../../models/build.ts";
import { describe } from "../../models/describe.ts";
import { StochasticDepth } from "../../models/layers/stochastic_depth.ts";
import { legacySeNet, legacySeNetEntries } from "../../models/legacy_senet.ts";
import { describeModel } from "../../models/registry.ts";
import { seNet, seNetEntries } from "../../models/senet.ts";
import counts from "../fixtures/counts/senet.json" with { type: "json" };
import { FULL_GOLDENS, GOLDENS } from "./full/resnet.ts";
import { testFullGolden, testGolden } from "./golden_case.ts";
import { compareCounts } from "./torch_counts.ts";

compareCounts(counts);

// Half a minute of plain JavaScript each: wasm only.
testGolden("timm_seresnet_tiny", GOLDENS.timm_seresnet_tiny, ["wasm"]);
testGolden("timm_legacy_seresnet_tiny", GOLDENS.timm_legacy_seresnet_tiny, ["wasm"]);
testGolden("timm_legacy_seresnet_basic_tiny", GOLDENS.timm_legacy_seresnet_basic_tiny, ["wasm"]);
testGolden("timm_legacy_senet_tiny", GOLDENS.timm_legacy_senet_tiny, ["wasm"]);
testFullGolden("full_timm_legacy_seresnet50", FULL_GOLDENS.full_timm_legacy_seresnet50);

Deno.test("the catalog's entries of SE nets have timm's names and sizes", () => {
  const entries = { ...seNetEntries, ...legacySeNetEntries };
  assertEquals(Object.keys(entries), Object.keys(counts));
  for (const { inputShape, classes } of Object.values(entries)) {
    assertEquals({ inputShape, classes }, { inputShape: [224, 224, 3], classes: 1000 });
  }
});

Deno.test("stochastic depth grows linearly from nothing in the first block to its rate in the last", async () => {
  await useBackend("cpu");
  const before = tf.memory().numTensors;
  const block = seNet({ block: "basic", depths: [2, 1, 2], widths: [4, 4, 4], stochasticDepth: 0.2, classes: 3 });
  const model = buildModel(block, { inputShape: [16, 16, 3] });
  const found = model.layers.flatMap((layer) => layer instanceof StochasticDepth ? [[layer.name, layer.rate]] : []);
  const paths = ["layer1.1", "layer2.0", "layer3.0", "layer3.1"];
  assertEquals(found, paths.map((path, i) => [`${path}.drop_path`, 0.2 * (i + 1) / 4]));
  model.dispose();
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("dropout stands right before the last layer, with timm's default rates", () => {
  const types = (block: Block) => describe(block, { inputShape: [32, 32, 3] }).layers.map(({ type }) => type).slice(-3);
  assertEquals(types(seNet({ depths: [1], widths: [8] })), ["AdaptiveAvgPool2d", "Flatten", "Linear"]);
  assertEquals(types(seNet({ depths: [1], widths: [8], dropout: 0.5 })), ["Flatten", "Dropout", "Linear"]);
  assertEquals(types(legacySeNet({ depths: [1] })), ["Flatten", "Dropout", "Linear"]);
  assertEquals(types(legacySeNet({ depths: [1], dropout: 0 })), ["AdaptiveAvgPool2d", "Flatten", "Linear"]);
});

Deno.test("a legacy SENet says how small an image it takes", () => {
  const options = { inputShape: [2, 2, 3] } as const;
  const message = "Expected inputShape[0] to be at least 3 for timm/legacy_seresnet18 but found 2";
  assertThrows(() => describeModel("timm/legacy_seresnet18", options), RangeError, message);
  assertEquals(describeModel("timm/legacy_seresnet18", { inputShape: [3, 3, 3] }).outputShape, [null, 1000]);
});

Deno.test("seNet() and legacySeNet() throw where options are wrong", () => {
  const cases: [make: () => Block, message: string][] = [
    [() => seNet({ classes: 0 }), "Expected classes of seNet() to be greater than 0 but found 0"],
    [() => seNet({ reduction: 0 }), "Expected reduction of seNet() to be greater than 0 but found 0"],
    [() => seNet({ stochasticDepth: 1 }), "Expected stochasticDepth of seNet() to be less than 1 but found 1"],
    [
      () => seNet({ block: "basic", groups: 2 }),
      "Expected groups 1 and widthPerGroup 64 of seNet() for basic blocks but found 2 and 64",
    ],
    [
      () => legacySeNet({ block: "vgg" as "basic" }),
      'Expected block of legacySeNet() to be one of "basic", "resnet", "resnext", "senet" but found "vgg"',
    ],
    [() => legacySeNet({ reduction: 65 }), "Expected reduction of legacySeNet() to be at most 64 but found 65"],
  ];
  for (const [make, message] of cases) assertThrows(make, RangeError, message);
  const uneven = legacySeNet({ block: "senet", groups: 3 });
  assertThrows(() => describe(uneven, { inputShape: [64, 64, 3] }), RangeError, "groups");
});
