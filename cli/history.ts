/**
 * `convbench history`: results of many runs, and where a network's speed changed. Deno only.
 *
 * @module
 */
import { closest } from "fastest-levenshtein";
import { minimatch } from "minimatch";
import { z } from "zod";
import { addReport } from "../bench/history/add.ts";
import { HistoryError } from "../bench/history/database.ts";
import { History } from "../bench/history/history.ts";
import { historyPage } from "../bench/history/page.ts";
import { LAST, type Trend, trends } from "../bench/history/trend.ts";
import { readReport, ReportError } from "../bench/report/read.ts";
import { terminalPage } from "../bench/report/terminal.ts";
import type { Report } from "../bench/report/schema.ts";
import { writeWhole } from "../data/whole_file.ts";
import { show } from "../models/errors.ts";
import { command, parseCommand, UsageError } from "./flags.ts";
import { say } from "./words.ts";

/** Where the history lies: in the project's own folder, since it cannot be had again as a cache could. */
const FILE = {
  value: "FILE",
  help: "the SQLite file",
  schema: z.string().default("convbench-history.sqlite"),
  completes: "file",
} as const;

const last = z.coerce.number().int().positive();

/** `convbench history`. */
export const HISTORY = command({
  name: "history",
  about: "Shows how the speed of a network went from run to run, and where it changed: levels found by ED-PELT " +
    "(Haynes, Fearnhead, Eckley 2017). Only results of one kind of machine, backend, batch and precision " +
    "are set in relation.",
  args: [{ name: "MODEL", completes: "model" }],
  flags: {
    backend: { value: "NAME", help: "results on this backend only", schema: z.string().optional() },
    mode: { value: "MODE", help: "results of this mode only", schema: z.enum(["forward", "train"]).optional() },
    last: { value: "N", help: "how many results of each series are looked at", schema: last.default(LAST) },
    plot: {
      value: "FILE",
      help: "a picture of all results as well, as SVG",
      schema: z.string().optional(),
      completes: "file",
    },
    json: { help: "for programs: { series: [{ series, points, levels }] }" },
    history: FILE,
  },
  notes: "MODEL may be a glob, as 'd2l/*'.",
  examples: [
    "convbench history d2l/lenet --backend wasm",
    "convbench history 'torchvision/*' --mode train --plot trend.svg",
  ],
});

/** `convbench history add`. */
export const HISTORY_ADD = command({
  name: "history add",
  about: "Keeps the results of reports in a history. A report that it has already changes nothing.\n\n" +
    "Where another process holds the file the report is set aside beside it, and the next call takes it in. A damaged " +
    "file is renamed, and a new one begins.",
  args: [{ name: "REPORT.json", many: true, completes: "file" }],
  flags: { history: FILE },
  notes: "Exit codes: 0 the history holds all of them, 1 it does not, 2 a usage error or an unreadable report.",
  examples: ["convbench history add out.json", "convbench history add runs/*.json --history lab.sqlite"],
});

/** Models of the history that `glob` means. */
function modelsOf(history: History, glob: string, path: string): string[] {
  const models = history.models();
  const found = models.filter((model) => model === glob || minimatch(model, glob));
  if (found.length > 0) return found;
  if (models.length === 0) throw new UsageError(`Expected results in ${path} but found none`);
  throw new UsageError(
    `Expected MODEL to have results in ${path} but found ${show(glob)}: is it ${closest(glob, models)}`,
  );
}

/** What `convbench history` answers. */
function query(path: string, glob: string, filter: { backend?: string; mode?: string }, count: number): Trend[] {
  using history = new History(path, { readOnly: true });
  const found = modelsOf(history, glob, path).flatMap((model) => trends(history, { model, ...filter }, count));
  if (found.length > 0) return found;
  const wanted = Object.values(filter).join(", ");
  throw new UsageError(`Expected results of ${glob} with ${wanted} in ${path} but found others only`);
}

/**
 * Runs `convbench history ARGS`; gives the exit code.
 *
 * @throws {UsageError} Where a flag is wrong, or there are no such results.
 * @throws {HistoryError} Where the file cannot be read.
 */
export async function historyCommand(args: readonly string[]): Promise<number> {
  const { flags, args: [model = ""] } = parseCommand(HISTORY, args);
  const filter = {
    ...flags.backend === undefined ? {} : { backend: flags.backend },
    ...flags.mode === undefined ? {} : { mode: flags.mode },
  };
  const found = query(flags.history, model, filter, flags.last);
  const colour = !Deno.noColor && Deno.stdout.isTerminal();
  console.log(flags.json ? JSON.stringify({ series: found }, null, 2) : terminalPage(historyPage(found), colour));
  if (flags.plot !== undefined) {
    const { trendsChart } = await import("../bench/history/chart.ts");
    await writeWhole(flags.plot, trendsChart(found));
    say(`Wrote ${flags.plot}`);
  }
  return 0;
}

/**
 * Runs `convbench history add ARGS`; gives the exit code.
 *
 * @throws {UsageError} Where a flag is wrong.
 */
export async function historyAddCommand(args: readonly string[]): Promise<number> {
  const { flags, args: files } = parseCommand(HISTORY_ADD, args);
  const reports: Report[] = [];
  try {
    // All are read before the first is added: half of a list is no help.
    for (const file of files) reports.push(await readReport(file));
  } catch (error) {
    if (!(error instanceof ReportError)) throw error;
    console.error(error.message);
    return 2;
  }
  let held = true;
  for (const [i, report] of reports.entries()) {
    try {
      const outcome = await addReport(flags.history, report);
      // What was set aside has to be known even where nobody wants words.
      for (const note of outcome.notes) console.error(note);
      held &&= outcome.held;
      if (outcome.held) say(`${files[i]}: ${outcome.known ? "was there already" : `${outcome.results} results added`}`);
    } catch (error) {
      if (!(error instanceof HistoryError)) throw error;
      console.error(`${files[i]}: ${error.message}`);
      return 1;
    }
  }
  return held ? 0 : 1;
}
