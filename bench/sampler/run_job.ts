/**
 * What a process of the sampler does, be it a program or a browser's worker: measures
 * one job, and tells of it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../../backends/select.ts";
import type { BackendOptions } from "../../backends/source.ts";
import { deviceTime, hasDeviceTime } from "../../backends/webgpu/device_time.ts";
import { median } from "../report/median.ts";
import { createWorkload } from "../workloads.ts";
import { measure } from "./measure.ts";
import type { Job, Message } from "./messages.ts";
import { measurePeak } from "./peak.ts";

/** An error in words; TensorFlow's kind of it too, by which it is known that memory did not suffice. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error ? `${error.code}: ${error.message}` : error.message;
}

/** Where a job runs. */
export interface JobHere {
  /** Takes what is to be told. */
  readonly tell: (message: Message) => void;
  /** Bytes of main memory that the process held at most; 0 where it cannot be known. */
  readonly peakMemory: () => number;
  /** Where a page's server has the `.wasm` files. */
  readonly wasmPath?: string;
}

/** With timestamps each shader is submitted by itself, which is slower: these steps are no samples. */
const TIMED_STEPS = 3;

/** Milliseconds that the device's kernels run in a step, by its own timestamps. */
async function kernelMs(submit: () => void): Promise<number> {
  const steps: number[] = [];
  for (let step = 0; step < TIMED_STEPS; step++) steps.push((await deviceTime(submit)).kernelMs);
  return median(steps);
}

/** Measures `job` to its end. */
export async function runJob(job: Job, { tell, peakMemory, wasmPath }: JobHere): Promise<void> {
  const options: BackendOptions = {
    ...job.device === undefined ? {} : { device: job.device },
    ...wasmPath === undefined ? {} : { wasmPath },
  };
  const { name, device, version, features } = await useBackend(job.backend, options);
  // Steps that are compiled compare with compiled ones alone: it is one of the backend's features.
  const how = job.compiled === true ? { ...features, compiled: true } : features;
  tell({ type: "backend", backend: { name, device, version, features: how, tfjs: tf.version_core } });
  let finite = true;
  if (job.kind === "peak") {
    await measurePeak(device, tell, { compiled: job.compiled, precision: job.precision });
  } else {
    const workload = createWorkload(job.model, job.mode, job.batch, job);
    try {
      finite = await measure({ step: () => workload.step(), samples: job.samples, tell });
      if (hasDeviceTime()) tell({ type: "device", ms: await kernelMs(() => workload.submit()) });
    } finally {
      workload.dispose();
    }
  }
  tell({ type: "end", peakMemory: peakMemory(), finite });
}
