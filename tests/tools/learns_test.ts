import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../../backends/select.ts";
import { UsageError } from "../../cli/flags.ts";
import { batches } from "../../data/batches.ts";
import { fashionMnist } from "../../data/fashion_mnist.ts";
import { alexNetEntries } from "../../models/alexnet.ts";
import { anyNetEntries } from "../../models/anynet.ts";
import { denseNetEntries } from "../../models/densenet.ts";
import { efficientNetEntries } from "../../models/efficientnet.ts";
import { googLeNetEntries } from "../../models/googlenet.ts";
import { legacySeNetEntries } from "../../models/legacy_senet.ts";
import { ninEntries } from "../../models/nin.ts";
import { regNetEntries } from "../../models/regnet.ts";
import { listModels } from "../../models/registry.ts";
import { resNetEntries } from "../../models/resnet.ts";
import { resNeXtEntries } from "../../models/resnext.ts";
import { seNetEntries } from "../../models/senet.ts";
import { vggEntries } from "../../models/vgg.ts";
import { SGD } from "../../training/sgd.ts";
import { halves, learn, type Learned, parseLearnsOptions, row } from "../../tools/learns.ts";
import { LEARNERS } from "../../tools/learns/learners.ts";

const FAMILIES = {
  alexNetEntries,
  vggEntries,
  ninEntries,
  googLeNetEntries,
  resNetEntries,
  resNeXtEntries,
  denseNetEntries,
  seNetEntries,
  legacySeNetEntries,
  anyNetEntries,
  regNetEntries,
  efficientNetEntries,
};

/** The catalog's name in what a learner says of its network. */
const nameOf = ({ network }: { network: string }) => /`([^`]+)`/.exec(network)?.[1] ?? "";

Deno.test("every family of the catalog has a learner, and every learner a network of the catalog", () => {
  const names = LEARNERS.map(nameOf);
  for (const [family, entries] of Object.entries(FAMILIES)) {
    assert(names.some((name) => name in entries), `no learner of ${family}`);
  }
  const known: readonly string[] = listModels();
  for (const name of names) assert(known.includes(name), name);
  const covered = new Set([...Object.values(FAMILIES).flatMap((entries) => Object.keys(entries)), ...names]);
  assertEquals(known.filter((name) => !covered.has(name)), ["d2l/bnlenet_scratch"]);
});

Deno.test("60 steps are whole epochs of the sample for every learner", () => {
  for (const { batchSize } of LEARNERS) assertEquals(Number.isInteger(60 * batchSize / 1000), true);
});

Deno.test("learn() takes 60 steps, halves BNLeNet's loss, and leaves nothing behind", async () => {
  await useBackend("wasm");
  const before = tf.memory().numTensors;
  const learner = LEARNERS.find(({ family }) => family === "BNLeNet");
  assert(learner !== undefined);
  const learned = await learn(learner);
  assertEquals(learned.steps, 60);
  assertEquals(learned.params, 44_878);
  assert(halves(learned), row(learned));
  // Guessing is right for a tenth.
  assert(learned.accuracy > 0.5);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("a network whose weights stay where they are does not halve its loss", async () => {
  await useBackend("wasm");
  const before = tf.memory().numTensors;
  const learner = LEARNERS.find(({ family }) => family === "BNLeNet");
  assert(learner !== undefined);
  const make = () => new SGD({ learningRate: 1e-9 });
  const learned = await learn({ ...learner, batchSize: 50, optimizer: { text: "SGD 1e-9", make } });
  assertEquals(halves(learned), false, row(learned));
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("every class of NiN answers some image at the start from its seed, and not from seed 1", async () => {
  await useBackend("wasm");
  const nin = LEARNERS.find(({ family }) => family === "NiN");
  assert(nin !== undefined);
  const { train } = await fashionMnist({ source: "sample" });
  const answering = async (seed: number) => {
    const model = nin.model(seed);
    try {
      const { value } = batches(train, { batchSize: 100, resize: [nin.inputSize, nin.inputSize] }).next();
      assert(value !== undefined);
      const highest = tf.tidy(() => tf.max(model.apply(value.images) as tf.Tensor, 0));
      const logits = await highest.data();
      tf.dispose([value.images, value.labels, highest]);
      return logits.filter((logit) => logit > 0).length;
    } finally {
      model.dispose();
    }
  };
  const before = tf.memory().numTensors;
  assertEquals(await answering(nin.seed ?? 1), 10);
  assert(await answering(1) < 10);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("a loss is halved when it is half of the first, and of what guessing costs", () => {
  const [learner] = LEARNERS;
  assert(learner !== undefined);
  const run: Learned = { learner, params: 1, steps: 60, firstLoss: 2, lastLoss: 1, accuracy: 0.5, seconds: 1 };
  assertEquals(halves(run), true);
  assertEquals(halves({ ...run, lastLoss: 1.01 }), false);
  assertEquals(halves({ ...run, firstLoss: 7, lastLoss: 1.15 }), true);
  assertEquals(halves({ ...run, firstLoss: 7, lastLoss: 1.16 }), false);
  assertEquals(halves({ ...run, firstLoss: 7, lastLoss: NaN }), false);
  const heads = { ...run, learner: { ...learner, lossWeights: [1, 0.3, 0.3] } };
  assertEquals(halves({ ...heads, firstLoss: 7, lastLoss: 1.84 }), true);
  assertEquals(halves({ ...heads, firstLoss: 7, lastLoss: 1.85 }), false);
});

Deno.test("deno task learns takes a backend and part of a family's name", () => {
  assertEquals(parseLearnsOptions([])?.learners, LEARNERS);
  const { learners, backend } = parseLearnsOptions(["--backend", "cpu", "--family", "lenet"]) ?? {};
  assertEquals(learners?.every(({ family }) => family.toLowerCase().includes("lenet")), true);
  assertEquals(backend, "cpu");
  assertEquals(parseLearnsOptions(["--help"]), undefined);
  assertThrows(() => parseLearnsOptions(["--backend", "gpu"]), UsageError, "Expected --backend to be one of");
  assertThrows(() => parseLearnsOptions(["--family", "yolo"]), UsageError, 'but found "yolo"');
  assertThrows(() => parseLearnsOptions(["--famly", "vgg"]), UsageError);
});
