/**
 * Adds reports to a history so that none is lost: not where another process holds the
 * file, not where it is damaged. Deno only.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { writeWhole } from "../../data/whole_file.ts";
import { readReport, ReportError } from "../report/read.ts";
import type { Report } from "../report/schema.ts";
import type { DatabaseOptions } from "./database.ts";
import { HistoryError } from "./database.ts";
import { type Added, History } from "./history.ts";

/** What {@linkcode addReport} did. */
export interface Outcome extends Added {
  /** Whether the history holds the report now. */
  readonly held: boolean;
  /** What its user has to know, in sentences. */
  readonly notes: readonly string[];
}

/** `2026-11-24T144200.123Z`: no colon, which Windows refuses in names. */
const stamp = (now: number): string => new Date(now).toISOString().replaceAll(":", "");

/** Moves a damaged file away, together with the journal that belongs to it by its name. */
async function setAside(path: string, now: number): Promise<string> {
  const aside = `${path}.damaged-${stamp(now)}-${Deno.pid}`;
  await Deno.rename(path, aside);
  for (const suffix of ["-journal", "-wal", "-shm"]) {
    try {
      await Deno.rename(`${path}${suffix}`, `${aside}${suffix}`);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return aside;
}

/** Reports that waited because the file was locked. */
async function pendingReports(path: string): Promise<string[]> {
  const start = `${basename(path)}.pending-`;
  const names: string[] = [];
  for await (const { name } of Deno.readDir(dirname(path))) {
    if (name.startsWith(start) && name.endsWith(".json")) names.push(join(dirname(path), name));
  }
  return names.sort();
}

/** Adds what waited; a file goes only once its report is in. */
async function takePending(history: History, path: string): Promise<string[]> {
  const notes: string[] = [];
  for (const file of await pendingReports(path)) {
    let report: Report;
    try {
      report = await readReport(file);
    } catch (error) {
      if (!(error instanceof ReportError)) throw error;
      notes.push(`${error.message}: it stays where it is`);
      continue;
    }
    const { results, known } = await history.add(report);
    try {
      await Deno.remove(file);
    } catch (error) {
      // Another process has taken it at the same time; both adding it adds it once.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    notes.push(`${file}, which had been set aside, ${known ? "was there already" : `is in: ${results} results`}`);
  }
  return notes;
}

async function addOnce(path: string, report: Report, options: DatabaseOptions): Promise<Added & { notes: string[] }> {
  using history = new History(path, options);
  const added = await history.add(report);
  return { ...added, notes: await takePending(history, path) };
}

/**
 * Adds a report to the history at `path`, which is made where there is none, and with it those that were set aside
 * before. A locked history leaves the report in a file beside it. A damaged one is renamed, and a new one begins.
 *
 * @throws {HistoryError} Where the disk is full, or the file is not a history of this version: it stays as it is.
 */
export async function addReport(path: string, report: Report, options: DatabaseOptions = {}): Promise<Outcome> {
  const now = Date.now();
  try {
    return { held: true, ...await addOnce(path, report, options) };
  } catch (error) {
    if (!(error instanceof HistoryError)) throw error;
    if (error.trouble === "locked") {
      const pending = `${path}.pending-${stamp(now)}-${Deno.pid}.json`;
      await writeWhole(pending, JSON.stringify(report));
      const note = `${error.message}: the report is set aside in ${pending}, and the next history add takes it in`;
      return { held: false, results: 0, known: false, notes: [note] };
    }
    if (error.trouble === "full") {
      throw new HistoryError("full", `${error.message}; nothing was added`, { cause: error });
    }
    if (error.trouble !== "damaged") throw error;
    const aside = await setAside(path, now);
    const { notes, ...added } = await addOnce(path, report, options);
    return {
      held: true,
      ...added,
      notes: [`${error.message}: it is set aside as ${aside}, and a new one begins`, ...notes],
    };
  }
}
