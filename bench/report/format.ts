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
import type { HtmlSection } from "./html.tsx";
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
  "roofline",
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
  sections(): Promise<HtmlSection[]>;
}

/** Puts the roofline before the last of the galleries: the samples, of which there are many. */
async function withRoofline(galleries: readonly HtmlSection[], report: Report, title: string): Promise<HtmlSection[]> {
  const { rooflineSections } = await import("./roofline_chart.ts");
  return galleries.toSpliced(-1, 0, ...rooflineSections(report, title));
}

const json = (value: unknown): string => JSON.stringify(value, null, 2) + "\n";

async function write(
  { page, report, comparison, data, sections }: Content,
  format: Format,
  colour: boolean,
): Promise<string> {
  switch (format) {
    case "table":
      return terminalPage(page, colour) + "\n";
    case "markdown":
      return markdownPage(page);
    case "html":
      return (await import("./html.tsx")).htmlPage(page, await sections());
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
    case "roofline":
      return (await import("./roofline_chart.ts")).rooflineSvg(report);
  }
}

/**
 * A comparison as text. Formats that know of one run only tell of the head.
 *
 * @throws {RangeError} As {@linkcode writeRanking}.
 */
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
    sections: async () =>
      await withRoofline(
        (await import("./figures.ts")).comparisonGalleries(comparison, head),
        head,
        "Roofline of the head",
      ),
  };
  return await write(content, format, colour);
}

/**
 * A ranking as text.
 *
 * @throws {RangeError} Where a roofline is asked for and the report does not tell what the machine can do.
 */
export async function writeRanking(
  rankings: readonly Ranking[],
  report: Report,
  { format, colour = false }: { format: Format; colour?: boolean },
): Promise<string> {
  const content: Content = {
    page: rankingPage(rankings, report),
    report,
    data: { environment: report.environment, rankings, failures: report.failures ?? [] },
    sections: async () =>
      await withRoofline((await import("./figures.ts")).rankingGalleries(rankings), report, "Roofline"),
  };
  return await write(content, format, colour);
}
