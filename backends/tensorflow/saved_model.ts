/**
 * TensorFlow's SavedModels, run as they are.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import { runningBinding } from "./start.ts";

/** A signature of a SavedModel, loaded; the caller disposes it. */
export interface SavedModel {
  /** Its inputs: name, data type and shape of each. */
  readonly inputs: readonly tf.ModelTensorInfo[];
  /** Its outputs. */
  readonly outputs: readonly tf.ModelTensorInfo[];
  /**
   * Runs it, in the calling thread. A record of tensors gives a record of the outputs
   * by their names, a list a list, a tensor the only output. The caller owns them.
   */
  predict(inputs: tf.Tensor | tf.Tensor[] | tf.NamedTensorMap): tf.Tensor | tf.Tensor[] | tf.NamedTensorMap;
  /** Frees it. */
  dispose(): void;
}

/** Which part of a SavedModel to load. */
export interface LoadSavedModelOptions {
  /** The tags of its MetaGraph. @default {["serve"]} */
  readonly tags?: readonly string[];
  /** The name of the signature. @default {"serving_default"} */
  readonly signature?: string;
}

/**
 * Loads the SavedModel in `folder`, as `tf.saved_model.save` writes it.
 *
 * @throws {Error} Where TensorFlow does not run, or there is no such model, tag or signature.
 *
 * @example
 * ```ts ignore
 * import { loadSavedModel } from "@convbench/convbench/tensorflow";
 * import { useBackend } from "@convbench/convbench";
 * import * as tf from "@tensorflow/tfjs-core";
 *
 * await useBackend("tensorflow");
 * const model = await loadSavedModel("./my_model");
 * const y = model.predict(tf.ones([1, 4]));
 * model.dispose();
 * ```
 */
export async function loadSavedModel(
  folder: string,
  { tags = ["serve"], signature = "serving_default" }: LoadSavedModelOptions = {},
): Promise<SavedModel> {
  runningBinding("loadSavedModel()");
  const upstream = await import("@tensorflow/tfjs-node-gpu/dist/saved_model.js");
  return await upstream.loadSavedModel(folder, [...tags], signature) as unknown as SavedModel;
}
