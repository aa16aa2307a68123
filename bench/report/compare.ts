/**
 * Is the head slower than the base? Result by result, and only what is proven.
 *
 * @module
 */
import { show } from "../../models/errors.ts";
import { ratioInterval } from "./bootstrap.ts";
import { type Difference, differences } from "./machine.ts";
import { holm, mannWhitney } from "./mann_whitney.ts";
import { geometricMean } from "./median.ts";
import type { Report, Result } from "./schema.ts";
import { seedOf, summarize, type Summary, type Warning } from "./summary.ts";

/** A mistake in what is compared: other machines, nothing in common. */
export class ComparisonError extends Error {
  /** `ComparisonError`. */
  override readonly name = "ComparisonError";
}

/** `~`: no difference is proven. */
export type Verdict = "slower" | "faster" | "~";

/** A result that both reports have. */
export interface ComparisonRow {
  /** What both are called. */
  readonly name: string;
  /** The base's result and what its samples say. */
  readonly base: { readonly result: Result; readonly summary: Summary };
  /** The head's. */
  readonly head: { readonly result: Result; readonly summary: Summary };
  /** Median time of the head over that of the base: 1.1 is ten percent slower. */
  readonly ratio: number;
  /** Of the ratio, at a confidence of 1 - α; null where a side has a single sample. */
  readonly interval: readonly [number, number] | null;
  /** Of the Mann-Whitney test, two-sided, Holm-corrected for the number of results. */
  readonly p: number;
  /** What both tests prove. */
  readonly verdict: Verdict;
  /** Proven slower, and by the threshold or more. */
  readonly regression: boolean;
  /** What a reader has to know; of either side. */
  readonly warnings: readonly Warning[];
}

/** A result that cannot be compared. */
export interface Unmatched {
  /** What it is called. */
  readonly name: string;
  /** Why, in one sentence. */
  readonly reason: string;
}

/** What {@linkcode compareReports} finds. */
export interface Comparison {
  /** The share from which on a proven slowdown is a regression. */
  readonly threshold: number;
  /** The level of both tests. */
  readonly alpha: number;
  /** In the base's order. */
  readonly rows: readonly ComparisonRow[];
  /** Geometric mean of the ratios. */
  readonly geomean: number;
  /** What only one report has, or what did different work. */
  readonly unmatched: readonly Unmatched[];
  /** Between the machines and versions. */
  readonly differences: readonly Difference[];
}

/** Options of {@linkcode compareReports}. */
export interface CompareOptions {
  /** The share from which on a proven slowdown is a regression. @default {0.05} */
  readonly threshold?: number;
  /** The level of both tests. @default {0.01} */
  readonly alpha?: number;
  /** Compare different machines all the same. @default {false} */
  readonly force?: boolean;
}

interface Pair {
  readonly base: Result;
  readonly head: Result;
}

const work = ({ batch, precision }: Result): string => `batch ${batch} in ${precision}`;

/** Results of one name that did the same work; the others with why they are left out. */
function match(base: Report, head: Report): { pairs: Pair[]; unmatched: Unmatched[] } {
  const heads = new Map(head.results.map((result) => [result.name, result]));
  const bases = new Set(base.results.map(({ name }) => name));
  const failure = ({ failures = [] }: Report, name: string) => {
    const reason = failures.find((failure) => failure.name === name)?.reason;
    return reason === undefined ? "" : `: ${reason}`;
  };
  const pairs: Pair[] = [];
  const unmatched: Unmatched[] = [];
  for (const result of base.results) {
    const other = heads.get(result.name);
    if (other === undefined) {
      unmatched.push({ name: result.name, reason: `only in the base${failure(head, result.name)}` });
    } else if (work(result) !== work(other)) {
      unmatched.push({ name: result.name, reason: `${work(result)} in the base but ${work(other)} in the head` });
    } else pairs.push({ base: result, head: other });
  }
  for (const { name } of head.results) {
    if (!bases.has(name)) unmatched.push({ name, reason: `only in the head${failure(base, name)}` });
  }
  return { pairs, unmatched };
}

/** Proven is what both tests say of the same direction. */
function verdictOf(
  { p, superiority, interval, alpha }: {
    p: number;
    superiority: number;
    interval: readonly [number, number] | null;
    alpha: number;
  },
): Verdict {
  if (interval === null || p >= alpha) return "~";
  if (superiority > 0.5 && interval[0] > 1) return "slower";
  return superiority < 0.5 && interval[1] < 1 ? "faster" : "~";
}

function compareSides(base: Summary, head: Summary): Warning[] {
  const said = (side: string, { warnings }: Summary) =>
    warnings.map(({ kind, message }) => ({ kind, message: `${side}: ${message}` }));
  return [...said("base", base), ...said("head", head)];
}

/**
 * Compares two reports, result by result of the same name, from their samples.
 *
 * A row is proven slower or faster where Mann and Whitney's test of all samples is
 * below α after Holm's correction, and the two-level bootstrap's interval of the
 * ratio of medians leaves out 1. The first knows no processes, the second corrects
 * for no number of results: together they are what either lacks.
 *
 * @throws {ComparisonError} Where the reports have no result in common, or come from different machines and `force` is
 * not set.
 */
export function compareReports(
  base: Report,
  head: Report,
  { threshold = 0.05, alpha = 0.01, force = false }: CompareOptions = {},
): Comparison {
  const { pairs, unmatched } = match(base, head);
  if (pairs.length === 0) {
    const names = ({ results }: Report) => results.slice(0, 3).map(({ name }) => show(name)).join(", ") || "no results";
    const why = unmatched.find(({ reason }) => reason.includes("but"));
    throw new ComparisonError(
      why === undefined
        ? `Expected results that both reports have but found ${names(base)} in the base and ${names(head)} in the head`
        : `Expected results that did the same work but found, of ${show(why.name)}, ${why.reason}`,
    );
  }
  const differ = differences(base, head, new Set(pairs.map(({ base }) => base.name)));
  const machines = differ.filter(({ machine }) => machine);
  if (machines.length > 0 && !force) {
    const found = machines.map(({ what, base, head }) => `${what} ${base} in the base and ${head} in the head`);
    throw new ComparisonError(
      `Expected reports of the same machine but found ${found.join("; ")} (--force compares them all the same)`,
    );
  }
  const tests = pairs.map(({ base, head }) => mannWhitney(base.samplesMs, head.samplesMs));
  const ps = holm(tests.map(({ p }) => p));
  const rows = pairs.map(({ base, head }, i): ComparisonRow => {
    const [p, superiority] = [ps[i] ?? 1, tests[i]?.superiority ?? 0.5];
    const seed = seedOf(base.name);
    const [from, to] = [summarize(base, seed), summarize(head, seed)];
    const ratio = to.median / from.median;
    const interval = ratioInterval(base, head, { confidence: 1 - alpha, seed }) ?? null;
    const verdict = verdictOf({ p, superiority, interval, alpha });
    return {
      name: base.name,
      base: { result: base, summary: from },
      head: { result: head, summary: to },
      ratio,
      interval,
      p,
      verdict,
      // 105 / 100 - 1 is not quite 0.05.
      regression: verdict === "slower" && ratio - 1 >= threshold - 1e-12,
      warnings: compareSides(from, to),
    };
  });
  return {
    threshold,
    alpha,
    rows,
    geomean: geometricMean(rows.map(({ ratio }) => ratio)),
    unmatched,
    differences: differ,
  };
}
