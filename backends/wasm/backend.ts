/**
 * tfjs' wasm backend, made able to train.
 *
 * @module
 */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { initializeBackend } from "../initialize.ts";
import type { BackendSource } from "../source.ts";
import { guardHeap, installWasmKernels } from "./mod.ts";
import { checkServed } from "./served.ts";

/** tfjs' `wasm` with this project's kernels. */
export const wasmBackend: BackendSource = {
  name: "wasm",
  device: "cpu",
  async start({ wasmPath }) {
    const { getThreadsCount, setWasmPaths, version_wasm } = await import("@tensorflow/tfjs-backend-wasm");
    const started = tf.engine().registry["wasm"] !== undefined;
    if (!started && !tf.env().getBool("IS_NODE")) await checkServed(wasmPath ?? "");
    if (!started && wasmPath !== undefined) setWasmPaths(wasmPath);
    const backend = await initializeBackend("wasm");
    installWasmKernels();
    guardHeap(backend as BackendWasm);
    return {
      version: version_wasm,
      features: { simd: await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT") as boolean, threads: getThreadsCount() },
    };
  },
};
