/**
 * tfjs' own wasm kernels, which ours replace and build on.
 *
 * @module
 */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type * as tf from "@tensorflow/tfjs-core";
import { ReplacedKernels } from "../replaced_kernels.ts";

type UpstreamKernel = (args: {
  inputs: Record<string, tf.TensorInfo>;
  backend: BackendWasm;
  attrs: Record<string, unknown>;
}) => tf.TensorInfo;

/** The kernels of tfjs' wasm backend. */
export const wasmKernels: ReplacedKernels = new ReplacedKernels("wasm");

/**
 * tfjs' wasm kernel called `kernelName`, whether it has been replaced or not.
 *
 * @throws {RangeError} Where tfjs has none.
 */
export function upstreamKernel(kernelName: string): UpstreamKernel {
  return wasmKernels.upstream(kernelName) as unknown as UpstreamKernel;
}
