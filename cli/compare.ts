/**
 * `convbench compare`: did a network get slower? Deno only.
 *
 * @module
 */
import { z } from "zod";
import { compareReports } from "../bench/report/compare.ts";
import { writeComparison } from "../bench/report/format.ts";
import { readReport } from "../bench/report/read.ts";
import { show } from "../models/errors.ts";
import { command, parseCommand, UsageError } from "./flags.ts";
import { deliver, inColour, orUnusable, type Output, OUTPUT_FLAGS, outputOf } from "./report_output.ts";

const WHAT = "two reports, the base's and the head's,";

/** `convbench compare`. */
export const COMPARE = command({
  name: "compare",
  about: "Says which networks got slower or faster between two reports of convbench bench, as far as it is proven.",
  args: [
    { name: "BASE.json", what: WHAT, completes: "file" },
    { name: "HEAD.json", what: WHAT, completes: "file" },
  ],
  flags: {
    "fail-above": {
      value: "P%",
      help: "a proven slowdown of as much or more is a regression",
      schema: z.string().default("5%"),
    },
    force: { help: "compare reports of different machines or backends all the same" },
    ...OUTPUT_FLAGS,
  },
  notes: "Exit codes: 0 no regression, 1 a regression, 2 a usage error or an unreadable file.",
  examples: [
    "convbench compare main.json branch.json",
    "convbench compare main.json branch.json --fail-above 10% --out comparison.html",
  ],
});

/** What `convbench compare` was asked. */
export interface CompareRun extends Output {
  /** Path of the base's report. */
  readonly base: string;
  /** Path of the head's report. */
  readonly head: string;
  /** The share from which on a proven slowdown is a regression. */
  readonly threshold: number;
  /** Whether machines may differ. */
  readonly force: boolean;
}

/** `5%` as 0.05. A number without the sign could be meant either way. */
function parseThreshold(text: string): number {
  const [, number] = /^(\d+(?:\.\d+)?) ?%$/.exec(text) ?? [];
  if (number === undefined) {
    throw new UsageError(`Expected --fail-above to be a percentage, as 5%, but found ${show(text)}`);
  }
  return Number(number) / 100;
}

/**
 * The options of `convbench compare ARGS`.
 *
 * @throws {UsageError} Where a flag is unknown, a value is out of range, or there are not two reports.
 */
export function parseCompareOptions(args: readonly string[]): CompareRun {
  const { flags, args: [base = "", head = ""] } = parseCommand(COMPARE, args);
  return { base, head, threshold: parseThreshold(flags["fail-above"]), force: flags.force, ...outputOf(flags) };
}

async function run(options: CompareRun): Promise<number> {
  const [base, head] = [await readReport(options.base), await readReport(options.head)];
  const comparison = compareReports(base, head, options);
  const { format } = options;
  await deliver(await writeComparison(comparison, { base, head }, { format, colour: inColour(options) }), options);
  return comparison.rows.some(({ regression }) => regression) ? 1 : 0;
}

/** Runs `convbench compare ARGS`; gives the exit code. */
export async function compareCommand(args: readonly string[]): Promise<number> {
  const options = parseCompareOptions(args);
  return await orUnusable(() => run(options));
}
