/**
 * tfjs' WebGPU backend, made able to train at speed.
 *
 * @module
 */
import type { BackendSource } from "../source.ts";

/** tfjs' `webgpu` with this project's kernels, on a GPU, or on an adapter that is software on the CPU. */
export function webgpuBackend(device: "cpu" | "gpu"): BackendSource {
  return {
    name: "webgpu",
    device,
    // Software is right for tests, and slower than wasm.
    byNameOnly: device === "cpu",
    async start() {
      // Asked first: without it there is no reason to load three quarters of a megabyte.
      if ((globalThis as { navigator?: { gpu?: unknown } }).navigator?.gpu === undefined) {
        throw new TypeError("Expected navigator.gpu but found none: WebGPU needs Deno, or a browser that has it");
      }
      const { startWebGPU } = await import("./start.ts");
      if (!("Deno" in globalThis)) return await startWebGPU(device);
      // Bundlers would follow a literal.
      const path = import.meta.url.replace(/backend(\.\w+)$/, "runtime_folder$1");
      const { withRuntimeFolder } = await import(
        /* webpackIgnore: true */ /* @vite-ignore */ path
      ) as { withRuntimeFolder<T>(ask: () => Promise<T>): Promise<T> };
      return await withRuntimeFolder(() => startWebGPU(device));
    },
  };
}
