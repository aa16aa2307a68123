/**
 * What a history has to say, before it is written for a terminal or as HTML.
 *
 * @module
 */
import { change, digits } from "../report/numbers.ts";
import type { Cell, Page, Table } from "../report/page.ts";
import { FEWEST } from "./change_points.ts";
import type { Machine } from "./history.ts";
import type { Level, Trend } from "./trend.ts";

const cell = (text: string): Cell => ({ text });
const name = (text: string): Cell => ({ text, name: true });
const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** `2026-11-24`. */
export function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** Machines in the order in which trends name them, each once. */
function machinesOf(trends: readonly Trend[]): Map<string, Machine> {
  return new Map(trends.map(({ series: { machine } }) => [JSON.stringify(machine), machine]));
}

/** What each of `trends` is called: `d2l/lenet forward, batch 128, on wasm`, and the machine where there are several. */
export function titlesOf(trends: readonly Trend[]): string[] {
  const machines = [...machinesOf(trends).keys()];
  return trends.map(({ series: { name, batch, backend, machine } }) => {
    const which = machines.length === 1 ? "" : `, machine ${machines.indexOf(JSON.stringify(machine)) + 1}`;
    return `${name}, batch ${batch}, on ${backend}${which}`;
  });
}

/** What a plot of the trend shows, for those who do not see it. */
export function describeTrend({ points, levels }: Trend): string {
  const changes = levels.slice(1).map(({ first, ratio }) => `${day(first.started)} ×${(ratio ?? 1).toFixed(3)}`);
  const found = changes.length === 0 ? "No change of level." : `Changes of level: ${changes.join(", ")}.`;
  return `Plot of ${points.length} medians. ${found}`;
}

/** A level's change, coloured by what it means. */
function changeCell({ ratio }: Level): Cell {
  if (ratio === null) return cell("–");
  const text = change(ratio);
  if (text === change(1)) return cell("spread only");
  return { text: `${text} ${ratio > 1 ? "slower" : "faster"}`, tone: ratio > 1 ? "bad" : "good" };
}

function levelRow(level: Level, batch: number): Cell[] {
  const { first, results, median } = level;
  return [
    cell(day(first.started)),
    name(first.commit?.slice(0, 12) ?? "–"),
    cell(String(results)),
    cell(digits(median)),
    cell(digits(batch / median * 1000)),
    changeCell(level),
  ];
}

function trendTable({ series, points, levels }: Trend, title: string): Table {
  const older = series.results - points.length;
  return {
    caption: older === 0 ? title : `${title} (the last ${points.length} of ${series.results} results)`,
    columns: [
      { title: "since" },
      { title: "commit", words: true },
      { title: "results" },
      { title: "ms a step" },
      { title: "images/s" },
      { title: "change", words: true },
    ],
    rows: levels.map((level) => levelRow(level, series.batch)),
  };
}

function machineTable(trends: readonly Trend[]): Table {
  const machines = [...machinesOf(trends).values()];
  return {
    caption: "Where it was measured",
    columns: ["machine", "CPU", "cores", "threads", "GPU", "OS", "flags"].map((title) => ({ title, words: true })),
    rows: machines.map(({ cpu, cores, threads, gpu, os, flags }, i) => [
      cell(String(i + 1)),
      name(cpu),
      cell(String(cores)),
      cell(String(threads ?? "–")),
      name(gpu ?? "–"),
      name(os),
      name(Object.entries(flags).map(([flag, value]) => `${flag} ${value}`).join(", ") || "–"),
    ]),
  };
}

function outcomeOf(trends: readonly Trend[]): string {
  const changes = trends.reduce((sum, { levels }) => sum + levels.length - 1, 0);
  const results = trends.reduce((sum, { points }) => sum + points.length, 0);
  return `${plural(changes, "change")} of level in ${plural(results, "result")} of ${
    trends.length === 1 ? "1 series" : `${trends.length} series`
  }`;
}

/** The page of trends. */
export function historyPage(trends: readonly Trend[]): Page {
  const titles = titlesOf(trends);
  const few = trends.flatMap(({ points }, i) =>
    points.length < FEWEST
      ? [{
        name: titles[i],
        text: `${plural(points.length, "result")}: no change is found in ` +
          `fewer than ${FEWEST}`,
      }]
      : []
  );
  return {
    title: "History",
    outcome: outcomeOf(trends),
    tables: trends.map((trend, i) => trendTable(trend, titles[i] ?? "")),
    notes: few,
    environment: machineTable(trends),
  };
}
