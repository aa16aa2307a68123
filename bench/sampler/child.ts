/**
 * The program of the sampler's processes: measures the one job that its argument
 * holds, and tells of it on stdout. It imports nothing from JSR, so that it runs as
 * it is wherever its parent does.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import process from "node:process";
import { useBackend } from "../../backends/select.ts";
import { createWorkload } from "../workloads.ts";
import { measure } from "./measure.ts";
import { encodeMessage, type Job, type Message, parseJob } from "./messages.ts";
import { measurePeak } from "./peak.ts";

const encoder = new TextEncoder();

function tell(message: Message): void {
  const line = encoder.encode(`${encodeMessage(message)}\n`);
  for (let written = 0; written < line.length;) written += Deno.stdout.writeSync(line.subarray(written));
}

/** An error in words; TensorFlow's kind of it too, by which it is known that memory did not suffice. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error ? `${error.code}: ${error.message}` : error.message;
}

/** Bytes of main memory that the process held at most. */
function peakMemory(): number {
  return process.resourceUsage().maxRSS * 1024;
}

async function run(job: Job): Promise<void> {
  const { backend, device } = job;
  const { name, device: used, version, features } = await useBackend(backend, device === undefined ? {} : { device });
  // Steps that are compiled compare with compiled ones alone: it is one of the backend's features.
  const how = job.compiled === true ? { ...features, compiled: true } : features;
  const record = { name, device: used, version, features: how, tfjs: tf.version_core };
  tell({ type: "backend", backend: record });
  let finite = true;
  if (job.kind === "peak") {
    await measurePeak(used, tell, { compiled: job.compiled, precision: job.precision });
  } else {
    const workload = createWorkload(job.model, job.mode, job.batch, job);
    finite = await measure({ step: () => workload.step(), samples: job.samples, tell });
  }
  tell({ type: "end", peakMemory: peakMemory(), finite });
}

if (import.meta.main) {
  // Ctrl-C in a terminal goes to all its processes: the parent decides what ends.
  Deno.addSignalListener("SIGINT", () => {});
  try {
    await run(parseJob(Deno.args[0] ?? ""));
  } catch (error) {
    tell({ type: "failed", reason: reasonOf(error) });
  }
  // A backend's threads, or a listener, must not keep a process that is done.
  Deno.exit(0);
}
