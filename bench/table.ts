/**
 * `deno bench --json` as a table that tells throughput.
 *
 * @module
 */
import { z } from "zod";
import { parseLabel, type Work } from "./label.ts";

const report = z.object({
  runtime: z.string(),
  cpu: z.string(),
  benches: z.array(z.object({
    group: z.string().nullable(),
    name: z.string(),
    results: z.array(z.union([
      z.object({ ok: z.object({ n: z.number(), min: z.number(), max: z.number(), avg: z.number() }) }),
      z.object({ failed: z.unknown() }),
    ])),
  })),
});

/** The part of `deno bench --json` that the table is made from. */
export type BenchReport = z.output<typeof report>;

/** One line of the table; times in milliseconds an iteration. */
export interface BenchRow {
  readonly group: string;
  readonly what: string;
  readonly amount: number;
  readonly unit: Work["unit"];
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  readonly iterations: number;
}

/**
 * Reads what `deno bench --json` printed.
 *
 * @throws {z.ZodError} Where it is something else.
 */
export function parseBenchReport(text: string): { rows: BenchRow[]; failed: string[]; cpu: string; runtime: string } {
  const { benches, cpu, runtime } = report.parse(JSON.parse(text));
  const rows: BenchRow[] = [];
  const failed: string[] = [];
  for (const { group, name, results } of benches) {
    const work = parseLabel(name);
    for (const result of results) {
      if (!("ok" in result) || work === undefined) failed.push(`${group ?? ""} ${name}`.trim());
      else {
        const { n, min, max, avg } = result.ok;
        const ms = (nanoseconds: number) => nanoseconds / 1e6;
        rows.push({ group: group ?? "", ...work, mean: ms(avg), min: ms(min), max: ms(max), iterations: n });
      }
    }
  }
  return { rows, failed, cpu, runtime };
}

const digits = (value: number): string => value.toLocaleString("en-US", { maximumSignificantDigits: 3 });

function align(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row.map((cell, column) => column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))
      .join("  ").trimEnd()
  ).join("\n");
}

/** Models: batch, milliseconds a step, images a second. */
export function modelTable(rows: readonly BenchRow[]): string {
  return align([
    ["model", "mode", "batch", "ms/step", "min", "max", "images/s"],
    ...rows.filter(({ unit }) => unit === "images").map(({ group, what, amount, mean, min, max }) => [
      group,
      what,
      `${amount}`,
      digits(mean),
      digits(min),
      digits(max),
      digits(amount / mean * 1000),
    ]),
  ]);
}

/** Kernels: milliseconds, GFLOP/s, and the share of the matrix product's GFLOP/s. */
export function kernelTable(rows: readonly BenchRow[]): string {
  const kernels = rows.filter(({ unit }) => unit === "MFLOP");
  const rate = ({ amount, mean }: BenchRow) => amount / mean;
  const peak = Math.max(...kernels.filter(({ group }) => group === "GEMM").map(rate));
  const upstreamOf = (row: BenchRow) =>
    kernels.find(({ group, what }) => group === row.group && what === row.what.replace("ours", "upstream"));
  return align([
    ["convolution", "kernel", "ms", "GFLOP/s", "of GEMM", "speed-up"],
    ...kernels.map((row) => {
      const upstream = row.what.endsWith("ours") ? upstreamOf(row) : undefined;
      return [
        row.group,
        row.what,
        digits(row.mean),
        digits(rate(row)),
        `${Math.round(100 * rate(row) / peak)} %`,
        upstream ? `${digits(upstream.mean / row.mean)}×` : "",
      ];
    }),
  ]);
}

/** Operations: microseconds a call, and how much faster the first of each group is than the others. */
export function operationTable(rows: readonly BenchRow[]): string {
  const operations = rows.filter(({ unit }) => unit === "ops");
  const perCall = ({ mean, amount }: BenchRow) => mean * 1000 / amount;
  return align([
    ["operation", "kernel", "µs/call", "first is faster by"],
    ...operations.map((row) => {
      const first = operations.find(({ group }) => group === row.group) ?? row;
      return [
        row.group,
        row.what,
        digits(perCall(row)),
        first === row ? "" : `${digits(perCall(row) / perCall(first))}×`,
      ];
    }),
  ]);
}
