/**
 * How long two commits are measured, and when it is known which is slower.
 *
 * A group-sequential design (Pocock, Group sequential methods in the design and
 * analysis of clinical trials, 1977; Jennison and Turnbull, Group Sequential Methods,
 * 2000): after so many rounds all is looked at, what is clear is measured no further,
 * and the chance of a false alarm is shared out among the looks, since who looks often
 * enough sees anything. Pocock's constants suppose normal statistics with independent
 * increments, which ranks of samples from few processes are not: by Bonferroni's bound
 * each of K looks gets α / K, whatever depends on what. It costs little: α / 4 = 0.0025
 * in the place of 0.0033.
 *
 * @module
 */
import { compareReports, type Comparison, type ComparisonRow } from "../report/compare.ts";
import type { Report } from "../report/schema.ts";

/**
 * After how many rounds, each a process of either side, it is looked at. Fewer than six
 * processes a side prove nothing: were all that differs between processes chance, six
 * of one side would be above six of the other in one case of 462, either way round.
 */
export const LOOKS: readonly number[] = [6, 10, 16, 24];

/** The chance of a false alarm that all looks share. */
export const ALPHA = 0.01;

/** The level of the tests at each look. */
export const LEVEL: number = ALPHA / LOOKS.length;

/** Both reports, as far as they go. */
export interface Sides {
  /** The base's. */
  readonly base: Report;
  /** The head's. */
  readonly head: Report;
}

/** Where samples come from: processes, or recorded noise in a simulation. */
export interface Source {
  /** Names of what can be measured; what has failed is not among them any more. */
  names(): readonly string[];
  /** Measures `names` until each has processes of both sides for so many rounds. */
  measure(names: ReadonlySet<string>, rounds: number): Promise<void>;
  /** All that was measured and has not been forgotten. */
  sides(): Sides;
  /** Forgets what was measured of `names`, which are measured anew. */
  forget(names: ReadonlySet<string>): void;
  /** Whether no more time is to be spent than it takes to come to the first look. */
  spent(): boolean;
}

/** Who watches. */
export interface DecisionWatch {
  /** After a look: what was found, and what is measured further. */
  readonly looked?: (comparison: Comparison, rounds: number, open: ReadonlySet<string>) => void;
  /** What looks like a regression, before it is measured anew. */
  readonly suspected?: (rows: readonly ComparisonRow[]) => void;
}

/** How {@linkcode decide} decides. */
export interface DecideOptions extends DecisionWatch {
  /** The share from which on a proven slowdown is a regression. @default {0.05} */
  readonly threshold?: number;
}

/** What {@linkcode decide} comes to. */
export interface Decision {
  /** What was found. A row that was suspected is judged by its second run alone. */
  readonly comparison: Comparison;
  /** What the first run called a regression. */
  readonly suspected: readonly ComparisonRow[];
}

/**
 * Whether more samples could change what is said of a row: a regression or not. It is
 * clear where that is proven, where the head is proven faster, and where the whole
 * interval of the ratio lies below the threshold.
 */
export function isClear({ verdict, regression, interval }: ComparisonRow, threshold: number): boolean {
  return regression || verdict === "faster" || (interval !== null && interval[1] < 1 + threshold);
}

/** All that was measured, compared; none where there is nothing to compare. */
function compare(source: Source, threshold: number): Comparison {
  const { base, head } = source.sides();
  // Both ran on this machine: flags that differ are the code's doing, and what is measured.
  return compareReports(base, head, { threshold, alpha: LEVEL, force: true });
}

async function untilClear(
  source: Source,
  names: ReadonlySet<string>,
  { threshold = 0.05, looked }: DecideOptions,
): Promise<Comparison | undefined> {
  let comparison: Comparison | undefined;
  let open = names;
  for (const [look, rounds] of LOOKS.entries()) {
    for (let round = (LOOKS[look - 1] ?? 0) + 1; round <= rounds; round++) {
      await source.measure(open, round);
      // A look that comes early for lack of time is the last one: there never are more than planned.
      if (look > 0 && source.spent()) break;
    }
    if (source.names().length === 0) return undefined;
    comparison = compare(source, threshold);
    const clear = new Set(comparison.rows.filter((row) => isClear(row, threshold)).map(({ name }) => name));
    const known = new Set(source.names());
    open = new Set([...open].filter((name) => known.has(name) && !clear.has(name)));
    looked?.(comparison, rounds, open);
    if (open.size === 0 || source.spent()) break;
  }
  return comparison;
}

/**
 * Measures until all is clear, all looks are used up or the time is spent. What looks
 * like a regression then is measured anew, in new processes, and is one where these
 * alone prove it again: their estimate was not picked for being large.
 *
 * @throws {Error} Whatever the source throws.
 */
export async function decide(source: Source, options: DecideOptions = {}): Promise<Decision | undefined> {
  const first = await untilClear(source, new Set(source.names()), options);
  if (first === undefined) return undefined;
  const suspected = first.rows.filter(({ regression }) => regression);
  if (suspected.length === 0) return { comparison: first, suspected };
  options.suspected?.(suspected);
  const names = new Set(suspected.map(({ name }) => name));
  source.forget(names);
  const second = await untilClear(source, names, options);
  if (second === undefined) return undefined;
  // Holm's correction looks at all rows: another one's new samples make no regression of a row that was none.
  const rows = second.rows.map((row) => ({ ...row, regression: row.regression && names.has(row.name) }));
  return { comparison: { ...second, rows }, suspected };
}
