/**
 * `convbench ab`: is one commit slower than another, on this machine, now? Deno only.
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import { ab, type AbResult } from "../bench/ab/ab.ts";
import type { AbOptions } from "../bench/ab/interleaved.ts";
import { withSides, WORKTREE } from "../bench/ab/sides.ts";
import { type Format, writeComparison } from "../bench/report/format.ts";
import { readEnvironment } from "../bench/sampler/environment.ts";
import { processStarter, V8_FLAGS } from "../bench/sampler/processes.ts";
import { writeWhole } from "../data/whole_file.ts";
import { BENCH, parseBenchRun } from "./bench.ts";
import { COMPARE, parseCompareOptions } from "./compare.ts";
import { command, parseCommand } from "./flags.ts";
import { interruptible } from "./interruptible.ts";
import { checkWritable } from "./writable.ts";
import { deliver, inColour, orUnusable, type Output, OUTPUT_FLAGS } from "./report_output.ts";
import { say } from "./words.ts";

/** `convbench ab`. */
export const AB = command({
  name: "ab",
  about: "Says whether networks got slower from one commit to another: checks both out into temporary worktrees, " +
    "measures them in turn, A B B A, in fresh processes on this machine, each by its own code, and stops as soon as " +
    "the answer is clear. What looks like a regression is measured anew before it is called one.",
  args: [],
  flags: {
    base: { value: "REF", help: "the commit, branch or tag to compare with", schema: z.string(), required: true },
    head: {
      value: "REF",
      help: `the commit that may be slower; ${WORKTREE} is the working tree with its changes`,
      schema: z.string().default("HEAD"),
    },
    models: BENCH.flags.models,
    modes: BENCH.flags.modes,
    backend: BENCH.flags.backend,
    device: BENCH.flags.device,
    batch: BENCH.flags.batch,
    compiled: BENCH.flags.compiled,
    precision: BENCH.flags.precision,
    samples: {
      value: "N",
      help: "samples of each process",
      schema: z.coerce.number<string | undefined>().int().min(3).max(10_000).optional(),
      otherwise: "10, or up to 50 to fill 0.3 s",
    },
    "fail-above": COMPARE.flags["fail-above"],
    budget: {
      value: "MINUTES",
      help: "time after which it ends as soon as each result has six processes a side",
      schema: z.coerce.number<string | undefined>().positive().max(1440).default(30),
    },
    timeout: BENCH.flags.timeout,
    ...OUTPUT_FLAGS,
    json: {
      value: "FILE",
      help: "where the comparison also goes as JSON; --json=- is stdout, in the place of the table",
      schema: z.string().optional(),
      completes: "file",
    },
    reports: {
      value: "FOLDER",
      help: "where both reports go, with all samples, and the comparison in several formats",
      schema: z.string().optional(),
      completes: "folder",
    },
  },
  notes:
    "Exit codes: 0 no regression; 1 a regression, or a network that the head could not measure; 2 a usage error, " +
    "a ref that is none, changes that --head leaves out, or nothing to compare; 130 after Ctrl-C.",
  examples: [
    "convbench ab --base main --models 'd2l/*'",
    "convbench ab --base v1.0.0 --head WORKTREE --models '{d2l/bnlenet,d2l/resnet18}' --modes train --backend wasm",
    "convbench ab --base origin/main --fail-above 10% --budget 15 --reports out --format markdown",
  ],
});

/** What `convbench ab` was asked. */
export interface AbRun extends AbOptions, Output {
  /** What is compared with. */
  readonly base: string;
  /** What may be slower. */
  readonly head: string;
  /** The share from which on a proven slowdown is a regression. */
  readonly threshold: number;
  /** Milliseconds of silence after which a process is ended. */
  readonly patience: number;
  /** Where the comparison goes as JSON. */
  readonly json?: string;
  /** The folder for the reports. */
  readonly reports?: string;
}

/**
 * The options of `convbench ab ARGS`.
 *
 * @throws {UsageError} Where a flag is unknown or missing, a value is out of range, or no network is meant.
 */
export function parseAbRun(args: readonly string[]): AbRun {
  const { flags } = parseCommand(AB, args);
  const { models, modes, compiled, precision, json, reports } = flags;
  // Networks, thresholds and formats are read as their own commands read them.
  const { entries } = parseBenchRun([
    ...models === undefined ? [] : [`--models=${models}`],
    ...compiled ? ["--compiled"] : [],
    `--precision=${precision}`,
  ]);
  const given = (["fail-above", "format", "out"] as const).flatMap((name) => {
    const value = flags[name];
    return value === undefined ? [] : [`--${name}=${value}`];
  });
  const { threshold, format, out } = parseCompareOptions(["base", "head", ...given]);
  return {
    base: flags.base,
    head: flags.head,
    entries: entries.filter(({ mode }) => modes.includes(mode)),
    backend: flags.backend === "auto" ? undefined : flags.backend,
    device: flags.device,
    batch: flags.batch,
    samples: flags.samples,
    compiled,
    precision,
    threshold,
    budget: flags.budget * 60_000,
    patience: flags.timeout * 1000,
    format,
    ...out === undefined ? {} : { out },
    ...json === undefined ? {} : { json },
    ...reports === undefined ? {} : { reports },
  };
}

/** What goes into the folder beside the reports, by its name there. */
const COMPARISONS: Readonly<Record<string, Format>> = {
  "comparison.html": "html",
  "comparison.json": "json",
  "comparison.md": "markdown",
  "comparison.csv": "csv",
  "comparison.xml": "junit",
};

/** Half an hour of measuring must not end at a folder that is not there. */
async function checkAllWritable({ out, json, reports }: AbRun): Promise<void> {
  if (out !== undefined) await checkWritable("out", out);
  if (json !== undefined && json !== "-") await checkWritable("json", json);
  if (reports === undefined) return;
  try {
    await Deno.mkdir(reports, { recursive: true });
  } catch {
    // What is wrong with it is said by the next line.
  }
  await checkWritable("reports", join(reports, "base.json"));
}

async function measure(options: AbRun, signal: AbortSignal): Promise<AbResult> {
  return await withSides(options, async ({ base, head }) => {
    const finish = await readEnvironment(V8_FLAGS);
    const { patience } = options;
    const side = ({ commit, program }: typeof base) => ({
      start: processStarter({ patience, v8Flags: V8_FLAGS, program }),
      environment: (backend: Parameters<typeof finish>[0]) => ({ ...finish(backend), commit }),
    });
    return await ab(options, { base: side(base), head: side(head), signal, say });
  }, { signal });
}

/** Writes the reports, and the comparison where there is one. */
async function writeReports(folder: string, { base, head, first, comparison }: AbResult): Promise<void> {
  const reports = { base, head, ...first && { "base.first": first.base, "head.first": first.head } };
  for (const [name, report] of Object.entries(reports)) {
    if (report.results.length === 0) continue;
    await writeWhole(join(folder, `${name}.json`), `${JSON.stringify(report, null, 2)}\n`);
  }
  if (comparison === undefined) return;
  for (const [name, format] of Object.entries(COMPARISONS)) {
    await writeWhole(join(folder, name), await writeComparison(comparison, { base, head }, { format }));
  }
}

async function tell(result: AbResult, options: AbRun): Promise<number> {
  const { comparison, base, head, failures } = result;
  const { json, format, reports } = options;
  if (reports !== undefined) await writeReports(reports, result);
  for (const { name, side, reason } of failures) console.error(`Not measured in the ${side}: ${name}: ${reason}`);
  const headFailed = failures.some(({ side }) => side === "head");
  if (comparison === undefined) {
    console.error("Expected a result that both sides have but found none");
    return headFailed ? 1 : 2;
  }
  if (json !== "-") {
    const text = await writeComparison(comparison, { base, head }, { format, colour: inColour(options) });
    await deliver(text, options);
  }
  if (json !== undefined) {
    await deliver(
      await writeComparison(comparison, { base, head }, { format: "json" }),
      { format: "json", ...json === "-" ? {} : { out: json } },
    );
  }
  return headFailed || comparison.rows.some(({ regression }) => regression) ? 1 : 0;
}

async function run(options: AbRun): Promise<number> {
  await checkAllWritable(options);
  return await interruptible(async (signal) => {
    let result: AbResult;
    try {
      result = await measure(options, signal);
    } catch (error) {
      // Ctrl-C in a terminal ends git as well: whatever comes then is its doing.
      if (!signal.aborted) throw error;
      console.error("Interrupted: nothing is decided");
      return 130;
    }
    return await tell(result, options);
  });
}

/** Runs `convbench ab ARGS`; gives the exit code. */
export async function abCommand(args: readonly string[]): Promise<number> {
  const options = parseAbRun(args);
  return await orUnusable(() => run(options));
}
