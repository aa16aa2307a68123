/**
 * How far a run is, on stderr: a bar in a terminal, lines elsewhere.
 *
 * @module
 */
import { ProgressBar } from "../../data/progress_bar.ts";
import { median } from "../report/median.ts";
import { digits } from "../report/numbers.ts";
import { duration, Estimate, nameOf } from "./estimate.ts";
import type { SamplerEvent, SamplerOptions } from "./sampler.ts";

export { costOfProcess, duration } from "./estimate.ts";

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
  readonly #estimate: Estimate;
  readonly #options: SamplerOptions;
  readonly #bar: ProgressBar | undefined;
  readonly #print: (line: string) => void;
  #what = "";

  /** A run of these options. */
  constructor(options: SamplerOptions, here: ProgressHere = {}) {
    const { print = console.error, terminal = Deno.stderr.isTerminal(), now } = here;
    this.#options = options;
    this.#estimate = new Estimate(options, now);
    this.#bar = terminal ? new ProgressBar("{what} {bar} {percentage} % | ETA {eta}") : undefined;
    this.#print = print;
  }

  /** Milliseconds that are left, if the rest goes on as what has been; undefined at the beginning. */
  get eta(): number | undefined {
    return this.#estimate.eta;
  }

  /** Takes what happens. */
  watch(event: SamplerEvent): void {
    this.#estimate.watch(event);
    switch (event.type) {
      case "started":
        this.#what = event.what;
        this.#show();
        break;
      case "measured": {
        const { tally, round } = event;
        const mine = tally.samplesMs.filter((_, i) => tally.process[i] === round);
        if (this.#bar === undefined && mine.length > 0) {
          this.#print(
            `${nameOf(tally)}: ${digits(median(mine))} ms a step of ${tally.batch}, process ${round + 1} of ` +
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
    this.#bar?.update(this.#estimate.share * 100, 100, { what: this.#what, eta });
  }
}
