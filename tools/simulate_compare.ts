/**
 * How often `convbench ab` is wrong: many runs of it on noise, recorded or made up,
 * with and without a slowdown, for the table of docs/measuring.md.
 *
 *     deno run -A tools/jsr.ts run -A tools/simulate_compare.ts -- [--trials 10000] [--from REPORT.json]
 *
 * Both sides of a trial are the same noise, the head's times so much longer; what
 * decides is ab's own code. Recorded processes come in runs of four neighbours, dealt
 * A B B A, and their samples in runs of neighbours too, since what follows one another
 * is alike (the moving-block bootstrap of Künsch, 1989). Without --from noise is
 * log-normal, of a standard deviation between processes and within them.
 *
 * @module
 */
import { decide, type Sides, type Source } from "../bench/ab/decide.ts";
import { byProcess, type Random, seededRandom } from "../bench/report/bootstrap.ts";
import { readReport } from "../bench/report/read.ts";
import type { Environment, Report, Result } from "../bench/report/schema.ts";
import { parseFlags, usage, UsageError } from "../cli/flags.ts";
import { hashSeed, normalValues } from "../models/random.ts";
import { runCommand } from "./command.ts";

/** Samples of a process: as many as `convbench ab` takes at least. */
export const SAMPLES = 10;
/** Neighbouring processes that are drawn together: two rounds. */
const BLOCK = 4;

/** Samples of four processes that followed one another. */
export type Draw = (random: Random) => readonly (readonly number[])[];

const below = (random: Random, count: number) => Math.floor(random() * Math.max(1, count));

/** Draws from a result that was measured in many processes. */
export function recorded(result: Result): Draw {
  const groups = byProcess(result);
  return (random) => {
    const start = below(random, groups.length - BLOCK + 1);
    return Array.from({ length: BLOCK }, (_, i) => {
      const group = groups[(start + i) % groups.length] ?? [];
      const from = below(random, group.length - SAMPLES + 1);
      return group.slice(from, from + SAMPLES);
    });
  };
}

/** Draws from a log-normal distribution around 20 ms. */
export function logNormal(between: number, within: number): Draw {
  return (random) => {
    const seed = below(random, 2 ** 32);
    const offsets = normalValues(BLOCK, between, hashSeed(seed, "processes"));
    const noises = normalValues(BLOCK * SAMPLES, within, hashSeed(seed, "samples"));
    return Array.from(
      offsets,
      (offset, i) =>
        Array.from(noises.subarray(i * SAMPLES, (i + 1) * SAMPLES), (noise) => 20 * Math.exp(offset + noise)),
    );
  };
}

const ENVIRONMENT: Environment = {
  cpu: "simulated",
  cores: 1,
  memory: null,
  gpu: null,
  driver: null,
  os: "none",
  deno: null,
  v8: null,
  tfjs: null,
  libtensorflow: null,
  threads: null,
  flags: {},
  load: { start: null, end: null },
  commit: null,
  started: null,
};

/** A result's fields that do not matter here. */
const RESULT: Omit<Result, "samplesMs" | "process"> = {
  name: "simulated",
  model: "simulated",
  mode: "forward",
  backend: "none",
  precision: "float32",
  batch: 1,
  median: 1,
  confidenceInterval: null,
  imagesPerSecond: 1,
  firstStepMs: null,
  peakMemory: null,
  params: null,
  macs: null,
  utilisation: null,
};

function report(groups: readonly (readonly number[])[]): Report {
  const process = groups.flatMap((group, i) => group.map(() => i));
  return { schema: 1, environment: ENVIRONMENT, results: [{ ...RESULT, samplesMs: groups.flat(), process }] };
}

/** A base and a head of one noise; the head's steps take `slower` times as long. */
export class Dealt implements Source {
  readonly #draw: Draw;
  readonly #slower: number;
  readonly #random: Random;
  #waiting: (readonly number[])[] = [];
  #base: (readonly number[])[] = [];
  #head: (readonly number[])[] = [];
  /** Processes of a side, forgotten ones included. */
  processes = 0;

  /** Nothing measured yet. */
  constructor(draw: Draw, slower: number, random: Random) {
    [this.#draw, this.#slower, this.#random] = [draw, slower, random];
  }

  names(): readonly string[] {
    return [RESULT.name];
  }

  measure(names: ReadonlySet<string>, rounds: number): Promise<void> {
    while (names.size > 0 && this.#base.length < rounds) {
      if (this.#waiting.length === 0) {
        const [a1 = [], b1 = [], b2 = [], a2 = []] = this.#draw(this.#random);
        this.#waiting = [a1, b1, a2, b2];
      }
      const [a = [], b = []] = this.#waiting.splice(0, 2);
      this.#base.push(a);
      this.#head.push(b.map((ms) => this.#slower * ms));
      this.processes++;
    }
    return Promise.resolve();
  }

  sides(): Sides {
    return { base: report(this.#base), head: report(this.#head) };
  }

  forget(): void {
    [this.#waiting, this.#base, this.#head] = [[], [], []];
  }

  spent(): boolean {
    return false;
  }
}

/** What came of the trials: shares of them, and the mean number of a side's processes. */
export interface Found {
  /** Called a regression: proven, by the threshold or more, and confirmed. */
  readonly regression: number;
  /** Called a regression by the first run, before it was measured anew. */
  readonly suspected: number;
  /** Processes of a side, those of the confirming run included. */
  readonly processes: number;
}

/** A slowdown that there is, and the threshold that it is held against. */
export interface Case {
  /** The head's time as a share of the base's. */
  readonly slower: number;
  /** As `--fail-above`. */
  readonly threshold: number;
}

/** `trials` runs of ab on such noise. */
export async function simulate(draw: Draw, { slower, threshold }: Case, trials: number): Promise<Found> {
  const random = seededRandom(hashSeed(0, `${slower} ${threshold}`));
  let [regression, suspected, processes] = [0, 0, 0];
  for (let trial = 0; trial < trials; trial++) {
    const source = new Dealt(draw, slower, random);
    const decision = await decide(source, { threshold });
    if (decision?.comparison.rows[0]?.regression) regression++;
    if (decision?.suspected.length) suspected++;
    processes += source.processes;
  }
  return { regression: regression / trials, suspected: suspected / trials, processes: processes / trials };
}

/** The columns of the table. */
const CASES: readonly (readonly [title: string, given: Case])[] = [
  ["A/A, threshold 5 %", { slower: 1, threshold: 0.05 }],
  ["A/A, threshold 0", { slower: 1, threshold: 0 }],
  ["+5 %, threshold 0", { slower: 1.05, threshold: 0 }],
  ["+10 %, threshold 5 %", { slower: 1.1, threshold: 0.05 }],
];

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;

/** Noise by what the table calls it. */
async function noises(from: string | undefined): Promise<[string, Draw][]> {
  if (from !== undefined) {
    const { results } = await readReport(from).catch((error: Error) => {
      throw new UsageError(error.message, { cause: error });
    });
    return usage(() => results.map((result) => [result.name, recorded(result)]));
  }
  return ([[0, 0.01], [0.005, 0.01], [0.01, 0.02], [0.02, 0.02], [0.03, 0.03]] as const).map(([between, within]) => [
    `${percent(between)} between, ${percent(within)} within`,
    logNormal(between, within),
  ]);
}

async function main(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, { strings: ["trials", "from"], booleans: [] });
  const trials = Number(flags.trials ?? 10_000);
  if (!Number.isInteger(trials) || trials < 1) {
    throw new UsageError(`Expected --trials to be a positive integer but found ${flags.trials}`);
  }
  console.log(
    `Shares of ${trials} trials that were called slower; behind them what the first run alone would have called so, and ` +
      "the mean number of processes a side\n",
  );
  console.log(`| noise | ${CASES.map(([title]) => title).join(" | ")} |`);
  console.log(`| --- |${" ---: |".repeat(CASES.length)}`);
  for (const [name, draw] of await noises(flags.from)) {
    const cells: string[] = [];
    for (const [, given] of CASES) {
      const found = await simulate(draw, given, trials);
      cells.push(`${percent(found.regression)} (${percent(found.suspected)}; ${found.processes.toFixed(1)})`);
    }
    console.log(`| ${name} | ${cells.join(" | ")} |`);
  }
  return 0;
}

if (import.meta.main) await runCommand(main);
