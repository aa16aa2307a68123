import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { loadLayersModel } from "@tensorflow/tfjs-layers";
import { useBackend } from "../../backends/select.ts";
import { buildModel } from "../../models/build.ts";
import { googLeNet } from "../../models/googlenet.ts";
import { leNet } from "../../models/lenet.ts";
import { mainModel } from "../../models/main_model.ts";
import { describeModel } from "../../models/registry.ts";
import { stateDict } from "../../models/state_dict.ts";

const withHeads = googLeNet({ definition: "torchvision", auxiliary: true, width: 1 / 16 });
const inputShape = [64, 64, 3];
const build = () => buildModel(withHeads, { inputShape, name: "heads" });
const image = () => tf.randomUniform([1, 64, 64, 3], -1, 1, "float32", 1);

Deno.test("mainModel() gives the first output, by the same layers and weights", async () => {
  await useBackend("wasm");
  const before = tf.memory().numTensors;
  const model = build();
  const weights = tf.memory().numTensors;
  const main = mainModel(model);
  assertEquals(tf.memory().numTensors, weights);
  assertEquals(main.outputs.length, 1);
  for (const layer of main.layers) assertStrictEquals(layer, model.getLayer(layer.name));
  await tf.tidy(() => {
    const x = image();
    const [expected] = model.predict(x) as tf.Tensor[];
    return [expected?.dataSync(), (main.predict(x) as tf.Tensor).dataSync()];
  }).reduce((expected, found) => (assertEquals(found, expected), expected));
  model.dispose();
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("mainModel() of torchvision's GoogLeNet has the state dict of the one without heads", async () => {
  await useBackend("wasm");
  const model = build();
  const keys = Object.keys(await stateDict(mainModel(model)));
  const expected = describeModel("torchvision/googlenet").layers.flatMap(({ weights }) =>
    weights.map(({ key }) => key)
  );
  assertEquals(keys, expected);
  model.dispose();
});

Deno.test("what one of the models learns the other knows", async () => {
  await useBackend("wasm");
  const before = tf.memory().numTensors;
  const model = build();
  const main = mainModel(model);
  main.compile({ optimizer: "sgd", loss: "meanSquaredError" });
  const [x, y] = [image(), tf.ones([1, 10])];
  const predictions = () =>
    tf.tidy(() => [model.predict(x) as tf.Tensor[], main.predict(x) as tf.Tensor].flat().map((t) => [...t.dataSync()]));
  const [initial] = predictions();
  await main.trainOnBatch(x, y);
  const [whole, , , view] = predictions();
  assertEquals(view, whole);
  assert(String(view) !== String(initial));
  main.dispose();
  model.dispose();
  tf.dispose([x, y]);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("weights belong to the whole model: the view's dispose() frees none and ends the view", async () => {
  await useBackend("wasm");
  const before = tf.memory().numTensors;
  const model = build();
  const weights = tf.memory().numTensors;
  const main = mainModel(model);
  assertEquals(main.dispose(), { refCountAfterDispose: 0, numDisposedVariables: 0 });
  assertEquals(tf.memory().numTensors, weights);
  assertThrows(() => main.dispose(), Error, "already disposed");
  tf.tidy(() => {
    model.predict(image());
    mainModel(model).predict(image());
  });
  model.dispose();
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("the view is of no use after the whole model is disposed", async () => {
  await useBackend("wasm");
  const model = build();
  const main = mainModel(model);
  model.dispose();
  const x = image();
  assertThrows(() => main.predict(x), Error, "already disposed");
  main.dispose();
  x.dispose();
});

Deno.test("mainModel() of a model with one output is a view of all of it", async () => {
  await useBackend("cpu");
  const before = tf.memory().numTensors;
  const model = buildModel(leNet(), { inputShape: [28, 28, 1] });
  const main = mainModel(model);
  assertEquals(main.layers.map(({ name }) => name), model.layers.map(({ name }) => name));
  main.dispose();
  assertEquals(model.outputs[0]?.shape, [null, 10]);
  model.dispose();
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("a saved view loads as a model of its own, without the heads", async () => {
  await useBackend("wasm");
  const before = tf.memory().numTensors;
  const model = build();
  const main = mainModel(model);
  const artifacts: tf.io.ModelArtifacts[] = [];
  await main.save(tf.io.withSaveHandler((saved) => {
    artifacts.push(saved);
    return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } });
  }));
  const loaded = await loadLayersModel(tf.io.fromMemory(artifacts[0] ?? {}));
  const [expected, found] = tf.tidy(() => {
    const x = image();
    return [main, loaded].map((each) => (each.predict(x) as tf.Tensor).dataSync());
  });
  assertEquals(found, expected);
  loaded.dispose();
  model.dispose();
  assertEquals(tf.memory().numTensors, before);
});
