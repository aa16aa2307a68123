/**
 * The sampler: measures models, each in processes of its own, and keeps the raw
 * samples. What a process is, is handed in.
 *
 * @module
 */
import type { ModelName } from "../../models/catalog.ts";
import type { Limit } from "../report/schema.ts";
import { defaultBatch, type Mode } from "../workloads.ts";
import { ProcessError, type StartProcess } from "./ending.ts";
import { nameOf } from "./estimate.ts";
import type { BackendRecord, Job, Message, Place } from "./messages.ts";
import { orderOf, smallerBatch, splitSamples } from "./plan.ts";

/** One model in one mode. */
export interface Entry {
  /** The network. */
  readonly model: ModelName;
  /** What of it is measured. */
  readonly mode: Mode;
}

/** What has been measured of an entry. */
export interface Tally extends Entry {
  /** Images in a step. */
  batch: number;
  /** Milliseconds a step, in the order in which they were taken. */
  samplesMs: number[];
  /** Which process each sample comes from. */
  process: number[];
  /** The first step of each process. */
  firstStepsMs: number[];
  /** What a step's kernels took by the device's own timestamps, in each process that has them. */
  deviceMs: number[];
  /** Bytes of main memory that a process held at most; 0 while none has ended. */
  peakMemory: number;
  /** What a reader has to know. */
  notes: string[];
  /** Why it is measured no further. */
  failure?: string;
}

/** Nothing measured yet. */
export function emptyTally(entry: Entry, batch: number): Tally {
  return { ...entry, batch, samplesMs: [], process: [], firstStepsMs: [], deviceMs: [], peakMemory: 0, notes: [] };
}

/** What the sampler is asked for. */
export interface SamplerOptions extends Place {
  /** What is measured. */
  readonly entries: readonly Entry[];
  /** Images in a step; each model's own where it is left out. */
  readonly batch?: number | undefined;
  /** Samples of each entry, over all of its processes. */
  readonly samples: number;
  /** Processes of each entry. */
  readonly processes: number;
  /** Whether the machine's own limit is measured too, before and after. @default {true} */
  readonly limit?: boolean | undefined;
}

/** What happens, for those who watch. */
export type SamplerEvent =
  /** A process was started. */
  | { readonly type: "started"; readonly what: string; readonly round: number }
  /** An entry has what a round gives it. */
  | { readonly type: "measured"; readonly tally: Readonly<Tally>; readonly round: number }
  /** Words for people. */
  | { readonly type: "note"; readonly text: string };

/** Where the sampler runs. */
export interface SamplerHere {
  /** Starts a process. */
  readonly start: StartProcess;
  /** Ends the run early; what is measured is kept. */
  readonly signal: AbortSignal;
  /** Is told what happens. */
  readonly watch?: (event: SamplerEvent) => void;
}

/** What a run came to. */
export interface Sampled {
  /** The backend that was measured on. */
  readonly backend: BackendRecord | undefined;
  /** What the machine itself reached. */
  readonly limit: Limit;
  /** In the order of the entries. */
  readonly tallies: readonly Tally[];
  /** Whether it was ended early. */
  readonly interrupted: boolean;
}

class Run {
  readonly #options: SamplerOptions;
  readonly #start: StartProcess;
  readonly #signal: AbortSignal;
  readonly #watch: (event: SamplerEvent) => void;
  readonly #shares: readonly number[];
  #backend: BackendRecord | undefined;
  #limit: Limit = { convolution: null, matmul: null, copy: null };

  constructor(options: SamplerOptions, { start, signal, watch = () => {} }: SamplerHere) {
    this.#options = options;
    this.#start = start;
    this.#signal = signal;
    this.#watch = watch;
    this.#shares = splitSamples(options.samples, options.processes);
  }

  /** What the first process chose holds for all. */
  get #place(): Place {
    const { backend, device, compiled, precision } = this.#options;
    const { name, device: used } = this.#backend ?? { name: backend, device };
    return { backend: name, device: used, compiled, precision };
  }

  #messages(job: Job): AsyncGenerator<Message, void> {
    return this.#start(job, this.#signal);
  }

  /** The machine's limit, as far as it goes beyond what is known. */
  async #measureLimit(): Promise<void> {
    this.#watch({ type: "started", what: "the machine's own limit", round: 0 });
    try {
      for await (const message of this.#messages({ kind: "peak", ...this.#place })) {
        if (message.type === "backend") this.#backend ??= message.backend;
        if (message.type === "peak") {
          const best = Math.max(this.#limit[message.of] ?? 0, message.perSecond);
          this.#limit = { ...this.#limit, [message.of]: best };
        }
      }
    } catch (error) {
      if (!(error instanceof ProcessError)) throw error;
      // Without a backend nothing can be measured at all.
      if (this.#backend === undefined) throw new Error(error.message, { cause: error });
      this.#watch({ type: "note", text: `The machine's own limit could not be measured: it ${error.message}` });
    }
  }

  #note(tally: Tally, text: string): void {
    tally.notes.push(text);
    this.#watch({ type: "note", text: `${nameOf(tally)}: ${text}` });
  }

  /** One process of an entry. What it tells is kept, even where it comes to no end. */
  async #measureOnce(tally: Tally, process: number): Promise<void> {
    const { model, mode, batch } = tally;
    const samples = this.#shares[process] ?? 1;
    this.#watch({ type: "started", what: nameOf(tally), round: process });
    for await (const message of this.#messages({ kind: "model", model, mode, batch, samples, ...this.#place })) {
      switch (message.type) {
        case "backend":
          this.#backend ??= message.backend;
          break;
        case "first":
          tally.firstStepsMs.push(message.ms);
          break;
        case "warm":
          if (!message.stable) {
            this.#note(tally, `not stable after ${message.steps} steps of warm-up, ${Math.round(message.ms)} ms`);
          }
          break;
        case "samples":
          tally.samplesMs.push(...message.ms);
          tally.process.push(...message.ms.map(() => process));
          break;
        case "device":
          tally.deviceMs.push(message.ms);
          break;
        case "end":
          tally.peakMemory = Math.max(tally.peakMemory, message.peakMemory);
          if (!message.finite) this.#note(tally, "a step gave a number that is not finite");
      }
    }
  }

  /** Goes on until `tally` has the samples of all rounds up to `round`, with batches as small as it takes. */
  async #measure(tally: Tally, round: number): Promise<void> {
    for (let process = round; process <= round; process++) {
      try {
        await this.#measureOnce(tally, process);
      } catch (error) {
        if (!(error instanceof ProcessError)) throw error;
        const smaller = error.ending === "memory" ? smallerBatch(tally.batch) : 0;
        if (smaller === 0) {
          tally.failure = `process ${process + 1} ${error.ending === "failed" ? "failed: " : ""}${error.message}`;
          this.#watch({ type: "note", text: `${nameOf(tally)}: ${tally.failure}` });
          return;
        }
        const text = `memory did not suffice for a batch of ${tally.batch}: now ${smaller}`;
        // Samples of several batches are not of one kind: all begins anew.
        Object.assign(tally, { ...emptyTally(tally, smaller), notes: tally.notes });
        this.#note(tally, text);
        process = -1;
      }
    }
  }

  async run(): Promise<Sampled> {
    const tallies: Tally[] = [];
    let interrupted = false;
    try {
      const { batch: asked, device, limit = true } = this.#options;
      if (limit) await this.#measureLimit();
      for (const entry of this.#options.entries) {
        const batch = asked ?? defaultBatch(entry.model, this.#backend?.device ?? device);
        tallies.push(emptyTally(entry, batch));
      }
      for (const round of this.#shares.keys()) {
        for (const tally of orderOf(tallies, round)) {
          if (tally.failure === undefined) await this.#measure(tally, round);
          this.#watch({ type: "measured", tally, round });
        }
      }
      if (limit) await this.#measureLimit();
    } catch (error) {
      if (!this.#signal.aborted) throw error;
      interrupted = true;
    }
    return { backend: this.#backend, limit: this.#limit, tallies, interrupted };
  }
}

/**
 * Measures all entries. Each round starts a process for each of them, in an order that
 * turns around from round to round; the machine's own limit is measured before and after,
 * where it is asked for.
 *
 * @throws {Error} Where the backend does not run.
 */
export async function sample(options: SamplerOptions, here: SamplerHere): Promise<Sampled> {
  return await new Run(options, here).run();
}
