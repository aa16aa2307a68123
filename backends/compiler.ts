/**
 * What a backend that can compile offers, for those who do not know which backend runs.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** What a compiled function takes and gives: tensors, and lists and records of them; other values are constants. */
export type Nested =
  | tf.Tensor
  | number
  | string
  | boolean
  | null
  | undefined
  | readonly Nested[]
  | { readonly [name: string]: Nested };

/**
 * What products are computed in; weights stay float32. `tf32` and `float16` are for GPUs, `bfloat16` for CPUs that
 * have instructions for it. `auto` times what the machine has, and takes the fastest.
 */
export type Precision = "float32" | "tf32" | "bfloat16" | "float16" | "auto";

/** All of them. */
export const PRECISIONS: readonly Precision[] = ["float32", "tf32", "bfloat16", "float16", "auto"];

/** Whether products may come to be computed in float16 on the current backend: `auto` may choose it on a GPU. */
export function mayBeFloat16(precision: Precision): boolean {
  if (precision !== "auto") return precision === "float16";
  const { binding } = tf.backend() as { binding?: { isUsingGpuDevice(): boolean } };
  return binding?.isUsingGpuDevice() ?? false;
}

/** How a function is compiled. */
export interface CompileOptions {
  /** How many signatures are kept, the latest used ones. @default {16} */
  readonly maxSignatures?: number;
  /** What products are computed in. @default {"float32"} */
  readonly precision?: Precision;
  /** Whether XLA compiles it: seconds for the first run of a signature, and not always faster. @default {false} */
  readonly jit?: boolean;
  /**
   * Whether ops stay as they are, so that each bit is that of the function run op by op: nothing is fused or laid
   * out anew. @default {false}
   */
  readonly exact?: boolean;
  /**
   * Whether variables and other tensors that it refers to are constants with the values that they have when it is
   * recorded: TensorFlow then computes ahead what follows from them, and BatchNorm goes into the convolution before
   * it. Matrices of 2^18 values and more gain nothing from it, and are read in each run. @default {false}
   */
  readonly frozen?: boolean;
}

/** A function of one signature that has been recorded. */
export interface CompiledSignature {
  /** Shapes and types of its tensors, and the other arguments. */
  readonly signature: string;
  /** Operations in its graph. */
  readonly operations: number;
  /** How long recording took, in milliseconds. */
  readonly traceMs: number;
  /** How long its first run took, in milliseconds: the graph is optimised in it, and XLA compiles. */
  readonly firstRunMs: number;
  /** What its products are computed in. */
  readonly precision: Exclude<Precision, "auto">;
}

/** A compiled function. */
export interface CompiledFunction<Arguments extends Nested[], Result extends Nested> {
  /** Runs it in the calling thread. The caller owns the tensors of the result. */
  (...inputs: Arguments): Result;
  /** Runs it on another thread, while the event loop goes on. */
  async(...inputs: Arguments): Promise<Result>;
  /** What has been recorded and is kept. */
  readonly signatures: readonly CompiledSignature[];
  /** Frees what has been recorded. */
  dispose(): void;
}

/** A backend that can compile. */
export interface Compiler {
  /** Gives `fn` as one function of the backend's for each signature of its arguments. */
  compile<Arguments extends Nested[], Result extends Nested>(
    fn: (...inputs: Arguments) => Result,
    options?: CompileOptions,
  ): CompiledFunction<Arguments, Result>;
}

/** The current backend, if it can compile. */
export function currentCompiler(): Compiler | undefined {
  const backend = tf.backend() as Partial<Compiler>;
  return typeof backend.compile === "function" ? backend as Compiler : undefined;
}

/**
 * The current backend.
 *
 * @throws {Error} Where it cannot compile.
 */
export function requireCompiler(): Compiler {
  const compiler = currentCompiler();
  if (compiler !== undefined) return compiler;
  throw new Error(`Expected a backend that can compile, tensorflow, but found ${tf.getBackend()}`);
}

let standIn: ((read: () => number) => number) | undefined;

/**
 * What `read` gives. While a function is recorded, a number that stands for it: where that or its negative becomes a
 * constant of the function as it stands, each run has what `read` gives then. For a number that others' code takes as a
 * number, such as the learning rate of tfjs' Adam; whatever else that code computes of it would stay what it was.
 */
export function liveNumber(read: () => number): number {
  return standIn === undefined ? read() : standIn(read);
}

/** Runs `record` with `stand` giving what stands for live numbers. */
export function withLiveNumbers<T>(stand: (read: () => number) => number, record: () => T): T {
  standIn = stand;
  try {
    return record();
  } finally {
    standIn = undefined;
  }
}

const ofRecording = new WeakSet<object>();

/** Runs `record`; what it throws is known by {@linkcode failedToRecord}. */
export function recording<T>(record: () => T): T {
  try {
    return record();
  } catch (error) {
    if (typeof error === "object" && error !== null) ofRecording.add(error);
    throw error;
  }
}

/** Whether `error` was thrown while a function was recorded, and not when it ran. */
export function failedToRecord(error: unknown): boolean {
  return typeof error === "object" && error !== null && ofRecording.has(error);
}
