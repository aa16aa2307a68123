/**
 * What the parent and its processes, in Deno and in Python, tell each other: a line of
 * JSON is asked, a line of JSON is answered.
 *
 * @module
 */
import { z } from "zod";
import { VARIANTS } from "./plan.ts";

/** What a process is asked; it answers each, in turn. */
export type Request =
  /** Build the network and make the first step, which traces and compiles. */
  | {
    readonly do: "prepare";
    readonly model: string;
    readonly mode: "forward" | "train";
    readonly precision: "float32" | "bfloat16";
    readonly batch: number;
  }
  /** Step for so many milliseconds, `least` times at least. */
  | { readonly do: "measure"; readonly ms: number; readonly least: number }
  /** Free what was prepared. */
  | { readonly do: "release" }
  /** Come to an end. */
  | { readonly do: "end" };

/** How a process is started: the answer to nothing that was asked. */
export interface Ready {
  /** What kind of answer it is. */
  readonly type: "ready";
  /** Versions of libraries, by name. */
  readonly versions: Readonly<Record<string, string>>;
  /** Threads that it computes with. */
  readonly threads: number;
  /** What else decides how it computes. */
  readonly features: Readonly<Record<string, string | number | boolean>>;
}

/** What a process answers. */
export type Answer =
  | Ready
  /** The first step was made. */
  | {
    readonly type: "prepared";
    /** Milliseconds, from building to the end of the first step. */
    readonly ms: number;
    /** Trainable parameters: equal on all sides where the networks are. */
    readonly params: number;
    /** What the first step gave: the loss, or the sum of the outputs. */
    readonly value: number;
  }
  /** Steps, in milliseconds. */
  | { readonly type: "samples"; readonly ms: readonly number[]; readonly finite: boolean }
  | { readonly type: "released" }
  /** It cannot; another request may succeed. */
  | { readonly type: "failed"; readonly reason: string };

const milliseconds = z.number().nonnegative();
const count = z.int().positive();

const request: z.ZodType<Request> = z.discriminatedUnion("do", [
  z.strictObject({
    do: z.literal("prepare"),
    model: z.string(),
    mode: z.enum(["forward", "train"]),
    precision: z.enum(["float32", "bfloat16"]),
    batch: count,
  }),
  z.strictObject({ do: z.literal("measure"), ms: milliseconds, least: count }),
  z.strictObject({ do: z.literal("release") }),
  z.strictObject({ do: z.literal("end") }),
]);

const answer: z.ZodType<Answer> = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("ready"),
    versions: z.record(z.string(), z.string()),
    threads: count,
    features: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  }),
  z.object({
    type: z.literal("prepared"),
    ms: milliseconds,
    params: count,
    // JSON has no NaN: Python and JavaScript say null.
    value: z.number().nullable().transform((value) => value ?? NaN),
  }),
  z.object({ type: z.literal("samples"), ms: z.array(milliseconds).min(1), finite: z.boolean() }),
  z.object({ type: z.literal("released") }),
  z.object({ type: z.literal("failed"), reason: z.string() }),
]);

/** Answers begin behind it: libraries write to stdout too. torch_child.py says the same. */
const MARK = "\u0002peers ";

/**
 * Reads what is asked.
 *
 * @throws {z.ZodError} Where it is no request.
 */
export function parseRequest(line: string): Request {
  return request.parse(JSON.parse(line));
}

/** An answer as a line, without its end. */
export function encodeAnswer(given: Answer): string {
  return MARK + JSON.stringify(given);
}

/**
 * The answer in a line, behind what a library may have left there; undefined where there is none.
 *
 * @throws {Error} Where it cannot be read.
 */
export function decodeAnswer(line: string): Answer | undefined {
  const start = line.indexOf(MARK);
  return start < 0 ? undefined : answer.parse(JSON.parse(line.slice(start + MARK.length)));
}

/** What a process of this project is started with. */
export const variantSchema: z.ZodType<typeof VARIANTS[number]> = z.enum(VARIANTS);
