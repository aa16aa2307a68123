/**
 * Starts TensorFlow in this process. Deno only, and loaded when it is asked for.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { readEnv } from "../../data/folders.ts";
import { show } from "../../models/errors.ts";
import { initializeBackend } from "../initialize.ts";
import type { BackendOptions } from "../source.ts";
import { hasAskedForAdapters } from "../webgpu/order.ts";
import { Context, type Device } from "./binding/context.ts";
import { createBinding, type TensorFlowBinding } from "./binding/mod.ts";
import { openLibrary } from "./capi/library.ts";
import { readDriver, readDriverVersion, readLibraryVersion } from "./cuda.ts";
import { installTensorFlowKernels, probeOneDnn } from "./kernels/mod.ts";
import { locateLibrary, type TensorFlowLibrary } from "./library/locate.ts";
import { createTensorFlowBackend } from "./tensorflow_backend.ts";
import { loadUpstream } from "./upstream.ts";

/** The name that tfjs knows it by. */
const NAME = "tensorflow";

type Features = Record<string, string | number | boolean>;

interface Running {
  readonly binding: TensorFlowBinding;
  readonly library: TensorFlowLibrary;
  readonly options: BackendOptions;
}

let starting: Promise<Running> | undefined;
let started: Running | undefined;

/** The options that cannot change once TensorFlow runs. */
const LASTING = ["lib", "gpuIndex", "gpuMemoryLimit", "tf32"] as const satisfies (keyof BackendOptions)[];

/** Sets what the library reads from the environment, where the user has not set it. */
function setDefault(name: string, value: string): void {
  if (readEnv(name) === undefined && Deno.permissions.querySync({ name: "env", variable: name }).state === "granted") {
    Deno.env.set(name, value);
  }
}

async function load(options: BackendOptions): Promise<Running> {
  // The libraries read these when they are loaded. The first spares two lines about the CPU's instructions.
  setDefault("TF_CPP_MIN_LOG_LEVEL", "1");
  // By default TensorFlow uses oneDNN on processors with AVX-512 for neural networks alone; it is faster on others too.
  setDefault("TF_ENABLE_ONEDNN_OPTS", "1");
  if (options.tf32 !== undefined) Deno.env.set("NVIDIA_TF32_OVERRIDE", options.tf32 ? "1" : "0");
  const library = await locateLibrary(options.lib === undefined ? {} : { lib: options.lib });
  if (hasAskedForAdapters() && Deno.build.os === "linux") {
    throw new Error("Expected tensorflow to start before webgpu but found webgpu asked for in this process: swap them");
  }
  const { api, version } = openLibrary(library);
  const context = new Context(api, options);
  const binding = createBinding(context, version);
  const Upstream = await loadUpstream();
  tf.registerBackend(NAME, () => createTensorFlowBackend(Upstream, binding));
  installTensorFlowKernels();
  await initializeBackend(NAME);
  probeOneDnn(binding);
  return { binding, library, options };
}

/**
 * Starts TensorFlow, once a process, and makes its ops run on `device`.
 *
 * @throws {Deno.errors.NotCapable} Without --allow-ffi.
 * @throws {Error} Where there is no library, it does not load, or it has no such device.
 */
export async function startTensorFlow(
  device: "cpu" | "gpu",
  options: BackendOptions,
): Promise<{ version: string; features: Features }> {
  // Asked first: without it nothing else would help, and Deno would stop a program to ask its user.
  if (Deno.permissions.querySync({ name: "ffi" }).state !== "granted") {
    throw new Deno.errors.NotCapable("Expected permission to load libtensorflow but found none: run with --allow-ffi");
  }
  starting ??= load(options);
  let running: Running;
  try {
    started = running = await starting;
  } catch (error) {
    starting = undefined;
    throw error;
  }
  const { binding, library } = running;
  for (const name of LASTING) {
    const [before, now] = [running.options[name], options[name]];
    if (now !== undefined && now !== before) {
      throw new RangeError(
        `Expected ${name} to be what TensorFlow runs with in this process, ${show(before)}, but found ${show(now)}`,
      );
    }
  }
  if (device === "gpu" && !library.gpu) {
    throw new Error(
      `Expected a libtensorflow for GPUs but found one for the CPU (${library.path}): run deno task setup --gpu`,
    );
  }
  binding.context.use(device);
  return {
    version: binding.TF_Version,
    features: { library: library.path, ...(device === "gpu" ? gpuFeatures(binding.context.device, library) : {}) },
  };
}

/** What a report says of the GPU in use; what cannot be asked is left out. */
function gpuFeatures({ name, memoryBytes }: Device, { preload }: TensorFlowLibrary): Features {
  const index = Number(name.split(":").at(-1));
  const ask = <T>(question: () => T): T | undefined => {
    try {
      return question();
    } catch {
      return undefined;
    }
  };
  const driver = ask(readDriver);
  const versionOf = (library: string) => {
    const path = preload.find((path) => path.includes(library));
    return path === undefined ? undefined : ask(() => readLibraryVersion(path));
  };
  const gpu = driver?.gpus[index];
  const facts: Record<string, Features[string] | undefined> = {
    gpu: gpu?.name,
    computeCapability: gpu?.computeCapability,
    memory: gpu?.memory,
    memoryForTensors: memoryBytes,
    driver: ask(readDriverVersion),
    cuda: versionOf("libcudart."),
    cudnn: versionOf("libcudnn."),
    tf32: readEnv("NVIDIA_TF32_OVERRIDE") !== "0",
  };
  return Object.fromEntries(
    Object.entries(facts).filter((fact): fact is [string, Features[string]] => fact[1] !== undefined),
  );
}

/**
 * The binding of this process' TensorFlow.
 *
 * @throws {Error} Where TensorFlow does not run; the message names the `caller` that needs it.
 */
export function runningBinding(caller: string): TensorFlowBinding {
  if (started === undefined) {
    throw new Error(
      `Expected TensorFlow to run before ${caller} but found that it does not: call useBackend("tensorflow")`,
    );
  }
  return started.binding;
}
