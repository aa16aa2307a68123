/**
 * How far a run is, and how long it will take yet.
 *
 * @module
 */
import { costOf, stepFlops } from "../cost.ts";
import { defaultBatch } from "../workloads.ts";
import type { Entry, SamplerEvent, SamplerOptions } from "./sampler.ts";

/** What starting a process and warming up costs, in steps and in operations: it needs to be right in proportion only. */
const WARM_UP_STEPS = 5;
const START_FLOPS = 20e9;

/** What measuring `entry` in one process costs, in operations. */
export function costOfProcess(
  entry: Entry,
  { batch, samples, processes }: Pick<SamplerOptions, "batch" | "samples" | "processes">,
): number {
  const { model, mode } = entry;
  const flops = stepFlops(costOf(model, mode), mode, batch ?? defaultBatch(model));
  return START_FLOPS + flops * (samples / processes + WARM_UP_STEPS);
}

/** `2 h 05 min`, `3 min 20 s`, `8 s`. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${two(Math.floor(seconds % 3600 / 60))} min`;
}

/** `d2l/lenet train`. */
export function nameOf({ model, mode }: Entry): string {
  return `${model} ${mode}`;
}

/** Watches a run and reckons with what is left of it. */
export class Estimate {
  readonly #costs: ReadonlyMap<string, number>;
  readonly #total: number;
  readonly #now: () => number;
  /** When the first network began; the machine's own limit comes before. */
  #begin: number | undefined;
  #done = 0;

  /** A run of these options. */
  constructor(options: SamplerOptions, now: () => number = () => performance.now()) {
    this.#costs = new Map(options.entries.map((entry) => [nameOf(entry), costOfProcess(entry, options)]));
    this.#total = [...this.#costs.values()].reduce((sum, cost) => sum + cost, 0) * options.processes;
    this.#now = now;
  }

  /** How much of it is done: 0 to 1. */
  get share(): number {
    return this.#done / this.#total;
  }

  /** Milliseconds that are left, if the rest goes on as what has been; undefined at the beginning. */
  get eta(): number | undefined {
    if (this.#begin === undefined || this.#done === 0) return undefined;
    return (this.#now() - this.#begin) * (this.#total - this.#done) / this.#done;
  }

  /** Takes what happens. */
  watch(event: SamplerEvent): void {
    if (event.type === "started" && this.#costs.has(event.what)) this.#begin ??= this.#now();
    if (event.type === "measured") this.#done += this.#costs.get(nameOf(event.tally)) ?? 0;
  }
}
