/**
 * The report of `deno task bench:peers`, as `--json` writes it.
 *
 * @module
 */
import { z } from "zod";
import type { Limit } from "../../bench/report/schema.ts";
import type { Mode } from "../../bench/workloads.ts";
import { type Column, COLUMNS, type Precision, type Variant, VARIANTS, type Work } from "./plan.ts";

/** One variant's work on one network. */
export interface PeersResult extends Work {
  /** The network. */
  readonly model: string;
  /** The side. */
  readonly variant: Variant;
  /** Images in a step. */
  readonly batch: number;
  /** Milliseconds a step, in the order in which they were taken. */
  readonly samplesMs: readonly number[];
  /** Of `samplesMs`. */
  readonly median: number;
  /** At the median. */
  readonly imagesPerSecond: number;
  /** Milliseconds from building the network to the end of the first step, others doing the same. */
  readonly prepareMs: number;
  /** Whether each step's number was finite. */
  readonly finite: boolean;
}

/** What a side comes to in a column. */
export interface Side {
  /** Which variant it was. */
  readonly variant: Variant;
  /** And what it computed in. */
  readonly precision: Precision;
  /** At its median. */
  readonly imagesPerSecond: number;
}

/** A network in a column. Ratios are of throughput, ours over theirs: above 1 this project is faster. */
export interface Comparison {
  /** The column. */
  readonly column: Column;
  /** The network. */
  readonly model: string;
  /** This project. */
  readonly ours: Side;
  /** PyTorch's fastest; null where none was measured. */
  readonly peer: Side | null;
  /** Over the peer. */
  readonly ratio: number | null;
  /** Of the ratio, 95 %. */
  readonly interval: readonly [number, number] | null;
  /** Over stock tfjs. */
  readonly overTfjs: number | null;
  /** The share of the machine's fastest convolution that this project reaches. */
  readonly ofConvolutionPeak: number | null;
}

/** A column. */
export interface Summary {
  /** The column. */
  readonly column: Column;
  /** Networks that have a ratio. */
  readonly networks: number;
  /** Geometric mean of their ratios. */
  readonly geomean: number | null;
  /** The least of them. */
  readonly worst: { readonly model: string; readonly ratio: number } | null;
  /** Geometric mean of the ratios over stock tfjs. */
  readonly overTfjs: number | null;
}

/** A run. `null` stands for what is not there or could not be learnt. */
export interface PeersReport {
  /** Grows where an older reader would misread a newer file. */
  readonly schema: 1;
  /** Where it was measured. */
  readonly environment: {
    readonly cpu: string;
    readonly cores: number;
    /** Bytes. */
    readonly memory: number | null;
    readonly os: string;
    /** Of Deno, libtensorflow, Python, torch, …, as each side tells it. */
    readonly versions: Readonly<Record<string, string>>;
    /** Of each variant. */
    readonly threads: Readonly<Record<string, number>>;
    readonly flags: Readonly<Record<string, string | number | boolean>>;
    /** Over a minute. */
    readonly load: { readonly start: number | null; readonly end: number | null };
    readonly commit: string | null;
    /** As ISO 8601. */
    readonly started: string;
  };
  /** How much was measured. */
  readonly settings: {
    readonly size: "full" | "quick";
    readonly rounds: number;
    readonly turnMs: number;
    readonly warmUpMs: number;
    readonly columns: readonly Column[];
  };
  /** Seconds that setting up took; null where it was there before, or failed. */
  readonly setup: { readonly libtensorflow: number | null; readonly pytorch: number | null };
  /** Seconds of the run, set-up left out. */
  readonly seconds: number;
  /** What the machine itself reached, before or after. */
  readonly limit: Limit;
  /** All samples. */
  readonly results: readonly PeersResult[];
  /** What was not measured though it was tried, and why. */
  readonly failures: readonly {
    readonly model: string;
    readonly mode: Mode;
    readonly precision: Precision;
    readonly variant: Variant;
    readonly reason: string;
  }[];
  /** The share of the processors that went to others meanwhile, where the system tells it. */
  readonly others: readonly {
    readonly model: string;
    readonly mode: Mode;
    readonly precision: Precision;
    readonly share: number;
  }[];
  /** Network by network. */
  readonly comparisons: readonly Comparison[];
  /** Column by column. */
  readonly summary: readonly Summary[];
  /** Why figures may mean less than they seem to. */
  readonly warnings: readonly string[];
}

const positive = z.number().positive();
const nonnegative = z.number().nonnegative();
const work = { model: z.string(), mode: z.enum(["forward", "train"]), precision: z.enum(["float32", "bfloat16"]) };
const variant = z.enum(VARIANTS);
const column = z.enum(COLUMNS);
const feature = z.union([z.string(), z.number(), z.boolean()]);

const resultSchema = z.object({
  ...work,
  variant,
  batch: z.int().positive(),
  samplesMs: z.array(positive).min(1),
  median: positive,
  imagesPerSecond: positive,
  prepareMs: nonnegative,
  finite: z.boolean(),
});

const sideSchema = z.object({ variant, precision: work.precision, imagesPerSecond: positive });

const comparisonSchema: z.ZodType<Comparison, Comparison> = z.object({
  column,
  model: z.string(),
  ours: sideSchema,
  peer: sideSchema.nullable(),
  ratio: positive.nullable(),
  interval: z.tuple([positive, positive]).nullable(),
  overTfjs: positive.nullable(),
  ofConvolutionPeak: nonnegative.nullable(),
});

const summarySchema: z.ZodType<Summary, Summary> = z.object({
  column,
  networks: z.int().nonnegative(),
  geomean: positive.nullable(),
  worst: z.object({ model: z.string(), ratio: positive }).nullable(),
  overTfjs: positive.nullable(),
});

/** The schema of {@linkcode PeersReport}. */
export const peersReportSchema: z.ZodType<PeersReport, PeersReport> = z.object({
  schema: z.literal(1),
  environment: z.object({
    cpu: z.string(),
    cores: z.int().positive(),
    memory: positive.nullable(),
    os: z.string(),
    versions: z.record(z.string(), z.string()),
    threads: z.record(z.string(), z.int().positive()),
    flags: z.record(z.string(), feature),
    load: z.object({ start: nonnegative.nullable(), end: nonnegative.nullable() }),
    commit: z.string().nullable(),
    started: z.string(),
  }),
  settings: z.object({
    size: z.enum(["full", "quick"]),
    rounds: z.int().positive(),
    turnMs: nonnegative,
    warmUpMs: nonnegative,
    columns: z.array(column),
  }),
  setup: z.object({ libtensorflow: nonnegative.nullable(), pytorch: nonnegative.nullable() }),
  seconds: nonnegative,
  limit: z.object({ convolution: positive.nullable(), matmul: positive.nullable(), copy: positive.nullable() }),
  results: z.array(resultSchema),
  failures: z.array(z.object({ ...work, variant, reason: z.string() })),
  others: z.array(z.object({ ...work, share: z.number().min(0).max(1) })),
  comparisons: z.array(comparisonSchema),
  summary: z.array(summarySchema),
  warnings: z.array(z.string()),
});
