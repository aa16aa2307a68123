/**
 * tfjs' own WebGPU kernels, which ours replace.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import { ReplacedKernels } from "../replaced_kernels.ts";

/** The kernels of tfjs' WebGPU backend. */
export const webgpuKernels: ReplacedKernels = new ReplacedKernels("webgpu");

/**
 * Runs tfjs' WebGPU kernel called `kernelName`, whether it has been replaced or not.
 *
 * @throws {RangeError} Where tfjs has none.
 */
export function upstreamKernel(
  kernelName: string,
  args: { inputs: object; backend: object; attrs: object },
): tf.TensorInfo {
  return webgpuKernels.upstream(kernelName)(args as Parameters<tf.KernelFunc>[0]) as tf.TensorInfo;
}
