/**
 * Whether a network is the same after it was written and read again.
 *
 * @module
 */
import { assertEquals, assertNotEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { loadLayersModel } from "@tensorflow/tfjs-layers";
import { RandomLayer } from "../../../models/layers/random_layer.ts";
import { declaredWeights, loadStateDict, stateDict } from "../../../models/state_dict.ts";
import { readSafetensors, writeSafetensors } from "../../../models/weights/safetensors.ts";
import { firstTrainingCall, run, SEED, type Subject } from "./subject.ts";

/** tfjs' own `save()` and `loadLayersModel()`. */
export async function saving({ model, x }: Subject): Promise<void> {
  const saved: tf.io.ModelArtifacts[] = [];
  await model.save(tf.io.withSaveHandler((artifacts) => {
    saved.push(artifacts);
    return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } });
  }));
  const loaded = await loadLayersModel(tf.io.fromMemory(saved[0] ?? {}));
  try {
    assertEquals(loaded.name, model.name);
    assertEquals(run(loaded, x, false), run(model, x, false));
    assertEquals(firstTrainingCall(loaded, x), firstTrainingCall(model, x));
    assertEquals(declaredWeights(loaded).map(([key]) => key), declaredWeights(model).map(([key]) => key));
  } finally {
    loaded.dispose();
  }
}

/** A state dict as a file, into a network of another seed. */
export async function stateDicts({ model, build, x }: Subject): Promise<void> {
  const expected = run(model, x, false);
  const other = build(SEED + 1);
  try {
    assertNotEquals(run(other, x, false), expected);
    const dict = readSafetensors(writeSafetensors(await stateDict(model)));
    assertEquals(loadStateDict(other, dict), { missing: [], unexpected: [] });
    assertEquals(run(other, x, false), expected);
    assertEquals(declaredWeights(other).map(([key]) => key), Object.keys(dict));
    // Masks are not in it: they are the seed's.
    const isRandom = model.layers.some((layer) => layer instanceof RandomLayer && layer.rate > 0);
    const calls = [model, other].map((model) => firstTrainingCall(model, x));
    (isRandom ? assertNotEquals : assertEquals)(calls[1], calls[0]);
  } finally {
    other.dispose();
  }
}
