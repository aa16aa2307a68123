/**
 * The program of the page's workers: measures the one job that it is sent, as a process
 * of the command line does, or says which backends there are.
 *
 * @module
 */
import { availableBackends } from "../../backends/select.ts";
import { reasonOf, runJob } from "../sampler/run_job.ts";
import { clockResolution } from "./clock.ts";
import type { Request, WorkerMessage } from "./messages.ts";

const worker = globalThis as unknown as {
  postMessage(message: WorkerMessage): void;
  addEventListener(type: "message", listener: (event: MessageEvent<Request>) => void): void;
};

const tell = (message: WorkerMessage): void => worker.postMessage(message);

async function answer({ job, wasmPath }: Request): Promise<void> {
  try {
    if (job === undefined) {
      tell({ type: "backends", backends: await availableBackends({ wasmPath }), clockMs: clockResolution() });
    } else {
      // No browser tells a worker how much memory it holds.
      await runJob(job, { tell, peakMemory: () => 0, wasmPath });
    }
  } catch (error) {
    tell({ type: "failed", reason: reasonOf(error) });
  }
}

worker.addEventListener("message", ({ data }) => void answer(data));
