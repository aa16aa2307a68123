/**
 * The run: for each network its variants' processes side by side, of which one at a
 * time is measured, turn by turn.
 *
 * @module
 */
import { orderOf } from "../../bench/sampler/plan.ts";
import { costOf } from "../../bench/cost.ts";
import type { ModelName } from "../../models/catalog.ts";
import type { Ready } from "./messages.ts";
import { othersBetween, readTicks } from "./others.ts";
import { type Amount, does, isTorch, type Network, type Variant, VARIANTS, type Work } from "./plan.ts";
import { type StartWorker, type Worker, type WorkerCommand, WorkerError } from "./worker.ts";

/** One variant's work on one network. */
export interface Cell extends Work {
  /** The network. */
  readonly model: ModelName;
  /** The side. */
  readonly variant: Variant;
  /** Images in a step. */
  readonly batch: number;
  /** Milliseconds a step, in the order in which they were taken. */
  readonly samplesMs: readonly number[];
  /** Milliseconds from building the network to the end of the first step, others doing the same. */
  readonly prepareMs: number;
  /** Whether each step's number was finite. */
  readonly finite: boolean;
}

/** What was not measured. */
export interface Failed extends Work {
  /** The network. */
  readonly model: ModelName;
  /** The side. */
  readonly variant: Variant;
  /** Why. */
  readonly reason: string;
}

/** How much of the processors went to others during a network's work. */
export interface Others extends Work {
  /** The network. */
  readonly model: ModelName;
  /** From 0 to 1. */
  readonly share: number;
}

/** What a run is asked for. */
export interface RunOptions {
  /** In their order. */
  readonly networks: readonly Network[];
  /** In their order: float32 before bfloat16. */
  readonly works: readonly Work[];
  /** Which of the two batches. */
  readonly size: "full" | "quick";
  /** How much. */
  readonly amount: Amount;
  /** Whether bfloat16 is measured on a processor that lacks it, too. */
  readonly forceBfloat16: boolean;
}

/** Where it runs. */
export interface RunHere {
  /** How a variant's process is started, or why it cannot be. */
  readonly commandOf: (variant: Variant) => WorkerCommand | string;
  /** Starts it. */
  readonly start: StartWorker;
  /** Ends the run early; what is measured is kept. */
  readonly signal: AbortSignal;
  /** Takes words for people. */
  readonly notice: (text: string) => void;
  /** Is told each network's work when it has been measured. */
  readonly watch?: (cells: readonly Cell[]) => void;
}

/** What a run came to. */
export interface Measured {
  /** All that was measured. */
  readonly cells: readonly Cell[];
  /** All that was not, though it was tried. */
  readonly failures: readonly Failed[];
  /** Where the system tells it. */
  readonly others: readonly Others[];
  /** What each variant said of itself. */
  readonly ready: ReadonlyMap<Variant, Ready>;
  /** Why the work in bfloat16 was left out; undefined where it was not. */
  readonly withoutBfloat16: string | undefined;
  /** Whether it was ended early. */
  readonly interrupted: boolean;
}

/** A variant that takes its turns. */
interface Contender {
  readonly variant: Variant;
  readonly worker: Worker;
  readonly prepareMs: number;
  readonly samplesMs: number[];
  finite: boolean;
}

const NO_BFLOAT16 = "this processor has no bfloat16: reduced precision is left out (naming its columns measures it)";

class Run {
  readonly #options: RunOptions;
  readonly #here: RunHere;
  readonly #cells: Cell[] = [];
  readonly #failures: Failed[] = [];
  readonly #others: Others[] = [];
  readonly #ready = new Map<Variant, Ready>();
  readonly #workers = new Map<Variant, Worker>();
  #withoutBfloat16: string | undefined;

  constructor(options: RunOptions, here: RunHere) {
    this.#options = options;
    this.#here = here;
  }

  #fail(model: ModelName, { mode, precision }: Work, variant: Variant, reason: string): void {
    this.#failures.push({ model, mode, precision, variant, reason });
    this.#here.notice(`${model} ${mode} ${precision}, ${variant}: ${reason}`);
  }

  /** The variant's process: the network's own, started anew where it has ended. */
  async #workerOf(variant: Variant): Promise<Worker> {
    const running = this.#workers.get(variant);
    if (running?.pid !== undefined) return running;
    await running?.end();
    const command = this.#here.commandOf(variant);
    if (typeof command === "string") throw new WorkerError(command);
    const worker = await this.#here.start(command, this.#here.signal);
    this.#workers.set(variant, worker);
    this.#ready.set(variant, worker.ready);
    return worker;
  }

  async #endAll(): Promise<void> {
    await Promise.all([...this.#workers.values()].map((worker) => worker.end()));
    this.#workers.clear();
  }

  /** What `use` gives; undefined where the variant fails, which is noted. */
  async #try<T>(network: Network, work: Work, variant: Variant, use: () => Promise<T>): Promise<T | undefined> {
    try {
      return await use();
    } catch (error) {
      if (!(error instanceof WorkerError)) throw error;
      this.#fail(network.model, work, variant, error.message);
      return undefined;
    }
  }

  async #prepare(network: Network, work: Work, variant: Variant): Promise<Contender | undefined> {
    return await this.#try(network, work, variant, async () => {
      const { model, batch } = network;
      const worker = await this.#workerOf(variant);
      const { mode, precision } = work;
      const request = { do: "prepare", model, mode, precision, batch: batch[this.#options.size] } as const;
      const { ms, params, value } = await worker.ask(request, "prepared");
      // The same work on all sides, or none.
      const expected = costOf(model, "train").params;
      if (params !== expected) throw new WorkerError(`has ${params} parameters where ${model} has ${expected}`);
      return { variant, worker, prepareMs: ms, samplesMs: [], finite: Number.isFinite(value) };
    });
  }

  async #turn(network: Network, work: Work, contender: Contender, ms: number, least: number): Promise<number[]> {
    const answer = await this.#try(
      network,
      work,
      contender.variant,
      () => contender.worker.ask({ do: "measure", ms, least }, "samples"),
    );
    contender.finite &&= answer?.finite ?? true;
    return [...answer?.ms ?? []];
  }

  #ticks(contenders: readonly Contender[]) {
    const pids = contenders.flatMap(({ worker: { pid } }) => pid === undefined ? [] : [pid]);
    return readTicks([Deno.pid, ...pids]);
  }

  async #measure(network: Network, work: Work): Promise<void> {
    const { rounds, turnMs, warmUpMs } = this.#options.amount;
    const { model, batch } = network;
    const variants = VARIANTS.filter((variant) => does(variant, work));
    const prepared = await Promise.all(variants.map((variant) => this.#prepare(network, work, variant)));
    let contenders = prepared.filter((contender) => contender !== undefined);
    for (const contender of [...contenders]) {
      const steps = await this.#turn(network, work, contender, warmUpMs, 2);
      if (steps.length === 0) contenders = contenders.filter((other) => other !== contender);
    }
    const before = await this.#ticks(contenders);
    for (let round = 0; round < rounds; round++) {
      for (const contender of orderOf(contenders, round)) {
        const steps = await this.#turn(network, work, contender, turnMs, 1);
        contender.samplesMs.push(...steps);
        // It is named among the failures, and out.
        if (steps.length === 0) contenders = contenders.filter((other) => other !== contender);
      }
    }
    const share = othersBetween(before, await this.#ticks(contenders));
    if (share !== null) this.#others.push({ model, ...work, share });
    const cells = contenders.map(({ variant, samplesMs, prepareMs, finite }): Cell => ({
      model,
      ...work,
      variant,
      batch: batch[this.#options.size],
      samplesMs,
      prepareMs,
      finite,
    }));
    this.#cells.push(...cells);
    this.#here.watch?.(cells);
    await Promise.all(
      contenders.map(({ variant, worker }) =>
        this.#try(network, work, variant, () => worker.ask({ do: "release" }, "released"))
      ),
    );
  }

  /** Whether PyTorch says that the processor has no bfloat16. */
  #lacksBfloat16(): boolean {
    return [...this.#ready].some(([variant, { features }]) => isTorch(variant) && features.bfloat16 === false);
  }

  async run(): Promise<Measured> {
    let interrupted = false;
    try {
      for (const network of this.#options.networks) {
        for (const work of this.#options.works) {
          if (work.precision === "bfloat16" && !this.#options.forceBfloat16 && this.#lacksBfloat16()) {
            this.#withoutBfloat16 = NO_BFLOAT16;
            continue;
          }
          await this.#measure(network, work);
        }
        await this.#endAll();
      }
    } catch (error) {
      if (!this.#here.signal.aborted) throw error;
      interrupted = true;
    } finally {
      await this.#endAll();
    }
    return {
      cells: this.#cells,
      failures: this.#failures,
      others: this.#others,
      ready: this.#ready,
      withoutBfloat16: this.#withoutBfloat16,
      interrupted,
    };
  }
}

/** Measures all variants of all networks. */
export async function measurePeers(options: RunOptions, here: RunHere): Promise<Measured> {
  return await new Run(options, here).run();
}
