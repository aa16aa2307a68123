/**
 * Backends, and workers that tell what a test wants.
 *
 * @module
 */
import type { BackendInfo } from "../../../backends/select.ts";
import { type BackendChoice, backendChoices } from "../../../bench/browser/backends.ts";
import { ProcessError, type StartProcess } from "../../../bench/sampler/ending.ts";
import type { Job } from "../../../bench/sampler/messages.ts";

/** What `availableBackends()` says of a backend. */
export function info(name: BackendInfo["name"], more: Partial<BackendInfo> = {}): BackendInfo {
  return { name, device: "cpu", available: true, version: "4.22.0", features: {}, passedOver: [], ...more };
}

/** WebGPU on a GPU and on the CPU, as a machine with a GPU, with software, or with nothing has them. */
export const WEBGPU = {
  gpu: [
    info("webgpu", { device: "gpu", features: { vendor: "amd", architecture: "rdna-3", software: false } }),
    info("webgpu", { available: false, reason: "its adapter, amd rdna-3, is no software" }),
  ],
  software: [
    info("webgpu", { device: "gpu", available: false, reason: "its adapter, llvmpipe, is software on the CPU" }),
    info("webgpu", { features: { description: "llvmpipe", software: true } }),
  ],
  none: [
    info("webgpu", { device: "gpu", available: false, reason: "no adapter" }),
    info("webgpu", { available: false, reason: "no adapter either" }),
  ],
} as const;

/** The one choice that these backends come to. */
export function choiceOf(infos: readonly BackendInfo[]): BackendChoice {
  const [choice] = backendChoices(infos);
  if (choice === undefined) throw new TypeError("Expected a backend of browsers");
  return choice;
}

/** Starts of which each takes `ms` a step, and remembers its job in `jobs`; of those after `fail` none succeeds. */
export function fakeStarts(
  jobs: Job[],
  { ms = 10, fail = Infinity }: { ms?: number; fail?: number } = {},
): StartProcess {
  return async function* (job, signal) {
    jobs.push(job);
    await Promise.resolve();
    signal.throwIfAborted();
    if (jobs.length > fail) throw new ProcessError("failed", "a buffer is too large");
    yield { type: "backend", backend: { name: "wasm", device: "cpu", version: "1", features: {}, tfjs: "4.22.0" } };
    if (job.kind === "model") {
      yield { type: "first", ms: 30 };
      yield { type: "warm", steps: 10, ms: 1000, stable: true };
      yield { type: "samples", ms: Array(job.samples).fill(ms) };
    } else {
      yield { type: "peak", of: "matmul", perSecond: 1e9 };
    }
    yield { type: "end", peakMemory: 0, finite: true };
  };
}
