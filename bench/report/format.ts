/**
 * The formats that a comparison and a ranking can be written in.
 *
 * @module
 */
import type { Comparison } from "./compare.ts";
import { csvReport } from "./csv.ts";
import { junitReport } from "./junit.ts";
import { markdownPage } from "./markdown.ts";
import { comparisonPage, type Page, rankingPage } from "./page.ts";
import type { Gallery } from "./figures.ts";
import type { Ranking } from "./rank.ts";
import type { Report } from "./schema.ts";
import { terminalPage } from "./terminal.ts";
import { actionBenchmarks, bencherMetrics } from "./trackers.ts";

/** Names of the formats. */
export const FORMATS = [
  "table",
  "markdown",
  "html",
  "json",
  "csv",
  "github-action-benchmark",
  "bencher",
  "junit",
] as const;

/** One of {@linkcode FORMATS}. */
export type Format = typeof FORMATS[number];

/** What is written: one side of a comparison for the formats that know of one run only. */
interface Content {
  readonly page: Page;
  readonly report: Report;
  readonly comparison?: Comparison;
  /** For programs: all that was found. */
  readonly data: unknown;
  /** Drawn where they are asked for: ECharts takes a while to load. */
  galleries(): Promise<Gallery[]>;
}

const json = (value: unknown): string => JSON.stringify(value, null, 2) + "\n";

async function write(
  { page, report, comparison, data, galleries }: Content,
  format: Format,
  colour: boolean,
): Promise<string> {
  switch (format) {
    case "table":
      return terminalPage(page, colour) + "\n";
    case "markdown":
      return markdownPage(page);
    case "html":
      return (await import("./html.tsx")).htmlPage(page, await galleries());
    case "json":
      return json(data);
    case "csv":
      return csvReport(report, comparison);
    case "github-action-benchmark":
      return json(actionBenchmarks(report));
    case "bencher":
      return json(bencherMetrics(report));
    case "junit":
      return junitReport(report, comparison);
  }
}

/** A comparison as text. Formats that know of one run only tell of the head. */
export async function writeComparison(
  comparison: Comparison,
  { base, head }: { base: Report; head: Report },
  { format, colour = false }: { format: Format; colour?: boolean },
): Promise<string> {
  const content: Content = {
    page: comparisonPage(comparison, base, head),
    report: head,
    comparison,
    data: comparison,
    galleries: async () => (await import("./figures.ts")).comparisonGalleries(comparison, head),
  };
  return await write(content, format, colour);
}

/** A ranking as text. */
export async function writeRanking(
  rankings: readonly Ranking[],
  report: Report,
  { format, colour = false }: { format: Format; colour?: boolean },
): Promise<string> {
  const content: Content = {
    page: rankingPage(rankings, report),
    report,
    data: { environment: report.environment, rankings, failures: report.failures ?? [] },
    galleries: async () => (await import("./figures.ts")).rankingGalleries(rankings),
  };
  return await write(content, format, colour);
}
