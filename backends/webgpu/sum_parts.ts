/**
 * The sum over a tensor's first axis, of what several workgroups made for one result.
 *
 * @module
 */
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type * as tf from "@tensorflow/tfjs-core";
import { runEach } from "./program.ts";

/** `[S, …]` → the sums `[…]`; `name` is the kernel's. */
export function sumParts(
  name: string,
  backend: WebGPUBackend,
  parts: tf.TensorInfo,
  outputShape: number[],
): tf.TensorInfo {
  return runEach(backend, {
    name: `${name}SumParts`,
    outputShape,
    inputs: { Parts: parts },
    integers: { count: parts.shape[0] ?? 1 },
    value: `
      var sum = 0.0;
      for (var part = 0; part < uniforms.count; part++) { sum += Parts[part * uniforms.size + at]; }
      return sum;`,
  });
}
