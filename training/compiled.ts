/**
 * Functions that are compiled where the backend can.
 *
 * @module
 */
import { z } from "zod";
import {
  type CompiledFunction,
  type CompileOptions,
  currentCompiler,
  failedToRecord,
  type Nested,
  type Precision,
  PRECISIONS,
  requireCompiler,
} from "../backends/compiler.ts";

/**
 * Whether a function is compiled: `auto` where the backend can, and where it cannot compile this function it says so
 * in a warning and runs op by op; `true` throws instead.
 */
export type CompileChoice = "auto" | boolean;

/** The schemas of what users choose, for a `z.object`. */
export const compileOptions: {
  compile: z.ZodType<CompileChoice, CompileChoice | undefined>;
  precision: z.ZodType<Precision, Precision | undefined>;
} = {
  compile: z.union([z.literal("auto"), z.boolean()]).default("auto"),
  precision: z.enum(PRECISIONS).default("float32"),
};

/** A function that may be compiled. */
export interface PerhapsCompiled<Arguments extends Nested[], Result extends Nested> {
  /** Runs it. The caller owns the tensors of the result. */
  (...inputs: Arguments): Result;
  /** Whether it is compiled from here on. */
  readonly compiled: boolean;
  /** What has been compiled. */
  readonly signatures: CompiledFunction<Arguments, Result>["signatures"];
  /** Frees what has been compiled; the next call compiles anew. */
  dispose(): void;
}

/**
 * `fn` compiled as `choice` says; `what` names it in a warning.
 *
 * @throws {Error} Where the choice is `true` and the backend cannot compile.
 */
export function perhapsCompiled<Arguments extends Nested[], Result extends Nested>(
  fn: (...inputs: Arguments) => Result,
  what: string,
  choice: CompileChoice,
  options: CompileOptions,
): PerhapsCompiled<Arguments, Result> {
  const compiler = choice === "auto" ? currentCompiler() : choice ? requireCompiler() : undefined;
  let compiled = compiler?.compile(fn, options);
  const run = (...inputs: Arguments): Result => {
    if (compiled === undefined) return fn(...inputs);
    try {
      return compiled(...inputs);
    } catch (error) {
      if (choice === true || !failedToRecord(error)) throw error;
      // What was wrong with the arguments is thrown again here; what only compiling minds is not.
      const result = fn(...inputs);
      console.warn(`${what} runs op by op because it cannot be compiled: ${error}`);
      compiled.dispose();
      compiled = undefined;
      return result;
    }
  };
  return Object.defineProperties(Object.assign(run, { dispose: () => compiled?.dispose() }), {
    compiled: { get: () => compiled !== undefined },
    signatures: { get: () => compiled?.signatures ?? [] },
  }) as unknown as PerhapsCompiled<Arguments, Result>;
}
