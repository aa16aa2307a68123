import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../../backends/select.ts";
import { buildModel } from "../../models/build.ts";
import { channelAttention } from "../../models/channel_attention.ts";
import { describe } from "../../models/describe.ts";
import { StochasticDepth } from "../../models/layers/stochastic_depth.ts";
import { regNet, type RegNetConfig, regNetEntries } from "../../models/regnet.ts";
import { REGNETS } from "../../models/regnet_variants.ts";
import { describeModel } from "../../models/registry.ts";
import counts from "../fixtures/counts/regnet.json" with { type: "json" };
import { FULL_GOLDENS, GOLDENS } from "./full/regnet.ts";
import { testFullGolden, testGolden } from "./golden_case.ts";
import { compareCounts } from "./torch_counts.ts";

compareCounts(counts);

testGolden("tv_regnet_x_tiny", GOLDENS.tv_regnet_x_tiny);
testGolden("tv_regnet_y_tiny", GOLDENS.tv_regnet_y_tiny);
testGolden("timm_regnety_tiny", GOLDENS.timm_regnety_tiny);
testFullGolden("full_tv_regnet_x_400mf", FULL_GOLDENS.full_tv_regnet_x_400mf);
testFullGolden("full_timm_regnety_002", FULL_GOLDENS.full_timm_regnety_002);

/** Four stages, of 8 to 48 channels. */
const small = { definition: "timm", depth: 6, w0: 8, wa: 8, wm: 1.8, groupWidth: 8, classes: 10 } as const;

Deno.test("the catalog's entries of RegNet have the sources' names and sizes", () => {
  assertEquals(Object.keys(regNetEntries), Object.keys(counts));
  for (const { inputShape, classes } of Object.values(regNetEntries)) {
    assertEquals({ inputShape, classes }, { inputShape: [224, 224, 3], classes: 1000 });
  }
});

Deno.test("a timm RegNet is torchvision's of another name where they round alike", () => {
  const sizes = (name: "torchvision/regnet_x_800mf" | "timm/regnetx_008") => {
    const { params, buffers, macs, activations } = describeModel(name);
    return { params, buffers, macs, activations };
  };
  assertEquals(sizes("timm/regnetx_008"), sizes("torchvision/regnet_x_800mf"));
});

Deno.test("timm's stochastic depth grows linearly from nothing in the first block to its rate in the last", async () => {
  await useBackend("cpu");
  const before = tf.memory().numTensors;
  const model = buildModel(regNet({ ...small, stochasticDepth: 0.3 }), { inputShape: [32, 32, 3] });
  const found = model.layers.flatMap((layer) => layer instanceof StochasticDepth ? [layer] : []);
  const depths = model.layers.filter(({ name }) => name.endsWith(".add")).length;
  assertEquals(found.map(({ name }) => name.endsWith(".drop_path")), Array(depths - 1).fill(true));
  found.sort((a, b) => (a.position ?? 0) - (b.position ?? 0)).forEach(({ rate }, i) =>
    assertAlmostEquals(rate, 0.3 * (i + 1) / (depths - 1), 1e-12)
  );
  model.dispose();
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("dropout stands right before timm's last layer", () => {
  const types = (config: RegNetConfig) =>
    describe(regNet(config), { inputShape: [32, 32, 3] }).layers.map(({ type }) => type).slice(-3);
  assertEquals(types({ ...small, dropout: 0.1 }), ["Flatten", "Dropout", "Linear"]);
  assertEquals(types(small), ["AdaptiveAvgPool2d", "Flatten", "Linear"]);
  assertEquals(
    describeModel("timm/regnetx_002", { dropout: 0.1 }).layers.at(-2)?.type,
    "Dropout",
  );
});

Deno.test("the SE blocks of a RegNetY can be read by channelAttention()", async () => {
  await useBackend("cpu");
  const before = tf.memory().numTensors;
  const model = buildModel(GOLDENS.timm_regnety_tiny(), { inputShape: [32, 32, 3] });
  const images = tf.randomUniform([2, 32, 32, 3], 0, 1, "float32", 1);
  const attention = channelAttention(model, images);
  assertEquals(Object.keys(attention), ["s1.b1.se", "s2.b1.se", "s3.b1.se", "s3.b2.se", "s4.b1.se"]);
  assertEquals(attention["s4.b1.se"]?.shape, [2, 56]);
  tf.dispose([images, attention]);
  model.dispose();
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("regNet() throws where the formula or the options are wrong", () => {
  const formula = REGNETS.regnetx_002;
  const cases: [config: RegNetConfig, message: string][] = [
    [{ ...formula, classes: 0 }, "Expected classes of regNet() to be greater than 0 but found 0"],
    [{ ...formula, w0: 4 }, "Expected w0 of regNet() to be at least 8 but found 4"],
    [
      { ...formula, bottleneckRatio: 0.03 },
      "Expected the formula of regNet() to give widths of at least 8 but found 0",
    ],
    [{ ...formula, wm: 1 }, "Expected wm of regNet() to be greater than 1 but found 1"],
    [{ ...formula, wa: -1 }, "Expected wa of regNet() to be at least 0 but found -1"],
    [{ ...formula, depth: 1 }, "Expected four stages in timm's definition of regNet() but found 1"],
    [
      { ...REGNETS.regnet_x_400mf, stochasticDepth: 0.1 },
      "Expected stochasticDepth 0 in torchvision's definition of regNet() but found 0.1",
    ],
  ];
  for (const [config, message] of cases) assertThrows(() => regNet(config), RangeError, message);
  const { depth: _, ...rest } = formula;
  assertThrows(() => regNet(rest as RegNetConfig), TypeError, "Expected depth of regNet()");
});
