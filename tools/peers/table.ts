/**
 * The figures as tables of Markdown, which a terminal shows as well.
 *
 * @module
 */
import { digits, percent, range, times } from "../../bench/report/numbers.ts";
import { duration } from "../../bench/sampler/progress.ts";
import { type Column, columnOf, MEANINGS, type Variant, VARIANTS } from "./plan.ts";
import { admitted } from "./report.ts";
import type { Comparison, PeersReport } from "./schema.ts";

/** A table whose columns are as wide as they have to be; the first one is words. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) => Math.max(3, title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((text, i) => i === 0 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0)).join(" | ")} |`;
  const rule = `| ${widths.map((width, i) => i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`).join(" | ")} |`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}

const TITLES: Readonly<Record<Column, string>> = {
  "forward": "Forward, float32, images/s",
  "train": "Training step, float32, images/s",
  "forward-reduced": "Forward, bfloat16 allowed, images/s",
  "train-reduced": "Training step, bfloat16 allowed, images/s",
};

const ratio = (value: number | null): string => value === null ? "–" : times(value);

type Result = PeersReport["results"][number];

/** The fastest that a variant reached, marked where that was float32 though bfloat16 was allowed. */
function speedOf(results: readonly Result[], column: Column): string {
  const [best] = results.toSorted((a, b) => b.imagesPerSecond - a.imagesPerSecond);
  if (best === undefined) return "–";
  return digits(best.imagesPerSecond) + (columnOf(column).reduced && best.precision === "float32" ? " (f32)" : "");
}

function columnTable(column: Column, comparisons: readonly Comparison[], results: readonly Result[]): string {
  const mine = admitted(results, column);
  const variants = VARIANTS.filter((variant) => mine.some((result) => result.variant === variant));
  const rows = comparisons.map(({ model, peer, ratio: over, interval, overTfjs, ofConvolutionPeak }) => {
    const of = (variant: Variant) => mine.filter((result) => result.model === model && result.variant === variant);
    return [
      model,
      String(of("convbench")[0]?.batch ?? "–"),
      ...variants.map((variant) => speedOf(of(variant), column)),
      peer?.variant ?? "–",
      ratio(over),
      range(interval, (value) => value.toFixed(2)),
      ratio(overTfjs),
      percent(ofConvolutionPeak),
    ];
  });
  const head = ["network", "batch", ...variants, "best peer", "ratio", "95 % interval", "over tfjs", "of the peak"];
  return `${TITLES[column]}\n\n${markdownTable(head, rows)}`;
}

function summaryTable(summary: PeersReport["summary"]): string {
  const rows = summary.map(({ column, networks, geomean, worst, overTfjs }) => [
    column,
    String(networks),
    ratio(geomean),
    worst === null ? "–" : `${times(worst.ratio)} ${worst.model}`,
    ratio(overTfjs),
  ]);
  const head = ["column", "networks", "geomean over the best of PyTorch", "worst", "geomean over tfjs"];
  return markdownTable(head, rows);
}

function threadsText(threads: PeersReport["environment"]["threads"]): string {
  const counts = new Set(Object.values(threads));
  const [only] = counts;
  if (counts.size === 1 && only !== undefined) return `${only} threads on each side`;
  return `threads: ${Object.entries(threads).map(([side, count]) => `${side} ${count}`).join(", ")}`;
}

function machine({ environment, limit, setup, seconds, settings }: PeersReport): string[] {
  const { cpu, cores, os, versions, threads, load, commit } = environment;
  const gflops = (value: number | null) => value === null ? "–" : `${digits(value / 1e9)} GFLOP/s`;
  const spent = (value: number | null) => value === null ? "was there" : `took ${duration(1000 * value)}`;
  return [
    `${cpu}, ${cores} cores, ${os}; ${threadsText(threads)}`,
    Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", ") +
    (commit === null ? "" : `; commit ${commit.slice(0, 12)}`),
    `peak: convolution ${gflops(limit.convolution)}, matrix product ${gflops(limit.matmul)}`,
    `load ${load.start ?? "unknown"} at the start, ${load.end ?? "unknown"} at the end`,
    `${settings.size}: ${settings.rounds} rounds, ${duration(1000 * seconds)}; ` +
    `libtensorflow ${spent(setup.libtensorflow)}, PyTorch ${spent(setup.pytorch)}`,
  ];
}

/** A line for each reason of each variant: one that has no process fails in all that it is asked. */
function failureLines(failures: PeersReport["failures"]): string[] {
  const groups = Map.groupBy(failures, ({ variant, reason }) => `${variant}: ${reason}`);
  return [...groups].map(([what, each]) => {
    const where = each.map(({ model, mode, precision }) => `${model} ${mode} ${precision}`);
    const more = where.length > 2 ? ` and ${where.length - 2} more` : "";
    return `- ${what} (${where.slice(0, 2).join(", ")}${more})`;
  });
}

/** The report for people. */
export function reportText(report: PeersReport): string {
  const { comparisons, results, summary, failures, warnings } = report;
  const used = VARIANTS.filter((variant) => results.some((result) => result.variant === variant));
  const failed = failureLines(failures);
  return [
    ...summary.map(({ column }) =>
      columnTable(column, comparisons.filter((comparison) => comparison.column === column), results)
    ),
    ...(summary.length === 0 ? ["Nothing was measured"] : [`Summary\n\n${summaryTable(summary)}`]),
    used.map((variant) => `- ${variant}: ${MEANINGS[variant]}`).join("\n"),
    machine(report).map((line) => `- ${line}`).join("\n"),
    ...(failed.length === 0 ? [] : [`Failed\n\n${failed.join("\n")}`]),
    ...(warnings.length === 0 ? [] : [warnings.map((warning) => `Warning: ${warning}`).join("\n")]),
  ].filter((part) => part !== "").join("\n\n");
}
