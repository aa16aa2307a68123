/**
 * Two sides measured until it is clear which is slower.
 *
 * @module
 */
import type { Comparison, ComparisonRow, Unmatched } from "../report/compare.ts";
import { change, range } from "../report/numbers.ts";
import type { Report } from "../report/schema.ts";
import { decide, type Sides } from "./decide.ts";
import { type AbHere, type AbOptions, Interleaved } from "./interleaved.ts";
import type { SideFailure } from "./pair.ts";

/** What {@linkcode ab} comes to. */
export interface AbResult extends Sides {
  /** What was found; undefined where nothing could be measured on both sides. */
  readonly comparison: Comparison | undefined;
  /** What the first run was, where something in it looked like a regression: the other reports hold the second. */
  readonly first: Sides | undefined;
  /** What could not be measured. */
  readonly failures: readonly SideFailure[];
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** `+12.3 % (+10.1 % to +14.5 %)`. */
const found = ({ ratio, interval }: ComparisonRow): string => `${change(ratio)} (${range(interval, change)})`;

/** The head's report, in which results that were measured anew say so. */
function noted(head: Report, suspected: readonly ComparisonRow[]): Report {
  const before = new Map(suspected.map((row) => [row.name, row]));
  const results = head.results.map((result) => {
    const row = before.get(result.name);
    if (row === undefined) return result;
    const note = `looked like a regression at first, ${
      found(row)
    }: what stands here is a second run, made to confirm it`;
    return { ...result, notes: [...result.notes ?? [], note] };
  });
  return { ...head, results };
}

/**
 * Measures `options.entries` on both sides, in turn and in fresh processes, and says
 * which got slower; what looks like a regression is measured anew before it is called one.
 *
 * @throws {Error} Where the backend does not run.
 * @throws {DOMException} Where `here.signal` ends it.
 */
export async function ab(options: AbOptions & { readonly threshold: number }, here: AbHere): Promise<AbResult> {
  const { threshold } = options;
  const { say = () => {} } = here;
  const source = await Interleaved.begin(options, here);
  let first: Sides | undefined;
  const decision = await decide(source, {
    threshold,
    looked: ({ rows }, rounds, open) => {
      const clear = rows.length - open.size;
      const rest = open.size === 0 ? "" : `, ${[...open].slice(0, 5).join(", ")}${open.size > 5 ? ", …" : ""} not yet`;
      say(`After ${plural(rounds, "start")} a side: ${clear} of ${plural(rows.length, "result")} clear${rest}`);
    },
    suspected: (rows) => {
      first = source.sides();
      for (const row of rows) say(`${row.name} looks like a regression, ${found(row)}: measured anew to confirm it`);
    },
  });
  const failures = source.failures();
  const { base, head } = source.sides();
  const comparison = decision && {
    ...decision.comparison,
    unmatched: [
      ...decision.comparison.unmatched,
      ...failures.map(({ name, side, reason }): Unmatched => ({
        name,
        reason: `not measured in the ${side}: ${reason}`,
      })),
    ],
  };
  return { comparison, base, head: noted(head, decision?.suspected ?? []), first, failures };
}
