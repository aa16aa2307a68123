import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../../backends/select.ts";
import {
  auxiliary,
  type Block,
  identity,
  inDefinitionOrder,
  named,
  type Node,
  sequential,
} from "../../models/block.ts";
import { buildModel } from "../../models/build.ts";
import { describe } from "../../models/describe.ts";
import {
  adaptiveAvgPool2d,
  add,
  avgPool2d,
  batchNorm,
  concat,
  conv2d,
  dropout,
  flatten,
  linear,
  localResponseNorm,
  maxPool2d,
  relu,
  sigmoid,
} from "../../models/nn.ts";
import { stateDict } from "../../models/state_dict.ts";
import { modelSummary } from "../../models/summary.ts";

/** A block with every kind of layer, a residual and a concatenation. */
const everything: Block = named({
  stem: sequential(conv2d(4, 3, { padding: 1 }), batchNorm(), relu(), localResponseNorm({ size: 3 })),
  residual: (x, path) => add(`${path}.add`, conv2d(4, 3, { padding: 1, groups: 2 })(x, `${path}.conv`), x),
  branches: (x, path) =>
    concat(`${path}.concat`, conv2d(2, 1)(x, `${path}.b1`), maxPool2d(3, { stride: 1, padding: 1 })(x, `${path}.b2`)),
  pools: sequential(maxPool2d(3, { stride: 2, ceilMode: true }), avgPool2d(2), adaptiveAvgPool2d([1, 2])),
  head: sequential(flatten(), dropout(0.5), linear(5, { bias: false }), sigmoid()),
});

Deno.test("children have PyTorch's paths", () => {
  assertEquals(describe(everything, { inputShape: [9, 9, 3] }).layers.map(({ name }) => name), [
    ...["stem.0", "stem.1", "stem.2", "stem.3"],
    ...["residual.conv", "residual.add"],
    ...["branches.b1", "branches.b2", "branches.concat"],
    ...["pools.0", "pools.1", "pools.2"],
    ...["head.0", "head.1", "head.2", "head.3"],
  ]);
});

Deno.test("a block describes what it builds, and the built model runs in both modes", async () => {
  await useBackend("wasm");
  const before = tf.memory().numTensors;
  const description = describe(everything, { inputShape: [9, 9, 3] });
  const model = buildModel(everything, { inputShape: [9, 9, 3] });
  assertEquals(model.outputs[0]?.shape, description.outputShape);
  const count = (trainable: boolean) =>
    (trainable ? model.trainableWeights : model.nonTrainableWeights).reduce(
      (sum, { shape }) => sum + tf.util.sizeFromShape(shape as number[]),
      0,
    );
  assertEquals([count(true), count(false)], [description.params, description.buffers]);
  for (const training of [false, true]) {
    const y = tf.tidy(() => model.apply(tf.ones([2, 9, 9, 3]), { training }) as tf.Tensor);
    assertEquals(y.shape, [2, 5]);
    y.dispose();
  }
  model.dispose();
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("features keep the map they were flattened from through layers that keep their shape, and no further", () => {
  const seen: (Node["flattenedFrom"])[] = [];
  const look: Block = (x) => {
    seen.push(x.flattenedFrom);
    return x;
  };
  describe(sequential(look, flatten(), look, dropout(), look, relu(), look, linear(24), look), {
    inputShape: [2, 3, 4],
  });
  // The linear layer has as many outputs as inputs; they are other features all the same.
  assertEquals(seen, [undefined, [2, 3, 4], [2, 3, 4], [2, 3, 4], undefined]);
});

Deno.test("nodes of a description do not get into a model", async () => {
  await useBackend("cpu");
  let described: Node | undefined;
  describe((x) => described = x, { inputShape: [4] });
  const mixed: Block = (x, path) => described === undefined ? x : add(`${path}add`, x, described);
  assertThrows(() => buildModel(mixed, { inputShape: [4] }), TypeError, "Expected nodes of one model");
});

Deno.test("modelSummary() prints a line a layer and the totals", () => {
  const lines = modelSummary(describe(sequential(conv2d(2, 3), flatten(), linear(3)), { inputShape: [4, 4, 1] })).split(
    "\n",
  );
  assertEquals(lines, [
    "Layer  Type     Output shape  Params  MACs",
    "──────────────────────────────────────────",
    "input           [N, 4, 4, 1]",
    "0      Conv2d   [N, 2, 2, 2]      20    72",
    "1      Flatten  [N, 8]",
    "2      Linear   [N, 3]            27    24",
    "──────────────────────────────────────────",
    "47 parameters, 0 buffers",
    "96 MACs and 11 activations per image",
  ]);
});

Deno.test("state dicts and descriptions follow the order of definition, whatever runs first", async () => {
  await useBackend("cpu");
  const before = tf.memory().numTensors;
  const residual: Block = inDefinitionOrder(
    ["conv1", "conv2", "bn1"],
    named({ conv1: conv2d(2, 3), bn1: batchNorm(), conv2: conv2d(2, 1, { bias: false }) }),
  );
  const block = sequential(residual, flatten(), linear(2));
  const { layers } = describe(block, { inputShape: [4, 4, 1] });
  assertEquals(layers.map(({ name }) => name), ["0.conv1", "0.conv2", "0.bn1", "1", "2"]);
  assertEquals(layers.map(({ inputs }) => inputs), [[""], ["0.bn1"], ["0.conv1"], ["0.conv2"], ["1"]]);
  const model = buildModel(block, { inputShape: [4, 4, 1] });
  const dict = await stateDict(model);
  assertEquals(Object.keys(dict), layers.flatMap(({ weights }) => weights.map(({ key }) => key)));
  assertEquals(
    Object.values(dict).map(({ shape }) => shape),
    layers.flatMap(({ weights }) => weights.map(({ shape }) => [...shape])),
  );
  model.dispose();
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("an auxiliary head is one more output behind the main one, and disturbs nothing", async () => {
  await useBackend("cpu");
  const before = tf.memory().numTensors;
  const head = (classes: number) => sequential(flatten(), linear(classes));
  const net = (aux: (head: Block) => Block) =>
    named({ conv: conv2d(2, 3), aux: aux(head(3)), relu: relu(), again: aux(head(4)), fc: head(5) });
  const description = describe(net(auxiliary), { inputShape: [4, 4, 1] });
  assertEquals(description.outputShape, [[null, 5], [null, 3], [null, 4]]);
  assertEquals(description.outputs, ["fc.1", "aux.1", "again.1"]);
  const model = buildModel(net(auxiliary), { inputShape: [4, 4, 1] });
  const plain = buildModel(net(() => identity), { inputShape: [4, 4, 1] });
  const [main, ...others] = tf.tidy(() => model.apply(tf.ones([2, 4, 4, 1])) as tf.Tensor[]);
  const expected = tf.tidy(() => plain.apply(tf.ones([2, 4, 4, 1])) as tf.Tensor);
  assertEquals(main?.dataSync(), expected.dataSync());
  assertEquals(others.map(({ shape }) => shape), [[2, 3], [2, 4]]);
  tf.dispose([main ?? [], ...others, expected]);
  model.dispose();
  plain.dispose();
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("two layers of one name are refused", () => {
  const twice: Block = (x) => relu()(relu()(x, "relu"), "relu");
  assertThrows(() => describe(twice, { inputShape: [4] }), RangeError, 'a name of its own but found two called "relu"');
});
