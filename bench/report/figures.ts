/**
 * Which plots a report has, and what each says in words.
 *
 * @module
 */
import { byProcess } from "./bootstrap.ts";
import { frontChart, type FrontPoint, type IntervalBar, intervalChart, paretoFront, samplesChart } from "./charts.ts";
import type { Comparison } from "./compare.ts";
import { change, digits } from "./numbers.ts";
import { type Ranking, rankReport } from "./rank.ts";
import type { Report, Result } from "./schema.ts";

/** A plot. */
export interface Figure {
  /** Its heading. */
  readonly title: string;
  /** What it shows and how to read it. */
  readonly caption: string;
  /** What a reader who cannot see it has to know. */
  readonly alternative: string;
  /** The picture. */
  readonly svg: string;
}

/** Plots under one heading. */
export interface Gallery {
  /** The heading. */
  readonly title: string;
  /** How to read all of them. */
  readonly text: string;
  /** The plots. */
  readonly figures: readonly Figure[];
}

const MODE = { forward: "forward", train: "forward and backward" } as const;

function throughputFigure({ mode, precision, rows }: Ranking): Figure {
  const [first, last] = [rows[0], rows.at(-1)];
  const said = (row: typeof first) => row === undefined ? "" : `${row.result.model} ${digits(row.imagesPerSecond)}`;
  return {
    title: `Throughput, ${MODE[mode]}, ${precision}`,
    caption: "Images a second at the median of the step's time, with 95 % intervals.",
    alternative: `Plot of images a second. The fastest: ${said(first)}. The slowest: ${said(last)}. The table has all.`,
    svg: intervalChart(
      rows.map(({ result, imagesPerSecond, interval }): IntervalBar => ({
        name: result.model,
        value: imagesPerSecond,
        interval,
      })),
      { kind: "bars", unit: "images/s" },
    ),
  };
}

function frontFigure({ mode, rows }: Ranking, cost: "MACs" | "parameters"): Figure[] {
  const points = rows.flatMap(({ result, imagesPerSecond: rate }): FrontPoint[] => {
    const value = cost === "MACs" ? result.macs : result.params;
    return value === null || value === 0 ? [] : [{ name: result.model, cost: value, rate }];
  });
  if (points.length < 2) return [];
  const front = paretoFront(points).map(({ name }) => name).join(", ");
  return [{
    title: `Images a second against ${cost}, ${MODE[mode]}`,
    caption: `Both axes are logarithmic. On the front no network with as many ${cost} or more is faster.`,
    alternative: `Scatter plot of ${points.length} networks. On the Pareto front: ${front}.`,
    svg: frontChart(points, cost),
  }];
}

function samplesFigure(name: string, sides: readonly Result[]): Figure {
  const all = sides.flatMap(({ samplesMs }) => samplesMs);
  const processes = sides.reduce((sum, side) => sum + byProcess(side).length, 0);
  const [low, high] = [all.reduce((a, b) => Math.min(a, b)), all.reduce((a, b) => Math.max(a, b))];
  return {
    title: name,
    caption: "",
    alternative: `${all.length} samples of ${processes} processes, ${digits(low)} to ${digits(high)} ms`,
    svg: samplesChart(sides.map(byProcess)),
  };
}

function fronts(rankings: readonly Ranking[]): Figure[] {
  return rankings.flatMap((ranking) => [...frontFigure(ranking, "MACs"), ...frontFigure(ranking, "parameters")]);
}

/** The plots of a ranking. */
export function rankingGalleries(rankings: readonly Ranking[]): Gallery[] {
  return [
    { title: "Throughput", text: "", figures: rankings.map(throughputFigure) },
    { title: "What speed costs", text: "", figures: fronts(rankings) },
    {
      title: "Samples over time",
      text: "Milliseconds a step, in the order in which they were measured; a line for each process.",
      figures: rankings.flatMap(({ rows }) => rows.map(({ result }) => samplesFigure(result.name, [result]))),
    },
  ];
}

/** The plots of a comparison. */
export function comparisonGalleries({ rows, alpha }: Comparison, head: Report): Gallery[] {
  const rankings = rankReport(head);
  return [
    {
      title: "Change of the step's time",
      text: "",
      figures: [{
        title: "Head against base",
        caption: `Change of the median with its ${
          100 * (1 - alpha)
        } % interval; to the right of the dashed line is slower.`,
        alternative: `Dot plot of the changes: ${
          rows.map(({ name, ratio }) => `${name} ${change(ratio)}`).slice(0, 20).join(", ")
        }`,
        svg: intervalChart(
          rows.map(({ name, ratio, interval, verdict }): IntervalBar => ({
            name,
            value: ratio,
            interval,
            series: verdict === "~" ? 0 : 1,
          })),
          { kind: "dots", unit: "change" },
        ),
      }],
    },
    { title: "Throughput of the head", text: "", figures: rankings.map(throughputFigure) },
    { title: "What speed costs", text: "", figures: fronts(rankings) },
    {
      title: "Samples over time",
      text: "Milliseconds a step, in the order in which they were measured; a line for each process, " +
        "those of the base first, those of the head after them in the other colour.",
      figures: rows.map(({ name, base, head }) => samplesFigure(name, [base.result, head.result])),
    },
  ];
}
