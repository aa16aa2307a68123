/**
 * tfjs' own WebGPU kernels, which ours replace.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

const replaced = new Map<string, tf.KernelFunc>();

/**
 * Runs tfjs' WebGPU kernel called `kernelName`, whether it has been replaced or not.
 *
 * @throws {RangeError} Where tfjs has none.
 */
export function upstreamKernel(
  kernelName: string,
  args: { inputs: object; backend: object; attrs: object },
): tf.TensorInfo {
  const kernel = replaced.get(kernelName) ?? tf.getKernel(kernelName, "webgpu")?.kernelFunc;
  if (kernel === undefined) throw new RangeError(`Expected tfjs to have a webgpu kernel but found no ${kernelName}`);
  return kernel(args as Parameters<tf.KernelFunc>[0]) as tf.TensorInfo;
}

/** Puts `kernel` in the place of tfjs' one, if there is one. */
export function replaceKernel(kernelName: string, kernel: (args: never) => tf.TensorInfo | tf.TensorInfo[]): void {
  const original = tf.getKernel(kernelName, "webgpu");
  if (original !== undefined) {
    replaced.set(kernelName, original.kernelFunc);
    tf.unregisterKernel(kernelName, "webgpu");
  }
  tf.registerKernel({ kernelName, backendName: "webgpu", kernelFunc: kernel as unknown as tf.KernelFunc });
}
