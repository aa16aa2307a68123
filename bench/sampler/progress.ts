/**
 * How far a run is, on stderr: a bar in a terminal, lines elsewhere.
 *
 * @module
 */
import { ProgressBar } from "../../data/progress_bar.ts";
import { costOf, stepFlops } from "../cost.ts";
import { median } from "../report/median.ts";
import { digits } from "../report/numbers.ts";
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

/** Where progress goes; tests put their own in. */
export interface ProgressHere {
  /** Takes a line of words. */
  readonly print?: (line: string) => void;
  /** Whether there is a terminal for the bar. */
  readonly terminal?: boolean;
  /** Milliseconds. */
  readonly now?: () => number;
}

/** Watches a run and tells of it. */
export class Progress {
  readonly #costs: ReadonlyMap<string, number>;
  readonly #total: number;
  readonly #options: SamplerOptions;
  readonly #bar: ProgressBar | undefined;
  readonly #print: (line: string) => void;
  readonly #now: () => number;
  /** When the first network began; the machine's own limit comes before. */
  #begin: number | undefined;
  #done = 0;
  #what = "";

  /** A run of these options. */
  constructor(options: SamplerOptions, here: ProgressHere = {}) {
    const { print = console.error, terminal = Deno.stderr.isTerminal(), now = () => performance.now() } = here;
    this.#options = options;
    this.#costs = new Map(options.entries.map((entry) => [keyOf(entry), costOfProcess(entry, options)]));
    this.#total = [...this.#costs.values()].reduce((sum, cost) => sum + cost, 0) * options.processes;
    this.#bar = terminal ? new ProgressBar("{what} {bar} {percentage} % | ETA {eta}") : undefined;
    this.#print = print;
    this.#now = now;
  }

  /** Milliseconds that are left, if the rest goes on as what has been; undefined at the beginning. */
  get eta(): number | undefined {
    if (this.#begin === undefined || this.#done === 0) return undefined;
    return (this.#now() - this.#begin) * (this.#total - this.#done) / this.#done;
  }

  /** Takes what happens. */
  watch(event: SamplerEvent): void {
    switch (event.type) {
      case "started":
        this.#what = event.what;
        if (this.#costs.has(event.what)) this.#begin ??= this.#now();
        this.#show();
        break;
      case "measured": {
        const { tally, round } = event;
        this.#done += this.#costs.get(keyOf(tally)) ?? 0;
        const mine = tally.samplesMs.filter((_, i) => tally.process[i] === round);
        if (this.#bar === undefined && mine.length > 0) {
          this.#print(
            `${keyOf(tally)}: ${digits(median(mine))} ms a step of ${tally.batch}, process ${round + 1} of ` +
              `${this.#options.processes}${this.#left()}`,
          );
        }
        this.#show();
        break;
      }
      case "note":
        this.#bar?.stop();
        this.#print(event.text);
        this.#show();
    }
  }

  /** Leaves the bar's line as it is. */
  stop(): void {
    this.#bar?.stop();
  }

  #left(): string {
    const { eta } = this;
    return eta === undefined ? "" : `, ETA ${duration(eta)}`;
  }

  #show(): void {
    const eta = this.eta === undefined ? "–" : duration(this.eta);
    this.#bar?.update(this.#done / this.#total * 100, 100, { what: this.#what, eta });
  }
}

const keyOf = ({ model, mode }: Entry): string => `${model} ${mode}`;
