/**
 * Reads reports that others wrote: whatever is wrong with one is said in a sentence
 * that names the file, the place in it, what was expected and what came.
 *
 * @module
 */
import type { z } from "zod";
import { parseConfig, show } from "../../models/errors.ts";
import { type Report, REPORT_SCHEMA, reportSchema, type Result } from "./schema.ts";

/** A file that is no report, or a broken one. */
export class ReportError extends Error {
  /** `ReportError`. */
  override readonly name = "ReportError";
}

function parseJson(text: string, source: string): unknown {
  if (text.trim() === "") throw new ReportError(`Expected ${source} to be a report but found an empty file`);
  try {
    // Windows' editors put a byte order mark first, which JSON.parse refuses.
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    const reason = (cause instanceof Error ? cause.message : String(cause)).replaceAll(/\s+/g, " ");
    const position = /at position (\d+)/.exec(reason)?.[1];
    const broken = /end of JSON|Unterminated/.test(reason) || Number(position) >= text.trimEnd().length;
    const found = broken ? "a file that breaks off" : `a mistake (${reason})`;
    throw new ReportError(`Expected ${source} to be JSON but found ${found}`, { cause });
  }
}

function kindOf(value: unknown): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return show(value).slice(0, 60);
  const keys = Object.keys(value);
  return keys.length === 0 ? "an empty object" : `an object with ${keys.slice(0, 5).map(show).join(", ")}`;
}

/** The schema number of what claims to be a report. */
function checkKind(value: unknown, source: string): void {
  const schema = typeof value === "object" && value !== null && "results" in value && "schema" in value
    ? value.schema
    : undefined;
  if (typeof schema !== "number") {
    throw new ReportError(`Expected ${source} to be a report of convbench bench but found ${kindOf(value)}`);
  }
  if (schema > REPORT_SCHEMA) {
    throw new ReportError(
      `Expected ${source} to have schema ${REPORT_SCHEMA} but found ${schema}: it was written by a newer convbench`,
    );
  }
}

/** What zod cannot say of single fields. */
function checkResult({ name, samplesMs, process }: Result, source: string): void {
  if (samplesMs.length !== process.length) {
    throw new ReportError(
      `Expected process of ${show(name)} in ${source} to have an entry for each of ${samplesMs.length} samples but ` +
        `found ${process.length}`,
    );
  }
}

function checkNames(names: readonly string[], source: string): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new ReportError(`Expected names in ${source} to be unique but found ${show(twice)} twice`);
  }
}

/**
 * Reads a report; `source` is what errors call it, its path as a rule.
 *
 * @throws {ReportError} Where the text is no report, is of a newer version, is cut off, or holds a value out of range.
 */
export function parseReport(text: string, source: string): Report {
  const value = parseJson(text, source);
  checkKind(value, source);
  let report: z.output<typeof reportSchema>;
  try {
    report = parseConfig(reportSchema, value, source);
  } catch (cause) {
    throw new ReportError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
  for (const result of report.results) checkResult(result, source);
  checkNames(report.results.map(({ name }) => name), source);
  return report;
}

/**
 * Reads the report at `path`.
 *
 * @throws {ReportError} As {@linkcode parseReport}, and where the file cannot be read.
 */
export async function readReport(path: string): Promise<Report> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (cause) {
    const reason = cause instanceof Deno.errors.NotFound
      ? "no such file"
      : cause instanceof Error
      ? cause.message
      : String(cause);
    throw new ReportError(`Expected a report at ${path} but found ${reason}`, { cause });
  }
  return parseReport(text, path);
}
