/**
 * `WriteValues` for cpu.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { WriteValuesAttributes } from "../../models/ops/write_values.ts";
import { writeToArray } from "../host_arrays.ts";

interface Arguments {
  readonly inputs: { readonly x: tf.TensorInfo };
  readonly backend: { readonly data: { get(dataId: object): { values: Float32Array } } };
  readonly attrs: WriteValuesAttributes;
}

/** See {@linkcode WriteValuesAttributes}. */
export function writeValues({ inputs: { x }, backend, attrs }: Arguments): tf.TensorInfo[] {
  const entry = backend.data.get(x.dataId);
  entry.values = writeToArray(x, entry.values, attrs);
  return [];
}
