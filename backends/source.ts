/**
 * What a backend's room offers to the one that selects.
 *
 * @module
 */

/** The backends of this module. */
export type BackendName = "tensorflow" | "webgpu" | "wasm" | "cpu";

/** Their names, in the order of preference. */
export const BACKEND_NAMES: readonly BackendName[] = ["tensorflow", "webgpu", "wasm", "cpu"];

/** Options of `useBackend()`. */
export interface BackendOptions {
  /** The device that has to be in use: where it is not, an error instead of a silent fallback. */
  device?: "cpu" | "gpu";
  /** tensorflow: the path of `libtensorflow_cc`; TF_LIB or what `deno task setup` installed where it is left out. */
  lib?: string;
  /** tensorflow: which of the machine's GPUs to use. */
  gpuIndex?: number;
  /** tensorflow: the most memory of the GPU to take, in bytes; it grows as needed where it is left out. */
  gpuMemoryLimit?: number;
  /** tensorflow on a GPU: whether float32 products may be computed in TF32; TensorFlow's choice where it is left out. */
  tf32?: boolean;
  /** wasm: where its three `.wasm` files lie, as a URL that ends in a slash; for bundles in a browser. */
  wasmPath?: string;
}

/** A backend that can be started. */
export interface BackendSource {
  readonly name: BackendName;
  readonly device: "cpu" | "gpu";
  /** Whether it is taken only where it is asked for by its name. */
  readonly byNameOnly?: boolean;
  /** Loads and initialises it without making it the current one; throws with the reason where it cannot run. */
  start(options: BackendOptions): Promise<{ version: string; features: Record<string, string | number | boolean> }>;
}
