import { assertEquals, assertNotEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { layers as upstream, type LayersModel, models } from "@tensorflow/tfjs-layers";
import * as convbench from "../../../mod.ts";
import { type Block, named, type Node } from "../../../models/block.ts";
import { buildModel } from "../../../models/build.ts";
import { DeclaredLayer } from "../../../models/layers/layer.ts";
import * as nn from "../../../models/nn.ts";
import { squeezeExcitation } from "../../../models/squeeze_excitation.ts";
import { stateDict } from "../../../models/state_dict.ts";
import { hashed, testOnBackends } from "./support.ts";

type LayerClass = { readonly className: string } & (abstract new (...args: never[]) => DeclaredLayer);

/** Every layer that this module has, by its class. */
const CLASSES = Object.values(convbench).filter((value): value is LayerClass & typeof value =>
  typeof value === "function" && value.prototype instanceof DeclaredLayer && Object.hasOwn(value, "className")
);

const branches: Block = (x, path) => {
  const branch = (block: Block, name: string): Node => block(x, `${path}.${name}`);
  const [a, b] = [
    branch(nn.conv2d(4, 3, { padding: 1, groups: 2 }), "a"),
    branch(nn.conv2d(4, [1, 3], { padding: [0, 1], bias: false }), "b"),
  ];
  return nn.concat(`${path}.concat`, nn.add(`${path}.add`, a, b), x);
};

/** A net with every layer, each with options other than the defaults. */
const everything = named({
  stem: nn.conv2d(4, 3, { stride: 2, padding: 1 }),
  dilated: nn.conv2d(4, 3, { dilation: [2, 1], padding: [2, 1], groups: 4 }),
  norm: nn.batchNorm({ eps: 1e-3, momentum: 0.3 }),
  relu: nn.relu(),
  branches,
  book: nn.batchNorm({ definition: "book" }),
  max: nn.maxPool2d(3, { stride: 2, padding: 1, ceilMode: true }),
  avg: nn.avgPool2d([2, 3], { stride: 1, padding: [0, 1], countIncludePad: false }),
  lrn: nn.localResponseNorm({ size: 3, alpha: 0.5, beta: 0.6, k: 2 }),
  attention: squeezeExcitation(2, { activation: nn.silu }),
  depth: nn.stochasticDepth(0.4),
  pool: nn.adaptiveAvgPool2d([3, 2]),
  sigmoid: nn.sigmoid(),
  flatten: nn.flatten(),
  drop: nn.dropout(0.25),
  head: nn.linear(5),
});

const INPUT: [number, number, number, number] = [2, 11, 10, 3];

/** Outputs in evaluation, then in training (dropout's mask included), then in evaluation with the moved statistics. */
function outputs(model: LayersModel): number[][] {
  return [false, true, false].map((training) =>
    tf.tidy(() => {
      const x = tf.tensor4d(hashed(1, INPUT.reduce((a, b) => a * b)), INPUT);
      return [...(model.apply(x, { training }) as tf.Tensor).dataSync()];
    })
  );
}

testOnBackends(
  "a model of every layer comes back from JSON: equal configuration, weights, outputs and masks",
  async () => {
    const model = buildModel(everything, { inputShape: INPUT.slice(1), name: "everything", seed: 5 });
    const present = new Set(model.layers.map((layer) => layer.getClassName()));
    assertEquals(CLASSES.map(({ className }) => className).filter((name) => !present.has(name)), []);

    const json = model.toJSON(undefined, false);
    const copy = await models.modelFromJSON(JSON.parse(JSON.stringify(json)));
    assertEquals(copy.toJSON(undefined, false), json);
    copy.setWeights(model.getWeights());
    assertEquals(await stateDict(copy), await stateDict(model));
    assertEquals(Object.keys(await stateDict(copy)), Object.keys(await stateDict(model)));

    const expected = outputs(model);
    assertNotEquals(expected[2], expected[0]);
    assertEquals(outputs(copy), expected);
    copy.dispose();
    model.dispose();
  },
);

Deno.test("each layer's getConfig() makes an equal layer", () => {
  const config = (layer: { getConfig(): tf.serialization.ConfigDict }) => layer.getConfig();
  const conv = new convbench.Conv2d({ name: "c", filters: 4, kernelSize: [3, 2], groups: 2, padding: 1, bias: false });
  assertEquals(config(new convbench.Conv2d(config(conv) as unknown as convbench.Conv2dConfig)), config(conv));
  const linear = new convbench.Linear({ name: "l", units: 3, flattenedFrom: [2, 2, 1] });
  assertEquals(config(new convbench.Linear(config(linear) as unknown as convbench.LinearConfig)), config(linear));
  const plain = new convbench.Linear({ name: "l", units: 3 });
  assertEquals(Object.hasOwn(config(plain), "flattenedFrom"), false);
  const dropout = new convbench.Dropout({ name: "d", rate: 0.1, seed: 4 });
  assertEquals(config(new convbench.Dropout(config(dropout) as convbench.DropoutConfig)), config(dropout));
});

Deno.test("no layer takes a name that tfjs-layers has, nor another layer's", () => {
  assertEquals(CLASSES.length, 16);
  const registered = tf.serialization.SerializationMap.getMap().classNameMap;
  const ours = CLASSES.map(({ className }) => className);
  assertEquals(new Set(ours).size, CLASSES.length);
  for (const [i, className] of ours.entries()) {
    assertEquals(className.startsWith("Convbench"), true);
    assertEquals((registered[className]?.[0] as unknown) === CLASSES[i], true);
  }
  const theirs = [
    upstream.flatten(),
    upstream.dropout({ rate: 0.5 }),
    upstream.conv2d({ filters: 1, kernelSize: 1 }),
    upstream.batchNormalization(),
    upstream.add(),
    upstream.concatenate(),
  ];
  for (const layer of theirs) {
    assertEquals((registered[layer.getClassName()]?.[0] as unknown) === layer.constructor, true);
  }
});
