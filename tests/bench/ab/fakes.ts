/**
 * Processes that measure nothing, for both sides of a comparison.
 *
 * @module
 */
import type { Side } from "../../../bench/ab/interleaved.ts";
import type { BackendRecord, Message, ModelJob } from "../../../bench/sampler/messages.ts";
import { type Ending, ProcessError } from "../../../bench/sampler/processes.ts";
import { ENVIRONMENT } from "../report/support.ts";

/** What the fakes compute on. */
export const BACKEND: BackendRecord = {
  name: "wasm",
  device: "cpu",
  version: "4.22.0",
  features: { simd: true, threads: 1 },
  tfjs: "4.22.0",
};

/** A process that was started. */
export interface Started {
  readonly side: string;
  readonly job: ModelJob;
}

/** How a process of a test ends instead of as it should. */
export interface Fails {
  readonly ending: Ending;
  readonly reason: string;
}

/** Milliseconds a step, or how the process fails; `nth` counts the starts of this side. */
export type Behaviour = (job: ModelJob, nth: number) => number | Fails;

/** A side whose steps take as long as `behave` says, give or take a percent, on `backend`. */
export function fakeSide(
  side: string,
  behave: Behaviour,
  { started = [], backend = BACKEND, peaks = [] }: {
    started?: Started[];
    backend?: BackendRecord;
    peaks?: string[];
  } = {},
): Side {
  let nth = 0;
  return {
    environment: ({ tfjs }) => ({ ...ENVIRONMENT, tfjs, commit: side }),
    start: async function* (job, signal): AsyncGenerator<Message, void> {
      await Promise.resolve();
      signal.throwIfAborted();
      yield { type: "backend", backend };
      if (job.kind === "peak") {
        peaks.push(side);
        for (const  of of["matmul", "convolution", "copy"] as const) yield { type: "peak", of, perSecond: 1e12 };
        yield { type: "end", peakMemory: 1, finite: true };
        return;
      }
      started.push({ side, job });
      const told = behave(job, ++nth);
      if (typeof told !== "number") throw new ProcessError(told.ending, told.reason);
      yield { type: "first", ms: 5 * told };
      yield { type: "warm", steps: 7, ms: 900, stable: true };
      const ms = Array.from({ length: job.samples }, (_, i) => told * (1 + 0.01 * Math.sin(7 * nth + 3 * i)));
      yield { type: "samples", ms };
      yield { type: "end", peakMemory: 100 * nth, finite: true };
    },
  };
}
