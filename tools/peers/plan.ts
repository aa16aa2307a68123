/**
 * What is measured beside what: networks, columns, variants, and how much of each.
 *
 * @module
 */
import type { Mode } from "../../bench/workloads.ts";
import type { ModelName } from "../../models/catalog.ts";

/** Whether a step computes in float32, or may compute in bfloat16. */
export type Precision = "float32" | "bfloat16";

/** What a step is: a mode in a precision. */
export interface Work {
  /** Evaluation, or a whole training step. */
  readonly mode: Mode;
  /** What it computes in. */
  readonly precision: Precision;
}

/** The columns of the summary. */
export const COLUMNS = ["forward", "train", "forward-reduced", "train-reduced"] as const;
/** One of them. */
export type Column = typeof COLUMNS[number];

/** All kinds of work, in the order in which they are measured. */
export const WORKS: readonly Work[] = (["float32", "bfloat16"] as const).flatMap((precision) =>
  (["forward", "train"] as const).map((mode) => ({ mode, precision }))
);

/** The mode of a column, and whether bfloat16 is allowed in it. */
export function columnOf(column: Column): { mode: Mode; reduced: boolean } {
  const reduced = column.endsWith("-reduced");
  return { mode: column.startsWith("forward") ? "forward" : "train", reduced };
}

/**
 * The work that `columns` need. Where bfloat16 is allowed each side may do better in
 * float32 all the same: a reduced column holds the best of both, so it needs both.
 */
export function worksOf(columns: readonly Column[]): Work[] {
  const wanted = columns.map(columnOf);
  return WORKS.filter(({ mode, precision }) =>
    wanted.some((column) => column.mode === mode && (precision === "float32" || column.reduced))
  );
}

/** The sides: this project, tfjs as it is, PyTorch's variants. */
export const VARIANTS = [
  "convbench",
  "tfjs",
  "eager",
  "channels_last",
  "bfloat16_weights",
  "compile",
] as const;
/** One of them. */
export type Variant = typeof VARIANTS[number];

/** Variants of PyTorch, the fastest of which is the peer. */
export const TORCH_VARIANTS = ["eager", "channels_last", "bfloat16_weights", "compile"] as const satisfies Variant[];
/** One of them. */
export type TorchVariant = typeof TORCH_VARIANTS[number];

/** Whether `variant` runs in PyTorch. */
export function isTorch(variant: Variant): variant is TorchVariant {
  return TORCH_VARIANTS.some((torch) => torch === variant);
}

/** What a variant is, for those who read a table. */
export const MEANINGS: Readonly<Record<Variant, string>> = {
  convbench: "this project, compiled",
  tfjs: "tfjs-node's kernels, eager, BatchNorm composed of tfjs' ops",
  eager: "PyTorch, eager, default layout; bfloat16 by autocast",
  channels_last: "PyTorch, eager, channels_last; bfloat16 by autocast",
  bfloat16_weights: "PyTorch, eager, channels_last, weights held in bfloat16; forward alone",
  compile: "PyTorch, torch.compile (inductor, which chooses the layout; forward frozen); bfloat16 by autocast",
};

/** Whether `variant` does this work at all. */
export function does(variant: Variant, { mode, precision }: Work): boolean {
  if (variant === "tfjs") return precision === "float32";
  // Training wants weights in float32: that is what autocast is for.
  if (variant === "bfloat16_weights") return precision === "bfloat16" && mode === "forward";
  return true;
}

/** A network on both sides. */
export interface Network {
  /** Its name here. */
  readonly model: ModelName;
  /** Images in a step, full and quick. */
  readonly batch: { readonly full: number; readonly quick: number };
}

const network = (model: ModelName, full: number, quick: number): Network => ({ model, batch: { full, quick } });

/**
 * The ten, with batches that let a training step of each take no more than about two
 * seconds on two cores, half a second or so with `--quick`.
 */
export const NETWORKS: readonly Network[] = [
  network("d2l/lenet", 128, 128),
  network("d2l/bnlenet", 128, 128),
  network("d2l/alexnet", 16, 4),
  network("d2l/vgg11", 4, 2),
  network("d2l/nin", 16, 4),
  network("d2l/googlenet", 16, 4),
  network("d2l/resnet18", 16, 4),
  network("d2l/densenet", 16, 8),
  network("d2l/regnetx32", 32, 16),
  network("torchvision/efficientnet_b0", 4, 2),
];

/** How much is measured. */
export interface Amount {
  /** How often all variants take their turns, in an order that turns around each time. */
  readonly rounds: number;
  /** Milliseconds of a turn; one step at least. */
  readonly turnMs: number;
  /** Milliseconds of steps before the first turn; two steps at least. */
  readonly warmUpMs: number;
}

/** By the command line. */
export const AMOUNTS: Readonly<Record<"full" | "quick", Amount>> = {
  full: { rounds: 10, turnMs: 300, warmUpMs: 1000 },
  quick: { rounds: 6, turnMs: 60, warmUpMs: 200 },
};

/** Load, over a minute and per core, above which a machine is not quiet. */
export const LOAD_BOUND = 0.2;

/** The share of the processors that others may take while it is measured. */
export const OTHERS_BOUND = 0.05;

/** The only random seed: of weights and of dropout. */
export const SEED = 0;

/** Of the optimizer, on all sides: plain SGD. */
export const LEARNING_RATE = 0.01;
