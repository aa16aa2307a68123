/**
 * `AvgPoolGrad` for wasm. tfjs' kernel (tensorflow/tfjs#7672) runs a generic
 * three-dimensional loop and divides by the whole window where the forward pass
 * divides by what lies inside the image.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import { type AvgPoolGradAttributes, spreadAverages } from "../avg_pool_grad.ts";
import { floats, type WasmKernel } from "./kernel.ts";

/** `dy` `[N, oH, oW, C]`, `input` `[N, H, W, C]` → the gradient of the input. */
export const avgPoolGrad: WasmKernel<{ dy: tf.TensorInfo; input: tf.TensorInfo }, AvgPoolGradAttributes> = (
  { inputs: { dy, input }, backend, attrs },
) => {
  const result = backend.makeOutput(input.shape, "float32");
  const dx = floats(backend, result);
  dx.fill(0);
  spreadAverages(floats(backend, dy), dx, input.shape, attrs);
  return result;
};
