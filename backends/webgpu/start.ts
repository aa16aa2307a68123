/**
 * Starts WebGPU in this process. Loaded when it is asked for.
 *
 * @module
 */
// Its module adds tfjs' shaders and flags; our backend and kernels take their places.
import "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import { initializeBackend } from "../initialize.ts";
import { type Adapter, type AdapterFeatures, requestAdapter, requestDevice } from "./adapter.ts";
import { installWebGPUKernels } from "./mod.ts";
import { CheckedWebGPUBackend } from "./webgpu_backend.ts";

/** The name that tfjs knows it by. */
const NAME = "webgpu";

/** The version of the package, which its npm entry point does not export. */
const VERSION = "4.22.0";

let adapter: Adapter | undefined;
/** The way from a lost device to the next one. */
let recovery: Promise<void> | undefined;

async function createBackend(): Promise<CheckedWebGPUBackend> {
  adapter = await requestAdapter();
  const backend = new CheckedWebGPUBackend(await requestDevice(adapter), adapter.adapter.info);
  backend.lost.then(() => recovery = recover(backend));
  return backend;
}

/**
 * Puts a backend with a device of its own in the place of `lost`. Tensors of the lost
 * one stay with it: they can be disposed of, and say what happened where they are used.
 */
async function recover(lost: CheckedWebGPUBackend): Promise<void> {
  const engine = tf.engine();
  if (engine.registry[NAME] !== lost) return;
  lost.dispose();
  try {
    engine.registry[NAME] = await createBackend();
  } catch {
    // No device to be had: useBackend() asks again, and tells why there is none.
    delete engine.registry[NAME];
    return;
  }
  if (tf.getBackend() === NAME) await tf.setBackend(NAME);
}

/**
 * Starts the backend, once a process, or again where its device was lost.
 *
 * @throws {TypeError} Where there is no adapter of that kind.
 */
export async function startWebGPU(device: "cpu" | "gpu"): Promise<{ version: string; features: AdapterFeatures }> {
  const before = tf.engine().registry[NAME];
  if (before instanceof CheckedWebGPUBackend) await before.probe();
  await recovery;
  const { registry, registryFactory } = tf.engine();
  const running = registry[NAME];
  if (running !== undefined && !(running instanceof CheckedWebGPUBackend)) {
    throw new TypeError("Expected webgpu to be started by useBackend() but found tfjs' own backend running");
  }
  const { name, software, features } = running && adapter ? adapter : await requestAdapter();
  if (software && device === "gpu") throw new TypeError(`its adapter, ${name}, is software on the CPU`);
  if (!software && device === "cpu") throw new TypeError(`its adapter, ${name}, is no software`);
  if (running === undefined) {
    delete registryFactory[NAME];
    tf.registerBackend(NAME, createBackend);
    // Small operands would be computed in JavaScript, which is another backend.
    tf.env().set("WEBGPU_CPU_FORWARD", false);
    installWebGPUKernels();
    await initializeBackend(NAME);
  }
  return { version: VERSION, features };
}
