/**
 * The sum of many tensors on WebGPU. tfjs binds all of them to one shader; a shader takes
 * eight buffers at least and often at most, and a step of training adds up one number of
 * each gradient.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import { upstreamKernel } from "./upstream.ts";

/** The part of tfjs' WebGPU backend that the kernel needs. */
export interface Buffers {
  /** Its device. */
  readonly device: { readonly limits: { readonly maxStorageBuffersPerShaderStage: number } };
  /** Frees what is held in between. */
  disposeData(dataId: object): unknown;
}

/** tfjs' AddN, on as many tensors at a time as a shader takes. */
export function addN(
  { inputs, backend }: { inputs: readonly tf.TensorInfo[]; backend: Buffers },
  add: (inputs: readonly tf.TensorInfo[]) => tf.TensorInfo = (inputs) =>
    upstreamKernel("AddN", { inputs, backend, attrs: {} }),
): tf.TensorInfo {
  // One is for the output.
  const most = backend.device.limits.maxStorageBuffersPerShaderStage - 1;
  let sum = add(inputs.slice(0, most));
  for (let next = most; next < inputs.length; next += most - 1) {
    const more = add([sum, ...inputs.slice(next, next + most - 1)]);
    backend.disposeData(sum.dataId);
    sum = more;
  }
  return sum;
}
