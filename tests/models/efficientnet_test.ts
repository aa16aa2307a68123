import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../../backends/select.ts";
import { buildModel } from "../../models/build.ts";
import { channelAttention } from "../../models/channel_attention.ts";
import { efficientNet, efficientNetEntries } from "../../models/efficientnet.ts";
import type { EfficientNetConfig } from "../../models/efficientnet_config.ts";
import { EFFICIENTNETS } from "../../models/efficientnet_variants.ts";
import { BatchNorm } from "../../models/layers/batch_norm.ts";
import { RandomLayer } from "../../models/layers/random_layer.ts";
import { StochasticDepth } from "../../models/layers/stochastic_depth.ts";
import { createModel, describeModel } from "../../models/registry.ts";
import counts from "../fixtures/counts/efficientnet.json" with { type: "json" };
import { FULL_GOLDENS, GOLDENS } from "./full/regnet.ts";
import { testFullGolden, testGolden } from "./golden_case.ts";
import { compareCounts } from "./torch_counts.ts";

compareCounts(counts);

testGolden("tv_efficientnet_tiny", GOLDENS.tv_efficientnet_tiny);
testGolden("tv_efficientnet_v2_tiny", GOLDENS.tv_efficientnet_v2_tiny);
testFullGolden("full_tv_efficientnet_b0", FULL_GOLDENS.full_tv_efficientnet_b0);

Deno.test("the catalog's entries of EfficientNet have torchvision's names, and the papers' sizes", () => {
  assertEquals(Object.keys(efficientNetEntries), Object.keys(counts));
  for (const [name, { inputShape: [height, width, channels], classes }] of Object.entries(efficientNetEntries)) {
    const expected = counts[name as keyof typeof efficientNetEntries];
    assertEquals([1, channels, height, width], expected.input_shape);
    assertEquals(classes, expected.classes);
  }
});

/** Two residual blocks and two without a shortcut. */
const small: EfficientNetConfig = {
  classes: 3,
  stem: 8,
  stages: [
    { block: "fused", expansion: 1, kernel: 3, stride: 1, channels: 8, depth: 2 },
    { block: "mbConv", expansion: 2, kernel: 3, stride: 2, channels: 16, depth: 2 },
  ],
  lastChannels: 16,
};

Deno.test("stochastic depth grows linearly from block to block, and stands where x is added", async () => {
  await useBackend("cpu");
  const before = tf.memory().numTensors;
  const model = buildModel(efficientNet({ ...small, stochasticDepth: 0.4 }), { inputShape: [16, 16, 3] });
  const found = model.layers.flatMap((layer) => layer instanceof StochasticDepth ? [[layer.name, layer.rate]] : []);
  // torchvision divides by the blocks, not by one less: the last rate is below the one that is asked for.
  assertEquals(found, [
    ["features.1.0.stochastic_depth", 0],
    ["features.1.1.stochastic_depth", 0.4 * 1 / 4],
    ["features.2.1.stochastic_depth", 0.4 * 3 / 4],
  ]);
  model.dispose();
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("every variant's BatchNorm and dropout are torchvision's", async () => {
  await useBackend("cpu");
  const before = tf.memory().numTensors;
  const { b0, b4, b5, b7, v2_s } = {
    b0: EFFICIENTNETS.efficientnet_b0,
    b4: EFFICIENTNETS.efficientnet_b4,
    b5: EFFICIENTNETS.efficientnet_b5,
    b7: EFFICIENTNETS.efficientnet_b7,
    v2_s: EFFICIENTNETS.efficientnet_v2_s,
  };
  const normOf = (config: EfficientNetConfig) => {
    const { eps, momentum } = config;
    const model = buildModel(efficientNet({ ...small, eps, momentum }), { inputShape: [16, 16, 3] });
    const norms = model.layers.flatMap((layer) =>
      layer instanceof BatchNorm ? [`${layer.options.eps} ${layer.options.momentum}`] : []
    );
    model.dispose();
    return [...new Set(norms)];
  };
  assertEquals([b0, b4, b5, b7, v2_s].map(normOf), [
    ["0.00001 0.1"],
    ["0.00001 0.1"],
    ["0.001 0.01"],
    ["0.001 0.01"],
    ["0.001 0.1"],
  ]);
  assertEquals(Object.values(EFFICIENTNETS).map(({ dropout }) => dropout), [
    ...[0.2, 0.2, 0.3, 0.3, 0.4, 0.4, 0.5, 0.5],
    ...[0.2, 0.3, 0.4],
  ]);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("MBConv does not expand where the expansion is 1, and its squeeze is a quarter of what it gets", () => {
  const { layers } = describeModel("torchvision/efficientnet_b0");
  const convolutions = (path: string) =>
    layers.filter(({ name, type }) => name.startsWith(path) && type === "Conv2d").map(({ weights }) =>
      weights[0]?.shape
    );
  assertEquals(convolutions("features.1.0."), [[32, 1, 3, 3], [8, 32, 1, 1], [32, 8, 1, 1], [16, 32, 1, 1]]);
  assertEquals(convolutions("features.2.0."), [
    [96, 16, 1, 1],
    [96, 1, 3, 3],
    [4, 96, 1, 1],
    [96, 4, 1, 1],
    [24, 96, 1, 1],
  ]);
});

Deno.test("the SE blocks of an EfficientNet can be read by channelAttention()", async () => {
  await useBackend("cpu");
  const before = tf.memory().numTensors;
  const model = buildModel(efficientNet(small), { inputShape: [16, 16, 3] });
  const images = tf.randomUniform([2, 16, 16, 3], 0, 1, "float32", 1);
  const attention = channelAttention(model, images);
  assertEquals(Object.entries(attention).map(([path, { shape }]) => [path, shape]), [
    ["features.2.0.block.2", [2, 16]],
    ["features.2.1.block.2", [2, 32]],
  ]);
  tf.dispose([images, attention]);
  model.dispose();
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("rates that a model is created with reach the network; its own stay where they are left out", async () => {
  await useBackend("cpu");
  const before = tf.memory().numTensors;
  const rates = (options: { dropout?: number; stochasticDepth?: number }) => {
    const model = createModel("torchvision/efficientnet_b0", { inputShape: [32, 32, 3], ...options });
    const found = model.layers.flatMap((layer) => layer instanceof RandomLayer ? [layer.rate] : []);
    model.dispose();
    return { dropout: found.pop(), stochasticDepth: Math.max(...found) };
  };
  // B0 has 16 blocks, of which the last but one is the last with a shortcut.
  assertEquals(rates({ dropout: 0.5, stochasticDepth: 0.8 }), { dropout: 0.5, stochasticDepth: 0.8 * 14 / 16 });
  assertEquals(rates({}), { dropout: 0.2, stochasticDepth: 0.2 * 14 / 16 });
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("efficientNet() throws where options are wrong", () => {
  const [stage] = small.stages ?? [];
  const wrong = (change: object) => ({ stages: [{ ...stage, ...change }] }) as EfficientNetConfig;
  const cases: [config: EfficientNetConfig, message: string][] = [
    [{ classes: 0 }, "Expected classes of efficientNet() to be greater than 0 but found 0"],
    [{ width: 0 }, "Expected width of efficientNet() to be greater than 0 but found 0"],
    [{ dropout: 1 }, "Expected dropout of efficientNet() to be less than 1 but found 1"],
    [{ stages: [] }, "Expected stages of efficientNet() to have at least 1 entries but found []"],
    [wrong({ kernel: 4 }), "Expected stages[0].kernel of efficientNet() to be valid (an odd number) but found 4"],
    [wrong({ stride: 3 }), "Expected stages[0].stride of efficientNet() to be at most 2 but found 3"],
    [
      wrong({ block: "mbconv" }),
      'Expected stages[0].block of efficientNet() to be one of "mbConv", "fused" but found "mbconv"',
    ],
  ];
  for (const [config, message] of cases) assertThrows(() => efficientNet(config), RangeError, message);
});
