import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import fc from "fast-check";
import { auxiliary, sequential } from "../../../models/block.ts";
import { buildModel } from "../../../models/build.ts";
import { adaptiveAvgPool2d, flatten, linear, relu } from "../../../models/nn.ts";
import { createModel } from "../../../models/registry.ts";
import { loadStateDict } from "../../../models/state_dict.ts";
import { useBackend } from "../../../backends/select.ts";
import { imagenetClasses } from "../../../data/imagenet/classes.ts";
import { classify, type ClassifyOptions } from "../../../data/imagenet/classify.ts";
import { pattern, plain } from "../images/support.ts";

await useBackend("cpu");

/** No change of the picture but that a byte becomes 0 to 1. */
const plainPixels = { resize: 8, crop: 8, mean: [0, 0, 0], std: [1, 1, 1] } as const;

/** The mean of each colour, then a linear layer of these weights, `[classes, 3]`, and biases. */
function colourModel(name: string, side: number, weights: number[][], biases = weights.map(() => 0)): LayersModel {
  const block = sequential(adaptiveAvgPool2d(1), flatten(), linear(weights.length));
  const built = buildModel(block, { inputShape: [side, side, 3], name });
  loadStateDict(built, {
    "2.weight": { dtype: "F32", shape: [weights.length, 3], data: Float32Array.from(weights.flat()) },
    "2.bias": { dtype: "F32", shape: [weights.length], data: Float32Array.from(biases) },
  });
  return built;
}

/** Runs `use` and checks that no tensor outlives it and the model. */
async function withModel(create: () => LayersModel, use: (model: LayersModel) => Promise<void>): Promise<void> {
  const before = tf.memory().numTensors;
  const created = create();
  const between = tf.memory().numTensors;
  await use(created);
  assertEquals(tf.memory().numTensors, between);
  created.dispose();
  assertEquals(tf.memory().numTensors, before);
}

Deno.test("classify() answers the likeliest classes with softmax's probabilities", async () => {
  const labels = ["red", "green", "blue", "dark"];
  await withModel(
    () => colourModel("colours", 8, [[2, 0, 0], [0, 2, 0], [0, 0, 2], [0, 0, 0]], [0, 0, 0, -1]),
    async (model) => {
      const image = plain(10, 9, [255, 0, 51]);
      const result = await classify(model, image, { preprocessing: plainPixels, labels });
      // exp(2), exp(0), exp(0.4), exp(-1)
      const powers = [2, 0, 0.4, -1].map(Math.exp);
      const sum = powers.reduce((a, b) => a + b);
      assertEquals(result.map(({ label, index }) => [label, index]), [["red", 0], ["blue", 2], ["green", 1], [
        "dark",
        3,
      ]]);
      for (const { index, probability } of result) {
        assertAlmostEquals(probability, (powers[index] ?? NaN) / sum, 1e-6);
      }
      assertEquals(await classify(model, image, { preprocessing: plainPixels, labels, top: 2 }), result.slice(0, 2));
    },
  );
});

Deno.test("classify() takes names and preprocessing of ImageNet where the model is one of its networks", async () => {
  // Classes 7 and 285 see only whether red or blue is above ImageNet's mean.
  const weights = Array.from({ length: 1000 }, (_, i) => i === 7 ? [5, 0, 0] : i === 285 ? [0, 0, 5] : [0, 0, 0]);
  await withModel(() => colourModel("torchvision/alexnet", 224, weights), async (model) => {
    const red = await classify(model, plain(300, 200, [255, 0, 0]));
    assertEquals(red.length, 5);
    assertEquals([red[0]?.label, red[0]?.index], ["cock", 7]);
    const blue = await classify(model, plain(300, 200, [0, 0, 255]), { top: 1 });
    assertEquals(blue.map(({ label }) => label), ["Egyptian cat"]);
    // (1 - 0.485) / 0.229 times 5 against 998 zeros and blue's (0 - 0.406) / 0.225 times 5.
    const logit = 5 * (1 - 0.485) / 0.229;
    const sum = Math.exp(logit) + 998 + Math.exp(-5 * 0.406 / 0.225);
    assertAlmostEquals(red[0]?.probability ?? NaN, Math.exp(logit) / sum, 1e-5);
  });
});

Deno.test("classify() runs a network of the catalog, in evaluation mode: the same picture, the same answer", async () => {
  await withModel(
    () => createModel("d2l/lenet", { inputShape: [28, 28, 3], classes: 1000, seed: 3 }),
    async (model) => {
      const options: ClassifyOptions = { preprocessing: { resize: 32, crop: 28 }, top: 1000 };
      const all = await classify(model, pattern(50, 40), options);
      assertEquals(await classify(model, pattern(50, 40), options), all);
      assertEquals(all.map(({ index }) => index).toSorted((a, b) => a - b), Array.from({ length: 1000 }, (_, i) => i));
      assertAlmostEquals(all.reduce((sum, { probability }) => sum + probability, 0), 1, 1e-9);
      assert(all.every(({ label, index }) => label === imagenetClasses[index]));
      assert(all.every(({ probability }, i) => i === 0 || probability <= (all[i - 1]?.probability ?? NaN)));
    },
  );
});

Deno.test("classify() answers in the order of the logits, however large they are", async () => {
  const logit = fc.float({ min: -1e6, max: 1e6, noNaN: true }).map((value) => value + 0);
  await fc.assert(
    fc.asyncProperty(fc.array(logit, { minLength: 2, maxLength: 12 }), async (logits) => {
      await withModel(
        () => colourModel("biases", 8, logits.map(() => [0, 0, 0]), logits),
        async (model) => {
          const labels = logits.map(String);
          const result = await classify(model, plain(8, 8, [0, 0, 0]), { preprocessing: plainPixels, labels });
          // Also of those whose probabilities are too small to be told from 0.
          assertEquals(result.map(({ label }) => Number(label)), logits.toSorted((a, b) => b - a).slice(0, 5));
          assert(result.every(({ probability }) => probability >= 0 && probability <= 1));
        },
      );
    }),
    { numRuns: 25 },
  );
});

Deno.test("classify() takes the first output of a model with auxiliary ones", async () => {
  await withModel(
    () => {
      const head = sequential(adaptiveAvgPool2d(1), flatten(), linear(2));
      return buildModel(sequential(relu(), auxiliary(head), adaptiveAvgPool2d(1), flatten(), linear(3)), {
        inputShape: [8, 8, 3],
        name: "two heads",
      });
    },
    async (model) => {
      assertEquals(model.outputs.length, 2);
      const options = { preprocessing: plainPixels, labels: ["a", "b", "c"] };
      assertEquals((await classify(model, pattern(8, 8), options)).length, 3);
    },
  );
});

Deno.test("classify() throws where names, preprocessing, size or channels do not fit, and leaves no tensor", async () => {
  const image = pattern(12, 10);
  const three = { preprocessing: plainPixels, labels: ["a", "b", "c"] };
  const zeros = (count: number) => Array.from({ length: count }, () => [0, 0, 0]);
  const cases: [LayersModel, ClassifyOptions, string][] = [
    [
      colourModel("small", 8, zeros(3)),
      { preprocessing: plainPixels },
      "Expected a model of ImageNet's 1000 classes but found 3: pass labels to classify()",
    ],
    [
      colourModel("small", 8, zeros(3)),
      { ...three, labels: ["a", "b"] },
      "Expected labels of classify() to name the model's 3 classes but found 2",
    ],
    [
      colourModel("small", 8, zeros(3)),
      { labels: ["a", "b", "c"] },
      "Expected a model with known preprocessing but found small: pass preprocessing to classify()",
    ],
    [
      colourModel("small", 9, zeros(3)),
      three,
      "Expected small to take 8×8 pixels, which its preprocessing crops to, but found 9×9: build it with inputShape: [8, 8, 3]",
    ],
    [
      colourModel("small", 8, zeros(3)),
      { ...three, top: 4 },
      "Expected top of classify() to be at most 3, the model's classes, but found 4",
    ],
    [
      colourModel("small", 8, zeros(3)),
      { ...three, top: 0 },
      "Expected top of classify() to be greater than 0 but found 0",
    ],
    [
      colourModel("broken", 8, zeros(3), [0, NaN, 0]),
      three,
      "Expected finite outputs of broken but found NaN for class 1: are its weights whole?",
    ],
    [
      createModel("d2l/lenet"),
      { preprocessing: { resize: 28, crop: 28 } },
      "Expected a model from [height, width, 3] to logits but found [28,28,1] to [10]",
    ],
    [
      buildModel(relu(), { inputShape: [8, 8, 3] }),
      three,
      "Expected a model from [height, width, 3] to logits but found [8,8,3] to [8,8,3]",
    ],
  ];
  for (const [model, options, message] of cases) {
    const before = tf.memory().numTensors;
    await assertRejects(() => classify(model, image, options), RangeError, message);
    assertEquals(tf.memory().numTensors, before);
    model.dispose();
  }
});
