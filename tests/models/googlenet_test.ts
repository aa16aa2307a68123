import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../../backends/select.ts";
import { named, sequential } from "../../models/block.ts";
import { buildModel } from "../../models/build.ts";
import { describe } from "../../models/describe.ts";
import { googLeNet } from "../../models/googlenet.ts";
import { inception, INCEPTIONS } from "../../models/inception.ts";
import { describeModel } from "../../models/registry.ts";
import counts from "../fixtures/counts/googlenet.json" with { type: "json" };
import { FULL_GOLDENS, GOLDENS } from "./full/vgg.ts";
import { testFullGolden, testGolden } from "./golden_case.ts";
import { compareCounts } from "./torch_counts.ts";

compareCounts(counts, {
  "d2l/inception_3a": () => named({ net: sequential(inception(64, [96, 128], [16, 32], 32)) }),
});

testGolden("d2l_googlenet_tiny", GOLDENS.d2l_googlenet_tiny);
testGolden("d2l_googlenet", GOLDENS.d2l_googlenet, ["wasm"]);
// Twenty seconds of plain JavaScript: wasm only.
testGolden("d2l_googlenet_aux_tiny", GOLDENS.d2l_googlenet_aux_tiny, ["wasm"]);
testGolden("tv_googlenet_aux_tiny", GOLDENS.tv_googlenet_aux_tiny);

testFullGolden("full_tv_googlenet", FULL_GOLDENS.full_tv_googlenet);

Deno.test("each Inception block gives what the next one of table 1 takes: 256, 480, 512, … 1024 channels", () => {
  const channels = Object.values(INCEPTIONS).map(([c1, c2, c3, c4]) =>
    describe(inception(c1, c2, c3, c4), { inputShape: [7, 7, 192] }).outputShape.at(-1)
  );
  assertEquals(channels, [256, 480, 512, 512, 512, 528, 832, 832, 1024]);
});

Deno.test("auxiliary outputs come behind the main one, that of 4a first, in training and in evaluation", async () => {
  await useBackend("wasm");
  const before = tf.memory().numTensors;
  for (const definition of ["paper", "torchvision"] as const) {
    const block = googLeNet({ definition, auxiliary: true, width: 1 / 16, classes: 3 });
    const { outputs } = describe(block, { inputShape: [96, 96, 3] });
    assertEquals(outputs, [definition === "paper" ? "base.net.5" : "fc", "aux1.fc2", "aux2.fc2"]);
    const model = buildModel(block, { inputShape: [96, 96, 3] });
    for (const training of [true, false]) {
      const shapes = tf.tidy(() =>
        (model.apply(tf.zeros([2, 96, 96, 3]), { training }) as tf.Tensor[]).map(({ shape }) => shape)
      );
      assertEquals(shapes, [[2, 3], [2, 3], [2, 3]]);
    }
    model.dispose();
  }
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("the paper's network without its heads is the book's, with dropout before the classifier", () => {
  const inputShape = [96, 96, 1];
  const book = describe(googLeNet(), { inputShape });
  const paper = describe(googLeNet({ definition: "paper", auxiliary: false }), { inputShape });
  assertEquals(paper.outputShape, book.outputShape);
  assertEquals(
    paper.layers.filter(({ name }) => name !== "drop").map(({ name, outputShape }) => [name, outputShape]),
    book.layers.map(({ name, outputShape }) => [`base.${name}`, outputShape]),
  );
});

Deno.test("torchvision's GoogLeNet takes torchvision's min_size and no less", () => {
  describeModel("torchvision/googlenet", { inputShape: [15, 15, 3] });
  assertThrows(
    () => describeModel("torchvision/googlenet", { inputShape: [14, 15, 3] }),
    RangeError,
    "Expected inputShape[0] to be at least 15 for torchvision/googlenet but found 14",
  );
});

Deno.test("a dropout rate that is asked for by name is that of all dropouts", async () => {
  await useBackend("cpu");
  for (const definition of ["paper", "torchvision"] as const) {
    const block = googLeNet({ definition, auxiliary: true, width: 1 / 16, dropout: 0.1, auxiliaryDropout: 0.2 });
    const model = buildModel(block, { inputShape: [96, 96, 3] });
    const rates = model.layers.flatMap((layer) => {
      const { rate } = layer.getConfig();
      return rate === undefined ? [] : [rate];
    });
    assertEquals(rates.sort(), [0.1, 0.2, 0.2]);
    model.dispose();
  }
});

Deno.test("googLeNet() refuses the book's with heads, and widths of nothing", () => {
  assertThrows(
    () => googLeNet({ auxiliary: true }),
    RangeError,
    "Expected auxiliary of googLeNet() to be false for the book's definition but found true",
  );
  assertThrows(() => googLeNet({ width: 0 }), RangeError, "Expected width of googLeNet() to be greater than 0");
  assertThrows(() => googLeNet({ classes: -1 }), RangeError, "Expected classes of googLeNet() to be greater than 0");
});

Deno.test("inception() names the path whose channels are wrong", () => {
  assertThrows(
    () => inception(64, [96, 0], [16, 32], 32),
    RangeError,
    "Expected c2[1] of inception() to be greater than 0 but found 0",
  );
});
