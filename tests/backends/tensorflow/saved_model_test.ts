import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { type LayersModel, loadLayersModel } from "@tensorflow/tfjs-layers";
import { fileURLToPath } from "node:url";
import { loadSavedModel, summaryWriter, tensorflowMemory } from "../../../backends/tensorflow/mod.ts";
import { createModel } from "../../../models/registry.ts";
import { stateDict } from "../../../models/state_dict.ts";
import { testOnTensorFlow } from "./support.ts";

const FOLDER = fileURLToPath(new URL("../../fixtures/saved_model", import.meta.url));

testOnTensorFlow("a SavedModel runs: a tensor gives the output, a record gives the outputs by name", async () => {
  const model = await loadSavedModel(FOLDER);
  assertEquals(model.inputs.map(({ name, shape }) => [name, shape?.length]), [["serving_default_x", 2]]);
  const x = tf.tensor2d([[1, 0, 2], [0, 1, 0]]);
  const y = model.predict(x) as tf.Tensor;
  assertEquals([y.shape, [...await y.data()]], [[2, 2], [11, 14, 3, 4]]);
  const named = model.predict({ x }) as tf.NamedTensorMap;
  assertEquals(Object.keys(named), ["y"]);
  assertEquals([...await named["y"]?.data() ?? []], [11, 14, 3, 4]);
  tf.dispose([x, y, named]);
  model.dispose();
  assertEquals(tensorflowMemory().savedModels, 0);
});

testOnTensorFlow("two signatures of a SavedModel are loaded at a time; int64 goes in as int32", async () => {
  const [first, second] = [await loadSavedModel(FOLDER), await loadSavedModel(FOLDER, { signature: "both" })];
  const [a, b] = [tf.tensor1d([0.5, 2]), tf.tensor1d([1, -1], "int32")];
  const { sum, large } = second.predict({ a, b }) as tf.NamedTensorMap;
  assertEquals([[...await sum?.data() ?? []], [...await large?.data() ?? []]], [[1.5, 1], [0, 1]]);
  tf.dispose([a, b, sum ?? [], large ?? []]);
  // They share what TensorFlow loaded; the last one frees it.
  first.dispose();
  assertEquals(tensorflowMemory().savedModels, 1);
  second.dispose();
  assertEquals(tensorflowMemory().savedModels, 0);
});

testOnTensorFlow("a SavedModel that is not there, or lacks what is asked for, is an error", async () => {
  await assertRejects(() => loadSavedModel("/nothing/here"), Error);
  await assertRejects(() => loadSavedModel(FOLDER, { tags: ["gpu"] }), Error, "gpu");
  await assertRejects(() => loadSavedModel(FOLDER, { signature: "none" }), Error, "none");
  assertEquals(tensorflowMemory().savedModels, 0);
  const model = await loadSavedModel(FOLDER);
  const x = tf.ones([2, 4]);
  assertThrows(() => model.predict(x), Error, "Matrix size-incompatible");
  model.dispose();
  const both = await loadSavedModel(FOLDER, { signature: "both" });
  const b = tf.ones([5], "int32");
  const a = tf.reshape(x, [8]);
  assertThrows(() => both.predict({ a, b }), Error);
  tf.dispose([x, a, b]);
  both.dispose();
});

testOnTensorFlow("a model saved to file:// comes back from there", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const model = createModel("d2l/bnlenet", { seed: 3 });
    await model.save(`file://${folder}`);
    const copy = await loadLayersModel(`file://${folder}/model.json`);
    assertEquals(await stateDict(copy), await stateDict(model));
    const outputs = (net: LayersModel) =>
      tf.tidy(() => [...(net.apply(tf.ones([2, 28, 28, 1])) as tf.Tensor).dataSync()]);
    assertEquals(outputs(copy), outputs(model));
    model.dispose();
    copy.dispose();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

testOnTensorFlow(
  "summaryWriter() writes a log that TensorBoard reads, and keeps one handle until it is disposed",
  async () => {
    const folder = await Deno.makeTempDir();
    const before = tensorflowMemory().handles;
    try {
      const log = summaryWriter(folder);
      const kept = tensorflowMemory().handles - before;
      for (let step = 0; step < 20; step++) log.scalar("loss", 1 / (step + 1), step);
      const values = tf.tensor1d([1, 2, 2, 3]);
      log.histogram("values", values, 0);
      values.dispose();
      log.flush();
      const after = tensorflowMemory().handles - before;
      log.dispose();
      assertEquals([kept, after, tensorflowMemory().handles - before], [1, 1, 0]);
      const [file] = [...Deno.readDirSync(folder)];
      const text = new TextDecoder("latin1").decode(await Deno.readFile(`${folder}/${file?.name}`));
      assertEquals(["loss", "values", "histograms"].map((word) => text.includes(word)), [true, true, true]);
      assertEquals(text.split("loss").length - 1, 20);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
