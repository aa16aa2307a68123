/**
 * `WriteValues` for wasm: into fresh memory of the heap, once the old is freed.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import { place, type WriteValuesAttributes } from "../../models/ops/write_values.ts";
import { floats, type KernelArguments } from "./kernel.ts";

type Arguments = KernelArguments<{ x: tf.TensorInfo }, WriteValuesAttributes>;

/** See {@linkcode WriteValuesAttributes}. */
export function writeValues({ inputs: { x }, backend, attrs }: Arguments): tf.TensorInfo[] {
  if (attrs.start === 0) {
    // Not over the old values: XNNPACK keeps filters as it packed them until their tensor is disposed of.
    backend.disposeData(x.dataId, true);
    backend.move(x.dataId, null as unknown as tf.BackendValues, x.shape, "float32", 1);
  }
  place(attrs.values, floats(backend, x), attrs);
  return [];
}
