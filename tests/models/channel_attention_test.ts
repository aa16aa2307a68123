import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../../backends/select.ts";
import { named } from "../../models/block.ts";
import { buildModel } from "../../models/build.ts";
import { channelAttention } from "../../models/channel_attention.ts";
import { legacySeNet } from "../../models/legacy_senet.ts";
import { resNet } from "../../models/resnet.ts";
import { seNet } from "../../models/senet.ts";
import { squeezeExcitation } from "../../models/squeeze_excitation.ts";
import { stateDict } from "../../models/state_dict.ts";

Deno.test("channelAttention() gives the weights of the paper's formula, image by image", async () => {
  await useBackend("cpu");
  const before = tf.memory().numTensors;
  const [channels, squeeze] = [6, 2];
  const model = buildModel(named({ se: squeezeExcitation(squeeze) }), { inputShape: [3, 5, channels], seed: 4 });
  const images = tf.randomNormal([2, 3, 5, channels], 0, 3, "float32", 9);
  const { se, ...others } = channelAttention(model, images);
  assertEquals(others, {});
  assertEquals(se?.shape, [2, channels]);

  const dict = await stateDict(model);
  const at = (key: string, i: number) => dict[key]?.data[i] ?? NaN;
  const dense = (name: string, x: readonly number[], length: number) =>
    Array.from(
      { length },
      (_, o) =>
        x.reduce((sum, value, i) => sum + value * at(`se.${name}.weight`, o * x.length + i), at(`se.${name}.bias`, o)),
    );
  const values = await images.array() as number[][][][];
  const found = await se?.array() ?? [];
  for (const [n, image] of values.entries()) {
    const pixels = image.flat();
    const mean = Array.from({ length: channels }, (_, c) => pixels.reduce((sum, p) => sum + (p[c] ?? NaN), 0) / 15);
    const hidden = dense("fc1", mean, squeeze).map((value) => Math.max(0, value));
    dense("fc2", hidden, channels).forEach((value, c) =>
      assertAlmostEquals(found[n]?.[c] ?? NaN, 1 / (1 + Math.exp(-value)), 1e-6)
    );
  }
  tf.dispose([images, se ?? []]);
  model.dispose();
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("channelAttention() names SE blocks by their paths, in the order of the network", async () => {
  await useBackend("cpu");
  const before = tf.memory().numTensors;
  const cases = [
    [seNet({ block: "basic", depths: [2, 1], widths: [8, 16], classes: 3 }), "se", [8, 8, 16]],
    [legacySeNet({ block: "basic", depths: [2, 1], classes: 3 }), "se_module", [64, 64, 128]],
  ] as const;
  for (const [block, child, channels] of cases) {
    const model = buildModel(block, { inputShape: [16, 16, 3] });
    const attention = tf.tidy(() => channelAttention(model, tf.ones([2, 16, 16, 3])));
    const paths = ["layer1.0", "layer1.1", "layer2.0"].map((path) => `${path}.${child}`);
    assertEquals(Object.keys(attention), paths);
    assertEquals(Object.values(attention).map(({ shape }) => shape), channels.map((count) => [2, count]));
    tf.dispose(attention);
    model.dispose();
  }
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("channelAttention() throws where there is no SE block, or images have another shape", async () => {
  await useBackend("cpu");
  const before = tf.memory().numTensors;
  const plain = buildModel(resNet({ depths: [1], widths: [4] }), { inputShape: [8, 8, 1], name: "plain" });
  const model = buildModel(named({ se: squeezeExcitation(2) }), { inputShape: [3, 5, 6] });
  tf.tidy(() => {
    assertThrows(
      () => channelAttention(plain, tf.ones([1, 8, 8, 1])),
      RangeError,
      'Expected model to have squeeze-and-excitation blocks but found none in "plain"',
    );
    assertThrows(
      () => channelAttention(model, tf.ones([3, 5, 6])),
      RangeError,
      "Expected images to have shape [batch, 3, 5, 6] but found [3, 5, 6]",
    );
  });
  plain.dispose();
  model.dispose();
  assertEquals(tf.memory().numTensors, before);
});
