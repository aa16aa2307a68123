/**
 * What was measured, as figures: medians, ratios, their geometric means.
 *
 * @module
 */
import { costOf, stepFlops } from "../../bench/cost.ts";
import { ratioInterval, type Sample } from "../../bench/report/bootstrap.ts";
import { geometricMean, median } from "../../bench/report/median.ts";
import type { Limit } from "../../bench/report/schema.ts";
import { seedOf, throughput } from "../../bench/report/summary.ts";
import { type Column, columnOf, COLUMNS, isTorch } from "./plan.ts";
import type { Cell, Measured } from "./run.ts";
import type { Comparison, PeersReport, Summary } from "./schema.ts";

const medianOf = ({ samplesMs }: Cell): number => median(samplesMs);
const imagesPerSecond = (cell: Cell): number => throughput(cell, medianOf(cell));
const sideOf = (cell: Cell) => ({
  variant: cell.variant,
  precision: cell.precision,
  imagesPerSecond: imagesPerSecond(cell),
});

/** The fastest by its median; undefined of none. */
function fastest(cells: readonly Cell[]): Cell | undefined {
  return cells.reduce<Cell | undefined>(
    (best, cell) => best === undefined || medianOf(cell) < medianOf(best) ? cell : best,
    undefined,
  );
}

/** Those that a column admits: its mode, float32, and bfloat16 too where it is allowed. */
export function admitted<T extends Pick<Cell, "mode" | "precision">>(cells: readonly T[], column: Column): T[] {
  const { mode, reduced } = columnOf(column);
  return cells.filter((cell) => cell.mode === mode && (reduced || cell.precision === "float32"));
}

/** One process each, whose turns were taken by turns. */
const sampleOf = ({ samplesMs }: Cell): Sample => ({ samplesMs, process: samplesMs.map(() => 0) });

function compare(column: Column, cells: readonly Cell[], { convolution }: Limit): Comparison | undefined {
  const ours = fastest(cells.filter(({ variant }) => variant === "convbench"));
  if (ours === undefined) return undefined;
  const { model, mode, batch } = ours;
  const peer = fastest(cells.filter(({ variant }) => isTorch(variant)));
  const stock = fastest(cells.filter(({ variant }) => variant === "tfjs"));
  const over = (other: Cell | undefined) => other === undefined ? null : medianOf(other) / medianOf(ours);
  const interval = peer === undefined
    ? undefined
    : ratioInterval(sampleOf(ours), sampleOf(peer), { confidence: 0.95, seed: seedOf(`${model} ${column}`) });
  const flops = stepFlops(costOf(model, mode), mode, batch) * 1000 / medianOf(ours);
  return {
    column,
    model,
    ours: sideOf(ours),
    peer: peer === undefined ? null : sideOf(peer),
    ratio: over(peer),
    interval: interval ?? null,
    overTfjs: over(stock),
    ofConvolutionPeak: convolution === null ? null : flops / convolution,
  };
}

/**
 * Each network in each column. A reduced column is left out where nothing was measured
 * in bfloat16: it would be the float32 column again.
 */
export function comparisonsOf(cells: readonly Cell[], columns: readonly Column[], limit: Limit): Comparison[] {
  return columns.flatMap((column) => {
    const mine = admitted(cells, column);
    if (columnOf(column).reduced && mine.every(({ precision }) => precision === "float32")) return [];
    const models = [...new Set(mine.map(({ model }) => model))];
    return models.flatMap((model) => compare(column, mine.filter((cell) => cell.model === model), limit) ?? []);
  });
}

const mean = (values: readonly number[]): number | null => values.length === 0 ? null : geometricMean(values);

/** Each column that has a network. */
export function summaryOf(comparisons: readonly Comparison[]): Summary[] {
  return COLUMNS.flatMap((column) => {
    const mine = comparisons.filter((comparison) => comparison.column === column);
    if (mine.length === 0) return [];
    const ratios = mine.flatMap(({ model, ratio }) => ratio === null ? [] : [{ model, ratio }]);
    const [worst = null] = ratios.toSorted((a, b) => a.ratio - b.ratio);
    return [{
      column,
      networks: ratios.length,
      geomean: mean(ratios.map(({ ratio }) => ratio)),
      worst,
      overTfjs: mean(mine.flatMap(({ overTfjs }) => overTfjs ?? [])),
    }];
  });
}

/** The figures of a run. */
export function figuresOf(
  { cells, failures, others }: Measured,
  columns: readonly Column[],
  limit: Limit,
): Pick<PeersReport, "results" | "failures" | "others" | "comparisons" | "summary"> {
  const comparisons = comparisonsOf(cells, columns, limit);
  return {
    results: cells.map((cell) => ({
      ...cell,
      samplesMs: [...cell.samplesMs],
      median: medianOf(cell),
      imagesPerSecond: imagesPerSecond(cell),
    })),
    failures: [...failures],
    others: [...others],
    comparisons,
    summary: summaryOf(comparisons),
  };
}
