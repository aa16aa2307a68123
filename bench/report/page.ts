/**
 * What a report has to say, before it is written in a format: sentences and tables.
 * The terminal, Markdown and HTML all write a {@linkcode Page}.
 *
 * @module
 */
import type { Comparison, ComparisonRow } from "./compare.ts";
import { bytes, change, digits, large, percent, probability, range, times } from "./numbers.ts";
import type { Ranking } from "./rank.ts";
import type { Environment, Failure, Report } from "./schema.ts";
import type { Warning } from "./summary.ts";

/** How a cell is meant. */
export type Tone = "good" | "bad";

/** A cell of a table. */
export interface Cell {
  /** What it says. */
  readonly text: string;
  /** Colour is never all that tells it: the text does, too. */
  readonly tone?: Tone | undefined;
  /** A name from the report, which is somebody else's text. */
  readonly name?: boolean | undefined;
}

/** A table; the first column heads its rows. */
export interface Table {
  /** What it shows, in a few words. */
  readonly caption: string;
  /** Heads of the columns; all but the first hold numbers, save where `words` says so. */
  readonly columns: readonly { readonly title: string; readonly words?: boolean | undefined }[];
  /** As many cells each as there are columns. */
  readonly rows: readonly (readonly Cell[])[];
}

/** A page. */
export interface Page {
  /** Its heading. */
  readonly title: string;
  /** What it comes to, in a sentence. */
  readonly outcome: string;
  /** Whether that is good news; undefined where it is none. */
  readonly tone?: Tone | undefined;
  /** The tables. */
  readonly tables: readonly Table[];
  /** What a reader has to know, each with the name it is about. */
  readonly notes: readonly { readonly name?: string | undefined; readonly text: string }[];
  /** Where it was measured. */
  readonly environment: Table;
}

const name = (text: string): Cell => ({ text, name: true });
const cell = (text: string): Cell => ({ text });
const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

function facts(environment: Environment): [string, string][] {
  const { cpu, cores, memory, gpu, driver, os, deno, v8, tfjs, libtensorflow, threads, flags, load, commit, started } =
    environment;
  const all: [string, string | null][] = [
    ["CPU", `${cpu}, ${plural(cores, "core")}`],
    ["threads", threads === null ? null : String(threads)],
    ["memory", memory === null ? null : bytes(memory)],
    ["GPU", gpu],
    ["driver", driver],
    ["OS", os],
    ["Deno", deno],
    ["V8", v8],
    ["TensorFlow.js", tfjs],
    ["libtensorflow", libtensorflow],
    ...Object.entries(flags).map(([flag, value]): [string, string] => [flag, String(value)]),
    ["load", load.start === null || load.end === null ? null : `${load.start} at the start, ${load.end} at the end`],
    ["commit", commit],
    ["started", started],
  ];
  return all.filter((fact): fact is [string, string] => fact[1] !== null);
}

function environmentTable(sides: readonly (readonly [string, Environment])[]): Table {
  const known = sides.map(([, environment]) => new Map(facts(environment)));
  const keys = [...new Set(known.flatMap((side) => [...side.keys()]))];
  return {
    caption: "Where it was measured",
    columns: [{ title: "what" }, ...sides.map(([title]) => ({ title, words: true }))],
    rows: keys.map((key) => [cell(key), ...known.map((side) => name(side.get(key) ?? "–"))]),
  };
}

const warned = (about: string, warnings: readonly Warning[]) =>
  warnings.map(({ message }) => ({ name: about, text: message }));
const failed = (failures: readonly Failure[] = []) =>
  failures.map(({ name, reason }) => ({ name, text: `could not be measured: ${reason}` }));
const noted = ({ results }: Report) => results.flatMap(({ name, notes = [] }) => notes.map((text) => ({ name, text })));

function verdictCell({ verdict, regression }: ComparisonRow): Cell {
  if (verdict === "~") return name("~");
  return { text: regression ? "regression" : verdict, tone: verdict === "slower" ? "bad" : "good" };
}

function outcomeOf({ rows, threshold }: Comparison): { outcome: string; tone?: Tone } {
  const count = (verdict: ComparisonRow["verdict"]) => rows.filter((row) => row.verdict === verdict).length;
  const regressions = rows.filter(({ regression }) => regression).length;
  const rest = `${count("slower")} slower, ${count("faster")} faster, ${count("~")} without a proven difference`;
  if (regressions > 0) {
    return { outcome: `${plural(regressions, "regression")} of ${percent(threshold)} or more: ${rest}`, tone: "bad" };
  }
  return { outcome: `No regression of ${percent(threshold)} or more: ${rest}`, tone: "good" };
}

/** What could not be measured, and is not named among what was not compared. */
function failedBesides(unmatched: Comparison["unmatched"], base: Report, head: Report): Failure[] {
  const named = new Set(unmatched.map(({ name }) => name));
  const sides = [["base", base.failures ?? []], ["head", head.failures ?? []]] as const;
  return sides.flatMap(([side, failures]) =>
    failures.filter(({ name }) => !named.has(name)).map(({ name, reason }) => ({
      name,
      reason: `${reason} (in the ${side})`,
    }))
  );
}

/** The page of a comparison. */
export function comparisonPage(comparison: Comparison, base: Report, head: Report): Page {
  const { rows, geomean, alpha, unmatched, differences } = comparison;
  const level = `${Number((100 * (1 - alpha)).toFixed(2))} %`;
  return {
    title: "Comparison of two benchmark runs",
    ...outcomeOf(comparison),
    tables: [{
      caption: "Time of a step, head against base",
      columns: [
        { title: "result" },
        { title: "base, ms" },
        { title: "head, ms" },
        { title: "change" },
        { title: `${level} interval` },
        { title: "p" },
        { title: "verdict", words: true },
      ],
      rows: [
        ...rows.map((row) => [
          name(row.name),
          cell(digits(row.base.summary.median)),
          cell(digits(row.head.summary.median)),
          cell(change(row.ratio)),
          cell(range(row.interval, change)),
          cell(probability(row.p)),
          verdictCell(row),
        ]),
        [cell("geometric mean"), cell(""), cell(""), cell(change(geomean)), cell(""), cell(""), cell("")],
      ],
    }],
    notes: [
      ...unmatched.map(({ name, reason }) => ({ name, text: `not compared: ${reason}` })),
      ...failed(failedBesides(unmatched, base, head)),
      ...differences.map(({ what, base, head }) => ({ text: `${what}: ${base} in the base, ${head} in the head` })),
      ...rows.flatMap((row) => warned(row.name, row.warnings)),
      ...noted(head),
    ],
    environment: environmentTable([["base", base.environment], ["head", head.environment]]),
  };
}

const milliseconds = (ms: number | null | undefined) => ms == null ? "–" : digits(ms);

const MODE = { forward: "Forward", train: "Forward and backward" } as const;

function rankingTable({ mode, precision, baseline, rows }: Ranking): Table {
  // Few backends have it: a column where one does.
  const timed = rows.some(({ result }) => typeof result.deviceMs === "number");
  return {
    caption: `${MODE[mode]}, ${precision}`,
    columns: [
      { title: "model" },
      { title: "batch" },
      { title: "images/s" },
      { title: "95 % interval" },
      { title: "ratio" },
      { title: "interval of the ratio" },
      { title: "first step, ms" },
      ...timed ? [{ title: "kernels, ms" }] : [],
      { title: "memory" },
      { title: "params" },
      { title: "MACs" },
      { title: "of compute" },
      { title: "of bandwidth" },
    ],
    rows: rows.map(({ result, imagesPerSecond, interval, ratio, ratioInterval }) => [
      name(result.model),
      cell(String(result.batch)),
      cell(digits(imagesPerSecond)),
      cell(range(interval)),
      cell(times(ratio)),
      cell(result.model === baseline ? "baseline" : range(ratioInterval, times)),
      cell(milliseconds(result.firstStepMs)),
      ...timed ? [cell(milliseconds(result.deviceMs))] : [],
      cell(bytes(result.peakMemory)),
      cell(large(result.params)),
      cell(large(result.macs)),
      cell(percent(result.utilisation)),
      cell(percent(result.bandwidthUtilisation)),
    ]),
  };
}

/** The page of a ranking. */
export function rankingPage(rankings: readonly Ranking[], report: Report): Page {
  const models = new Set(report.results.map(({ model }) => model)).size;
  return {
    title: "Networks side by side",
    outcome: models === 0 ? "Nothing was measured" : `${plural(models, "network")}, the fastest first`,
    tables: rankings.map(rankingTable),
    notes: [
      ...failed(report.failures),
      ...noted(report),
      ...rankings.flatMap(({ rows }) => rows.flatMap(({ result, summary }) => warned(result.name, summary.warnings))),
    ],
    environment: environmentTable([["value", report.environment]]),
  };
}
