/**
 * CSV with the column names of timm's benchmark.py: one row a network and precision,
 * `infer_…` for forward and `train_…` for forward and backward.
 *
 * @module
 */
// @ts-types="@types/papaparse"
import Papa from "papaparse";
import type { Comparison } from "./compare.ts";
import type { Report, Result } from "./schema.ts";
import { seedOf, summarize, throughput } from "./summary.ts";

type Columns = Readonly<Record<string, string | number | null>>;

const PREFIX = { forward: "infer", train: "train" } as const;
const TIMM = ["samples_per_sec", "step_time", "batch_size", "img_size", "gmacs", "macts"] as const;
const CHANGE = ["base_step_time", "ratio", "ratio_lower", "ratio_upper", "p", "verdict"] as const;

/** Six digits: more than the samples carry. */
const short = (value: number): number => Number(value.toPrecision(6));

const scaled = (value: number | null | undefined, scale: number): number | null =>
  value === null || value === undefined ? null : short(value / scale);

function timmColumns(result: Result): Columns {
  const { median } = summarize(result, seedOf(result.name));
  const { batch, inputShape, macs, activations } = result;
  return {
    samples_per_sec: short(throughput(result, median)),
    step_time: short(median),
    batch_size: batch,
    img_size: inputShape?.[0] ?? null,
    gmacs: scaled(macs, 1e9),
    macts: scaled(activations, 1e6),
  };
}

function changeColumns({ rows }: Comparison, result: Result): Columns {
  const row = rows.find(({ name }) => name === result.name);
  if (row === undefined) return {};
  return {
    base_step_time: short(row.base.summary.median),
    ratio: short(row.ratio),
    ratio_lower: scaled(row.interval?.[0], 1),
    ratio_upper: scaled(row.interval?.[1], 1),
    p: short(row.p),
    verdict: row.regression ? "regression" : row.verdict,
  };
}

/** The report as CSV; with what a comparison found of it, where there is one. */
export function csvReport({ results }: Report, comparison?: Comparison): string {
  const networks = [...Map.groupBy(results, ({ model, precision }) => `${model}\n${precision}`).values()];
  const modes = (["forward", "train"] as const).filter((mode) => results.some((result) => result.mode === mode));
  const columns = comparison === undefined ? TIMM : [...TIMM, ...CHANGE];
  const rows = networks.map((group) => {
    const [first] = group;
    const cells = modes.flatMap((mode) => {
      const result = group.find((result) => result.mode === mode);
      const values = result === undefined
        ? {}
        : { ...timmColumns(result), ...comparison === undefined ? {} : changeColumns(comparison, result) };
      return columns.map((column): [string, string | number | null] => [
        `${PREFIX[mode]}_${column}`,
        (values as Columns)[column] ?? null,
      ]);
    });
    return {
      model: first?.model ?? "",
      ...Object.fromEntries(cells),
      param_count: scaled(first?.params, 1e6),
      precision: first?.precision ?? "",
      backend: first?.backend ?? "",
    };
  });
  // A name that begins as a formula would be run by a spreadsheet.
  return Papa.unparse(rows, { escapeFormulae: true, newline: "\n" }) + "\n";
}
