/**
 * `convbench import`: what `deno bench --json` says, and what it does not. Deno only.
 *
 * @module
 */
import { z } from "zod";
import { parseLabel, type Work } from "../bench/label.ts";
import { digits } from "../bench/report/numbers.ts";
import type { Cell, Page, Table } from "../bench/report/page.ts";
import { terminalPage } from "../bench/report/terminal.ts";
import { parseConfig, show } from "../models/errors.ts";
import { command, parseCommand } from "./flags.ts";

/** `convbench import`. */
export const IMPORT = command({
  name: "import",
  about: "Reads what deno bench --json printed, shows it, and says what cannot be said from it. It makes no report: " +
    "convbench compare, report and history rest on raw samples, which that file does not have. " +
    "convbench bench measures the same workloads and keeps them.",
  args: [{ name: "DENO-BENCH.json", completes: "file" }],
  flags: { json: { help: "for programs: { runtime, cpu, benches, failed, cannotSay }" } },
  notes: "Exit codes: 0 fine, 1 a benchmark in it failed, 2 a usage error or an unreadable file.",
  examples: ["deno bench -P --json > deno-bench.json; convbench import deno-bench.json"],
});

const time = z.number().nonnegative();
const percentile = time.nullish();

/** What Deno's reporter writes (cli/tools/bench/reporters.rs); times are nanoseconds. */
const fileSchema = z.object({
  runtime: z.string(),
  cpu: z.string(),
  benches: z.array(z.object({
    group: z.string().nullish(),
    name: z.string(),
    results: z.array(z.union([
      z.object({
        ok: z.object({
          n: z.int().nonnegative(),
          min: time,
          max: time,
          avg: time,
          p75: percentile,
          p99: percentile,
          p995: percentile,
          p999: percentile,
        }),
      }),
      z.object({ failed: z.unknown() }),
    ])),
  })),
});

/** A benchmark; times are in milliseconds an iteration. */
export interface ImportedBench {
  /** The group it belongs to. */
  readonly group: string | null;
  /** Its name. */
  readonly name: string;
  /** What this project's own benchmarks have in their names; null for others. */
  readonly work: Work | null;
  /** How many iterations were timed. */
  readonly iterations: number;
  /** Mean of all of them, outliers included. */
  readonly mean: number;
  /** The fastest. */
  readonly min: number;
  /** The slowest. */
  readonly max: number;
  /** Of ascending times, the one three quarters up. */
  readonly p75: number | null;
  /** Of ascending times, the one at 99 %; of fewer than 100 iterations it is the slowest. */
  readonly p99: number | null;
}

/** What the file says. */
export interface Imported {
  /** Deno's version and the platform. */
  readonly runtime: string;
  /** The processor's name. */
  readonly cpu: string;
  /** Those that ran. */
  readonly benches: readonly ImportedBench[];
  /** Names of those that failed. */
  readonly failed: readonly string[];
  /** What nobody can say from the file, a sentence each. */
  readonly cannotSay: readonly string[];
}

/** A file that `deno bench --json` did not write. */
export class ImportError extends Error {
  /** `ImportError`. */
  override readonly name = "ImportError";
}

/** True of every such file: it is the format that lacks them. */
const LACKS: readonly string[] = [
  "Whether a difference between two such files is real: there are no raw samples, only mean, minimum, maximum and upper " +
  "percentiles, so neither a test nor an interval can be made of them.",
  "The median: the mean is there instead, which one pause of the machine moves.",
  "How much two processes differ: all iterations are of one process.",
  "How long the first step took: warm-up is not in the file.",
  "Memory, threads, cores, GPU, driver, flags of the backend, load of the machine, commit and date: none is recorded.",
];

function iterationsNote(benches: readonly ImportedBench[]): string[] {
  const few = benches.filter(({ iterations, p99 }) => p99 !== null && iterations < 100).length;
  return few === 0 ? [] : [
    `What 99 % of the iterations stay below, in ${few} of ${benches.length} benchmarks: with fewer than 100 iterations ` +
    "that percentile is the slowest of them.",
  ];
}

function throughputNote(benches: readonly ImportedBench[]): string[] {
  const unknown = benches.filter(({ work }) => work === null).length;
  return unknown === 0 ? [] : [
    `Throughput of ${unknown} of ${benches.length} benchmarks: their names do not say how much an iteration does, as in ` +
    '"forward, 128 images".',
  ];
}

/**
 * Reads what `deno bench --json` printed; `source` is what errors call it.
 *
 * @throws {ImportError} Where it is something else, or cut off.
 */
export function parseDenoBench(text: string, source: string): Imported {
  let file: z.output<typeof fileSchema>;
  try {
    if (text.trim() === "") throw new RangeError("it is empty");
    file = parseConfig(fileSchema, JSON.parse(text), source);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ImportError(`Expected ${source} to be what deno bench --json prints but ${reason}`, { cause });
  }
  const benches: ImportedBench[] = [];
  const failed: string[] = [];
  const ms = (nanoseconds: number | null | undefined) => nanoseconds == null ? null : nanoseconds / 1e6;
  for (const { group = null, name, results } of file.benches) {
    for (const result of results) {
      if (!("ok" in result)) {
        failed.push(group === null ? name : `${group} ${name}`);
        continue;
      }
      const { n, min, max, avg, p75, p99 } = result.ok;
      const times = { mean: avg / 1e6, min: min / 1e6, max: max / 1e6, p75: ms(p75), p99: ms(p99) };
      benches.push({ group, name, work: parseLabel(name) ?? null, iterations: n, ...times });
    }
  }
  const { runtime, cpu } = file;
  return {
    runtime,
    cpu,
    benches,
    failed,
    cannotSay: [...LACKS, ...iterationsNote(benches), ...throughputNote(benches)],
  };
}

const RATES: Readonly<Record<Work["unit"], string>> = { images: "images/s", MFLOP: "MFLOP/s", ops: "ops/s" };

function rate({ work, mean }: ImportedBench): string {
  return work === null ? "–" : `${digits(work.amount / mean * 1000)} ${RATES[work.unit]}`;
}

function groupTable(group: string, benches: readonly ImportedBench[]): Table {
  const cell = (text: string): Cell => ({ text });
  return {
    caption: group,
    columns: ["benchmark", "iterations", "mean, ms", "min", "p75", "max", "throughput at the mean"].map((title) => ({
      title,
    })),
    rows: benches.map((bench) => [
      { text: bench.name, name: true },
      cell(String(bench.iterations)),
      ...[bench.mean, bench.min, bench.p75, bench.max].map((value) => cell(value === null ? "–" : digits(value))),
      cell(rate(bench)),
    ]),
  };
}

function pageOf({ runtime, cpu, benches, failed, cannotSay }: Imported): Page {
  const groups = Map.groupBy(benches, ({ group }) => group ?? "Without a group");
  return {
    title: "Imported from deno bench",
    outcome: `${benches.length} benchmarks, ${failed.length} failed`,
    ...failed.length === 0 ? {} : { tone: "bad" },
    tables: [...groups].map(([group, benches]) => groupTable(group, benches)),
    notes: [
      ...failed.map((name) => ({ name, text: "failed" })),
      { text: "What cannot be said from this file:" },
      ...cannotSay.map((text) => ({ text: `- ${text}` })),
    ],
    environment: {
      caption: "Where it was measured",
      columns: [{ title: "what" }, { title: "value", words: true }],
      rows: [["runtime", runtime], ["CPU", cpu]].map((row) => row.map((text) => ({ text }))),
    },
  };
}

async function readText(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    const reason = cause instanceof Deno.errors.NotFound
      ? "no such file"
      : cause instanceof Error
      ? cause.message
      : cause;
    throw new ImportError(`Expected a file at ${show(path)} but found ${reason}`, { cause });
  }
}

/**
 * Runs `convbench import ARGS`; gives the exit code.
 *
 * @throws {UsageError} Where a flag is wrong.
 */
export async function importCommand(args: readonly string[]): Promise<number> {
  const { flags, args: [path = ""] } = parseCommand(IMPORT, args);
  let imported: Imported;
  try {
    imported = parseDenoBench(await readText(path), path);
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    console.error(error.message);
    return 2;
  }
  const colour = !Deno.noColor && Deno.stdout.isTerminal();
  console.log(flags.json ? JSON.stringify(imported, null, 2) : terminalPage(pageOf(imported), colour));
  return imported.failed.length > 0 ? 1 : 0;
}
