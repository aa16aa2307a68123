/**
 * Measures two sides of the same networks in turn: A B, B A, A B, each time in fresh
 * processes. What a process is, is handed in.
 *
 * @module
 */
import { median } from "../report/median.ts";
import { digits } from "../report/numbers.ts";
import {
  type Environment,
  type Failure,
  type Report,
  REPORT_SCHEMA,
  type Result,
  resultName,
} from "../report/schema.ts";
import type { BackendRecord, Message, Place, Precision } from "../sampler/messages.ts";
import { orderOf } from "../sampler/plan.ts";
import type { StartProcess } from "../sampler/processes.ts";
import { reportOf } from "../sampler/report.ts";
import { emptyTally, type Entry, sample, type Sampled } from "../sampler/sampler.ts";
import { defaultBatch } from "../workloads.ts";
import { duration } from "../sampler/progress.ts";
import { LOOKS, type Sides, type Source } from "./decide.ts";
import {
  addProcess,
  FEWEST_SAMPLES,
  type Pair,
  roundMedian,
  samplesOf,
  type SideFailure,
  type SideName,
  SIDES,
  together,
} from "./pair.ts";

/** A side. */
export interface Side {
  /** Starts a process of its code. */
  readonly start: StartProcess;
  /** Where it was measured, once the backend is known. */
  readonly environment: (backend: BackendRecord) => Environment;
}

/** What is measured. */
export interface AbOptions extends Place {
  /** Networks and modes. */
  readonly entries: readonly Entry[];
  /** Images in a step; each network's own where it is left out. */
  readonly batch?: number | undefined;
  /** Samples of each process; ten, or as many more as it takes to fill 0.3 s, where it is left out. */
  readonly samples?: number | undefined;
  /** What is computed in. */
  readonly precision: Precision;
  /** Milliseconds that may pass; what it takes to come to the first look is measured all the same. */
  readonly budget: number;
}

/** Where it is measured. */
export interface AbHere extends Readonly<Record<SideName, Side>> {
  /** Ends the run early. */
  readonly signal: AbortSignal;
  /** Is told, in words, what happens. */
  readonly say?: (text: string) => void;
  /** Milliseconds. */
  readonly now?: () => number;
}

/** Share of the budget that is spent before something is measured anew to confirm it. */
const FIRST_SHARE = 2 / 3;

/** What the machine itself can do, and the backend that the head's code chose, which both sides have to take. */
type Machine = Sampled & { readonly backend: BackendRecord };

/** How steps are run. What is usual is not said: a base from before there was a choice knows nothing else. */
function executionOf({ compiled = false, precision }: AbOptions): Pick<Place, "compiled" | "precision"> {
  return { ...compiled ? { compiled } : {}, ...precision === "float32" ? {} : { precision } };
}

/** Measures as it is told; {@linkcode Interleaved.begin} makes one. */
export class Interleaved implements Source {
  readonly #options: AbOptions;
  readonly #here: AbHere;
  readonly #say: (text: string) => void;
  readonly #now: () => number;
  readonly #machine: Machine;
  readonly #pairs: Pair[];
  /** What each side's own code says of its backend: versions and flags may differ. */
  readonly #backends: Partial<Record<SideName, BackendRecord>> = {};
  readonly #began: number;
  #share = FIRST_SHARE;

  private constructor(options: AbOptions, here: AbHere, machine: Machine) {
    const { say = () => {}, now = () => performance.now() } = here;
    [this.#options, this.#here, this.#say, this.#now] = [options, here, say, now];
    this.#machine = machine;
    this.#began = now();
    this.#pairs = options.entries.map((entry) => {
      const batch = options.batch ?? defaultBatch(entry.model, machine.backend.device);
      const name = resultName({ ...entry, precision: options.precision });
      const tallies = { base: emptyTally(entry, batch), head: emptyTally(entry, batch) };
      return { entry, name, batch, samples: options.samples, rounds: 0, tallies };
    });
  }

  /**
   * Finds the backend and the machine's limit, by the head's code.
   *
   * @throws {Error} Where the backend does not run, or the signal says to end.
   */
  static async begin(options: AbOptions, here: AbHere): Promise<Interleaved> {
    const { backend, device } = options;
    const { start } = here.head;
    const machine = await sample(
      { entries: [], samples: 1, processes: 1, backend, device, ...executionOf(options) },
      { start, signal: here.signal },
    );
    here.signal.throwIfAborted();
    if (machine.backend === undefined) throw new Error("Expected a process to say what it computes on but found none");
    return new Interleaved(options, here, { ...machine, backend: machine.backend });
  }

  names(): readonly string[] {
    return this.#pairs.filter(({ failure }) => failure === undefined).map(({ name }) => name);
  }

  /** Processes of a side, without measuring the machine again each time; its backend is noted. */
  #starter(side: SideName): StartProcess {
    const { backend } = this.#machine;
    const [{ start }, backends] = [this.#here[side], this.#backends];
    return async function* (job, signal): AsyncGenerator<Message, void> {
      if (job.kind === "peak") {
        yield { type: "backend", backend };
        return;
      }
      for await (const message of start(job, signal)) {
        if (message.type === "backend") backends[side] = message.backend;
        yield message;
      }
    };
  }

  /** One process; gives whether it counts: it does not where batch or samples had to change. */
  async #process(pair: Pair, side: SideName): Promise<boolean> {
    const { signal } = this.#here;
    const { entry, batch, samples = FEWEST_SAMPLES } = pair;
    const { name: backend, device } = this.#machine.backend;
    const { tallies: [found], interrupted } = await sample(
      { entries: [entry], batch, samples, processes: 1, backend, device, ...executionOf(this.#options) },
      { start: this.#starter(side), signal },
    );
    if (interrupted) signal.throwIfAborted();
    if (found === undefined) throw new Error("Expected the sampler to tell of its entry but found nothing");
    if (found.failure !== undefined) {
      // Each is its entry's only process to the sampler.
      const reason = found.failure.replace(/^process 1 /, `process ${pair.rounds + 1} `);
      pair.failure = { name: pair.name, side, reason };
      this.#say(`${pair.name}: ${side}: ${reason}`);
    } else if (found.batch !== batch) {
      // Both sides have to do the same work: all begins anew.
      this.#restart(pair, found.batch);
      const text = `memory did not suffice for a batch of ${batch} in the ${side}: now ${found.batch}`;
      for (const name of SIDES) pair.tallies[name].notes.push(text);
      this.#say(`${pair.name}: ${text}`);
      return false;
    } else {
      // The very first process tells how quick steps are: where they are, it does not count.
      pair.samples ??= samplesOf(median(found.samplesMs));
      if (samples < pair.samples) return false;
      addProcess(pair.tallies[side], found, pair.rounds);
    }
    return true;
  }

  #restart(pair: Pair, batch: number): void {
    const notes = pair.tallies.head.notes.filter((note) => note.startsWith("memory"));
    pair.batch = batch;
    pair.rounds = 0;
    pair.tallies = {
      base: { ...emptyTally(pair.entry, batch), notes: [...notes] },
      head: { ...emptyTally(pair.entry, batch), notes: [...notes] },
    };
  }

  async #round(pair: Pair): Promise<void> {
    for (const side of orderOf(SIDES, pair.rounds)) {
      if (!await this.#process(pair, side) || pair.failure !== undefined) return;
    }
    const last = SIDES.map((side) => `${digits(roundMedian(pair.tallies[side], pair.rounds))} ms in the ${side}`);
    pair.rounds++;
    this.#say(`${pair.name}: ${last.join(", ")}, start ${pair.rounds}`);
  }

  async measure(names: ReadonlySet<string>, rounds: number): Promise<void> {
    for (const pair of orderOf(this.#pairs, rounds)) {
      if (!names.has(pair.name)) continue;
      while (pair.failure === undefined && pair.rounds < rounds) await this.#round(pair);
    }
    if (rounds === 1 && this.#share < 1) this.#tellTime();
  }

  /** One round is measured: what the least of them will take can be told. */
  #tellTime(): void {
    const { budget } = this.#options;
    const least = (this.#now() - this.#began) * (LOOKS[0] ?? 1);
    const more = least > budget ? `, more than the budget of ${duration(budget)}: --models can name fewer` : "";
    this.#say(`The first look comes after about ${duration(least)}${more}`);
  }

  #report(side: SideName): Report {
    const { precision } = this.#options;
    const backend = this.#backends[side] ?? this.#machine.backend;
    const environment = this.#here[side].environment(backend);
    const results: Result[] = [];
    const failures = this.failures().filter((failure) => failure.side === side)
      .map(({ name, reason }): Failure => ({ name, reason }));
    for (const { tallies, failure } of this.#pairs) {
      const tally = tallies[side];
      if (failure !== undefined || tally.samplesMs.length === 0) continue;
      const whole = { ...tally, notes: together(tally.notes) };
      const sampled = { ...this.#machine, backend, tallies: [whole] };
      results.push(...reportOf(sampled, { environment, precision, samples: tally.samplesMs.length }).results);
    }
    const { limit } = this.#machine;
    return { schema: REPORT_SCHEMA, environment, results, ...(failures.length === 0 ? {} : { failures }), limit };
  }

  /** What is measured no further, and why. */
  failures(): SideFailure[] {
    return this.#pairs.flatMap(({ failure }) => failure ?? []);
  }

  sides(): Sides {
    return { base: this.#report("base"), head: this.#report("head") };
  }

  forget(names: ReadonlySet<string>): void {
    this.#share = 1;
    for (const pair of this.#pairs) if (names.has(pair.name)) this.#restart(pair, pair.batch);
  }

  spent(): boolean {
    return this.#now() - this.#began >= this.#share * this.#options.budget;
  }
}
