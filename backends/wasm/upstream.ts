/**
 * tfjs' own wasm kernels, which ours replace and build on.
 *
 * @module
 */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";

type UpstreamKernel = (args: {
  inputs: Record<string, tf.TensorInfo>;
  backend: BackendWasm;
  attrs: Record<string, unknown>;
}) => tf.TensorInfo;

const replaced = new Map<string, UpstreamKernel>();

/**
 * tfjs' wasm kernel called `kernelName`, whether it has been replaced or not.
 *
 * @throws {RangeError} Where tfjs has none.
 */
export function upstreamKernel(kernelName: string): UpstreamKernel {
  const kernel = replaced.get(kernelName) ?? tf.getKernel(kernelName, "wasm")?.kernelFunc;
  if (kernel === undefined) throw new RangeError(`Expected tfjs to have a wasm kernel called ${kernelName}`);
  return kernel as unknown as UpstreamKernel;
}

/** Puts `kernel` in the place of tfjs' one, if there is one; its set-up stays, since it serves the original. */
export function replaceKernel(kernelName: string, kernel: (args: never) => tf.TensorInfo | tf.TensorInfo[]): void {
  const original = tf.getKernel(kernelName, "wasm");
  if (original !== undefined) {
    replaced.set(kernelName, original.kernelFunc as unknown as UpstreamKernel);
    tf.unregisterKernel(kernelName, "wasm");
  }
  tf.registerKernel({
    kernelName,
    backendName: "wasm",
    kernelFunc: kernel as unknown as tf.KernelFunc,
    ...(original?.setupFunc ? { setupFunc: original.setupFunc } : {}),
  });
}
