/**
 * `convbench report`: the networks of one run side by side. Deno only.
 *
 * @module
 */
import { z } from "zod";
import { writeRanking } from "../bench/report/format.ts";
import { rankReport } from "../bench/report/rank.ts";
import { readReport } from "../bench/report/read.ts";
import { command, parseCommand } from "./flags.ts";
import { deliver, inColour, orUnusable, type Output, OUTPUT_FLAGS, outputOf } from "./report_output.ts";

/** `convbench report`. */
export const REPORT = command({
  name: "report",
  about: "Ranks the networks of a report of convbench bench by images a second, with ratios and intervals.",
  args: [{ name: "REPORT.json", what: "one report", completes: "file" }],
  flags: {
    baseline: {
      value: "MODEL",
      help: "what the ratios are to",
      schema: z.string().optional(),
      otherwise: "the fastest",
      completes: "model",
    },
    ...OUTPUT_FLAGS,
  },
  notes: "Exit codes: 0 fine, 2 a usage error or an unreadable file.",
  examples: ["convbench report out.json", "convbench report out.json --baseline d2l/resnet18 --out report.html"],
});

/** What `convbench report` was asked. */
export interface ReportRun extends Output {
  /** Path of the report. */
  readonly report: string;
  /** What the ratios are to; the fastest where it is left out. */
  readonly baseline?: string;
}

/**
 * The options of `convbench report ARGS`.
 *
 * @throws {UsageError} Where a flag is unknown, a value is out of range, or there is not one report.
 */
export function parseReportOptions(args: readonly string[]): ReportRun {
  const { flags, args: [report = ""] } = parseCommand(REPORT, args);
  const { baseline } = flags;
  return { report, ...baseline === undefined ? {} : { baseline }, ...outputOf(flags) };
}

async function run(options: ReportRun): Promise<number> {
  const report = await readReport(options.report);
  const rankings = rankReport(report, options.baseline);
  const { format } = options;
  await deliver(await writeRanking(rankings, report, { format, colour: inColour(options) }), options);
  return 0;
}

/** Runs `convbench report ARGS`; gives the exit code. */
export async function reportCommand(args: readonly string[]): Promise<number> {
  const options = parseReportOptions(args);
  return await orUnusable(() => run(options));
}
