/**
 * What is shown of reports: the very page of `convbench report`, with the backend's name
 * in it, and backends side by side.
 *
 * @module
 */
import { compareReports } from "../report/compare.ts";
import { DataTable } from "../report/data_table.tsx";
import { digits } from "../report/numbers.ts";
import { comparisonPage, type Page, rankingPage, type Table } from "../report/page.ts";
import { rankReport } from "../report/rank.ts";
import type { Report } from "../report/schema.ts";
import { throughput } from "../report/summary.ts";

/** A report, and what it is called. */
export interface Shown {
  /** For people: `webgpu (software)`, or a file's name. */
  readonly label: string;
  /** What was measured. */
  readonly report: Report;
}

/** A page that says in each of its captions what it was measured on. */
export function labelled(page: Page, label: string): Page {
  const tables = page.tables.map((table) => ({ ...table, caption: `${table.caption}, ${label}` }));
  return { ...page, title: `${page.title}: ${label}`, tables };
}

/** A report as the HTML that `convbench report` writes. */
export async function rankingHtml({ label, report }: Shown): Promise<string> {
  // ECharts takes a while to load.
  const [{ htmlPage }, { rankingGalleries }, { rooflineSections }] = await Promise.all([
    import("../report/html.tsx"),
    import("../report/figures.ts"),
    import("../report/roofline_chart.ts"),
  ]);
  const rankings = rankReport(report);
  const sections = rankingGalleries(rankings).toSpliced(-1, 0, ...rooflineSections(report));
  return htmlPage(labelled(rankingPage(rankings, report), label), sections);
}

/**
 * Two reports as the HTML that `convbench compare` writes; backends and machines may
 * differ, and the page says what does.
 *
 * @throws {ComparisonError} Where they have nothing in common.
 */
export async function comparisonHtml(base: Shown, head: Shown): Promise<string> {
  const comparison = compareReports(base.report, head.report, { force: true });
  const [{ htmlPage }, { comparisonGalleries }] = await Promise.all([
    import("../report/html.tsx"),
    import("../report/figures.ts"),
  ]);
  const page = labelled(comparisonPage(comparison, base.report, head.report), `${head.label} against ${base.label}`);
  return htmlPage(page, comparisonGalleries(comparison, head.report));
}

/** {@linkcode sideBySide} as HTML. */
export function sideBySideHtml(shown: readonly Shown[]): string {
  return String(DataTable(sideBySide(shown)));
}

/** Images a second of each result, a column for each report. */
export function sideBySide(shown: readonly Shown[]): Table {
  const names = [...new Set(shown.flatMap(({ report }) => report.results.map(({ name }) => name)))];
  return {
    caption: "Images a second, at the median",
    columns: [{ title: "result" }, ...shown.map(({ label }) => ({ title: label }))],
    rows: names.map((name) => [
      { text: name, name: true },
      ...shown.map(({ report }) => {
        const result = report.results.find((result) => result.name === name);
        return { text: result === undefined ? "–" : digits(throughput(result, result.median)) };
      }),
    ]),
  };
}
