/**
 * TensorFlow's kernels as a backend.
 *
 * @module
 */
import type { BackendSource } from "../source.ts";

/** tfjs-node's kernels over libtensorflow, on one kind of device. */
export function tensorflowBackend(device: "cpu" | "gpu"): BackendSource {
  return {
    name: "tensorflow",
    device,
    async start(options) {
      if (!("Deno" in globalThis)) throw new TypeError("it needs Deno");
      // Bundlers would follow a literal.
      const path = import.meta.url.replace(/backend(\.\w+)$/, "start$1");
      const { startTensorFlow } = await import(
        /* webpackIgnore: true */ /* @vite-ignore */ path
      ) as typeof import("./start.ts");
      return await startTensorFlow(device, options);
    },
  };
}
