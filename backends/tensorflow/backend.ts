/**
 * TensorFlow's kernels as a backend.
 *
 * @module
 */
import type { BackendOptions, BackendSource } from "../source.ts";

/** tfjs-node's kernels over libtensorflow, on one kind of device. */
export function tensorflowBackend(device: "cpu" | "gpu"): BackendSource {
  return {
    name: "tensorflow",
    device,
    async start(options) {
      if (!("Deno" in globalThis)) throw new TypeError("it needs Deno");
      // Bundlers would follow a literal, and whoever only reads types would load what lies behind it.
      const path = import.meta.url.replace(/backend(\.\w+)$/, "start$1");
      const { startTensorFlow } = await import(
        /* webpackIgnore: true */ /* @vite-ignore */ path
      ) as { startTensorFlow(device: "cpu" | "gpu", options: BackendOptions): ReturnType<BackendSource["start"]> };
      return await startTensorFlow(device, options);
    },
  };
}
