/**
 * The choice of a backend, with reasons for what was not chosen.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { parseConfig, show } from "../models/errors.ts";
import { cpuBackend } from "./cpu/mod.ts";
import { BACKEND_NAMES, type BackendName, type BackendOptions, type BackendSource } from "./source.ts";
import { tensorflowBackend } from "./tensorflow/backend.ts";
import { wasmBackend } from "./wasm/backend.ts";
import { webgpuBackend } from "./webgpu/backend.ts";

/** A backend as {@linkcode useBackend} and {@linkcode availableBackends} tell of it. */
export interface BackendInfo {
  /** Its name, as `tf.setBackend()` takes it. */
  readonly name: BackendName;
  /** What it computes on. */
  readonly device: "cpu" | "gpu";
  /** Whether it can run here. */
  readonly available: boolean;
  /** Version of the package or library that it comes from. */
  readonly version: string;
  /** Facts worth a line in a report: SIMD, threads, the adapter. */
  readonly features: Readonly<Record<string, string | number | boolean>>;
  /** Why it cannot run, where it cannot. */
  readonly reason?: string;
  /** The backends that would have come first, each with the reason why it was not taken. */
  readonly passedOver: readonly PassedOver[];
}

/** A backend that was not taken. */
export interface PassedOver {
  /** Its name. */
  readonly name: BackendName;
  /** What it would have computed on. */
  readonly device: "cpu" | "gpu";
  /** Why it was not taken. */
  readonly reason: string;
}

/**
 * In the order of preference. TensorFlow comes before WebGPU for another reason, too: webgpu/order.ts.
 */
const SOURCES: readonly BackendSource[] = [
  tensorflowBackend("gpu"),
  webgpuBackend("gpu"),
  tensorflowBackend("cpu"),
  wasmBackend,
  cpuBackend,
  webgpuBackend("cpu"),
];

const optionsSchema = z.strictObject({
  device: z.enum(["cpu", "gpu"]).optional(),
  lib: z.string().optional(),
  gpuIndex: z.int().min(0).optional(),
  gpuMemoryLimit: z.int().positive().optional(),
  tf32: z.boolean().optional(),
  wasmPath: z.string().optional(),
});

/**
 * Whether WebGPU is better not asked: with libtensorflow open, Linux' Vulkan brings another LLVM (Mesa's) into the
 * process, which has ended it, sooner or later. Whoever names webgpu gets it.
 */
function endangers({ name }: BackendSource): boolean {
  const { platform = "" } = (globalThis as { navigator?: { platform?: string } }).navigator ?? {};
  return name === "webgpu" && /linux/i.test(platform) && tf.engine().registryFactory.tensorflow !== undefined;
}

/** What is said then. */
const BESIDE_TENSORFLOW = "beside TensorFlow in one process it is taken on Linux only by its name";

async function start(source: BackendSource, options: BackendOptions): Promise<Omit<BackendInfo, "passedOver">> {
  const { name, device } = source;
  try {
    const { version, features } = await source.start(options);
    return { name, device, available: true, version, features };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return { name, device, available: false, version: "", features: {}, reason };
  }
}

/**
 * Makes a backend the one that tensors live on: the one named, or the first of
 * `tensorflow` on a GPU, `webgpu` on a GPU, `tensorflow` on the CPU, `wasm`, `cpu` that
 * runs here. Gives what was chosen and why not those before it. `webgpu` on an adapter
 * that is software is taken by its name only, and says so: its device is `cpu`.
 *
 * @throws {RangeError} Where the name is unknown, or no such device is in use there.
 * @throws {Error} Where the named backend cannot run here; the current one stays.
 *
 * @example
 * ```ts
 * import { useBackend } from "@convbench/convbench";
 *
 * const { name, features } = await useBackend();
 * console.log(name, features);
 * ```
 */
export async function useBackend(name?: BackendName, options: BackendOptions = {}): Promise<BackendInfo> {
  if (name !== undefined && !BACKEND_NAMES.includes(name)) {
    throw new RangeError(`Expected backend to be one of ${BACKEND_NAMES.join(", ")} but found ${show(name)}`);
  }
  const { device } = parseConfig(optionsSchema, options, "useBackend()");
  const candidates = SOURCES.filter((source) => name === undefined ? !source.byNameOnly : source.name === name);
  const passedOver: PassedOver[] = [];
  for (const source of candidates) {
    if (device !== undefined && source.device !== device) {
      passedOver.push({ name: source.name, device: source.device, reason: `it computes on the ${source.device}` });
      continue;
    }
    if (name === undefined && endangers(source)) {
      passedOver.push({ name: source.name, device: source.device, reason: BESIDE_TENSORFLOW });
      continue;
    }
    const info = await start(source, options);
    if (info.available) {
      await tf.setBackend(source.name);
      return { ...info, passedOver };
    }
    passedOver.push({ name: source.name, device: source.device, reason: info.reason ?? "it does not start" });
  }
  const reasons = passedOver.map(({ name, device, reason }) => `${name} on the ${device}: ${reason}`).join("; ");
  throw new Error(`Expected a backend ${device ? `on the ${device} ` : ""}that runs here but found none (${reasons})`);
}

/**
 * All backends in the order of preference: which run here, and why the others do
 * not. The current backend stays. `wasmPath` is as in {@linkcode useBackend}.
 *
 * @example
 * ```ts
 * import { availableBackends } from "@convbench/convbench";
 *
 * for (const { name, available, reason } of await availableBackends()) console.log(name, available, reason);
 * ```
 */
export async function availableBackends(options: BackendOptions = {}): Promise<BackendInfo[]> {
  parseConfig(optionsSchema, options, "availableBackends()");
  const infos: BackendInfo[] = [];
  for (const source of SOURCES) {
    const passedOver = infos.flatMap(({ name, device, reason }) =>
      reason === undefined ? [] : [{ name, device, reason }]
    );
    const { name, device } = source;
    const info = endangers(source)
      ? { name, device, available: false, version: "", features: {}, reason: BESIDE_TENSORFLOW }
      : await start(source, options);
    infos.push({ ...info, passedOver });
  }
  return infos;
}
