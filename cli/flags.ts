/**
 * Flags of the command line: commands as data, and how their arguments are read.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { closest } from "fastest-levenshtein";
import { z } from "zod";
import { parseConfig } from "../models/errors.ts";

/** A mistake on the command line: exit code 2. */
export class UsageError extends Error {
  /** `UsageError`. */
  override readonly name = "UsageError";
}

/** What `parse` gives; its complaints are about the command line. */
export function usage<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** What a shell offers in the place of a value. */
export type Completes = "model" | "file" | "folder";

/** A flag without a value. */
export interface Switch {
  /** What it does, a few words. */
  readonly help: string;
}

/** A flag with a value. */
export interface ValueFlag<T = unknown> extends Switch {
  /** What stands for the value in the help: `NAME`. */
  readonly value: string;
  /** Reads the text, undefined where the flag is absent: a default shows in the help, and choices in completions. */
  readonly schema: z.ZodType<T>;
  /** What happens without the flag, where the schema has no default that says it. */
  readonly otherwise?: string;
  /** What a shell offers. */
  readonly completes?: Completes;
  /** Whether the command does nothing without it: it stands in the usage line. */
  readonly required?: boolean;
}

/** Flags by their names, without the dashes. */
export type FlagTable = Readonly<Record<string, Switch | ValueFlag>>;

/** An argument that is not a flag. */
export interface Argument {
  /** As the usage line has it: `MODEL`. */
  readonly name: string;
  /** What a complaint calls it where it is missing: `a picture to classify`. */
  readonly what?: string;
  /** Whether it may be left out. */
  readonly optional?: boolean;
  /** Whether more of them may follow; the last argument only. */
  readonly many?: boolean;
  /** What a shell offers. */
  readonly completes?: Completes;
  /** The only values that there are. */
  readonly choices?: readonly string[];
}

/** A command of `convbench`: all that its help, parsing and completions need to know. */
export interface Command<F extends FlagTable = FlagTable> {
  /** What is typed after `convbench`; of two words where it belongs to another command. */
  readonly name: string;
  /** A paragraph or two for its help. */
  readonly about: string;
  /** In their order. */
  readonly args: readonly Argument[];
  /** All but those that each command has ({@linkcode COMMON_FLAGS}). */
  readonly flags: F;
  /** What stands below the flags. */
  readonly notes?: string;
  /** Command lines that do something useful. */
  readonly examples: readonly [string, ...string[]];
}

/** `spec`, with the type that {@linkcode parseCommand} gives its values by. */
export function command<const F extends FlagTable>(spec: Command<F>): Command<F> {
  return spec;
}

/** Flags of every command. */
export const COMMON_FLAGS = {
  quiet: { help: "no words and no progress on stderr, errors only" },
  help: { help: "this text" },
} as const satisfies FlagTable;

/** Letters for them. */
export const LETTERS: Readonly<Record<keyof typeof COMMON_FLAGS, string>> = { quiet: "q", help: "h" };

/** The values of flags: what the schema gives, or whether a switch is there. */
export type FlagValues<F extends FlagTable> = {
  readonly [K in keyof F]: F[K] extends { readonly schema: z.ZodType<infer T> } ? T : boolean;
};

/** What a command line asks for. */
export interface Parsed<F extends FlagTable> {
  /** A value for each flag of the command. */
  readonly flags: FlagValues<F>;
  /** What is not a flag, in its order. */
  readonly args: readonly string[];
  /** Whether errors are all that is wanted on stderr; done already, and here for those who would start what is not shown. */
  readonly quiet: boolean;
}

/** Whether a flag takes a value. */
export function takesValue(flag: Switch | ValueFlag): flag is ValueFlag {
  return "value" in flag;
}

/** The values that a schema takes where it takes only some; undefined where it takes more. */
export function choicesOf(schema: z.ZodType): readonly string[] | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return choicesOf(schema.unwrap() as z.ZodType);
  return schema instanceof z.ZodEnum ? schema.options.map(String) : undefined;
}

/** What is known of a command's arguments, before it is known what they are worth. */
interface Split {
  readonly values: Readonly<Record<string, unknown>>;
  readonly args: readonly string[];
}

/** Without `--`, and with `--json -` as `--json=-`: parseArgs takes a lone dash for the next flag. */
function withDashes(args: readonly string[], strings: readonly string[]): string[] {
  const given = args.filter((arg) => arg !== "--");
  return given.flatMap((arg, i) => {
    const before = given[i - 1]?.replace(/^--/, "") ?? "";
    if (arg === "-" && given[i - 1]?.startsWith("--") && strings.includes(before)) return [];
    return given[i + 1] === "-" && arg.startsWith("--") && strings.includes(arg.slice(2)) ? [`${arg}=-`] : [arg];
  });
}

function split(args: readonly string[], strings: readonly string[], booleans: readonly string[]): Split {
  const known = [...strings, ...booleans];
  const letters = Object.entries(LETTERS).filter(([name]) => booleans.includes(name));
  const { _, ...values }: Record<string, unknown> & { _: unknown[] } = parseArgs(withDashes(args, strings), {
    string: [...strings, "_"],
    boolean: booleans,
    alias: Object.fromEntries(letters),
    unknown: (arg: string, key?: string) => {
      if (key === undefined) return;
      const name = arg.replace(/^-+/, "").replace(/=.*/, "");
      throw new UsageError(`Expected a known flag but found ${arg}: is it --${closest(name, known)}`);
    },
  });
  const empty = strings.find((name) => values[name] === "");
  if (empty !== undefined) throw new UsageError(`Expected --${empty} to have a value but found none`);
  return { values, args: _.map(String) };
}

/**
 * Reads what follows a command's name, with or without a `--` before it, flags before or behind the other arguments.
 * What the common flags ask for is done before a command runs.
 *
 * @throws {UsageError} Where a flag is unknown (the message names the nearest), lacks its value or has one that its
 * schema refuses, or where there are too many arguments or too few.
 */
export function parseCommand<F extends FlagTable>(spec: Command<F>, args: readonly string[]): Parsed<F> {
  const flags = Object.entries(spec.flags);
  const valued = flags.flatMap(([name, flag]) => takesValue(flag) ? [[name, flag] as const] : []);
  const switches = flags.filter(([, flag]) => !takesValue(flag)).map(([name]) => name);
  const found = split(args, valued.map(([name]) => name), [...switches, ...Object.keys(COMMON_FLAGS)]);
  countArguments(spec, found.args);
  const schema = z.object(Object.fromEntries(valued.map(([name, flag]) => [`--${name}`, flag.schema])));
  const texts = Object.fromEntries(valued.map(([name]) => [`--${name}`, found.values[name]]));
  const values: Record<string, unknown> = usage(() => parseConfig(schema, texts, spec.name));
  return {
    flags: Object.fromEntries([
      ...valued.map(([name]) => [name, values[`--${name}`]]),
      ...switches.map((name) => [name, found.values[name] === true]),
    ]) as FlagValues<F>,
    args: found.args,
    quiet: found.values.quiet === true,
  };
}

function countArguments({ name, args: wanted }: Command, found: readonly string[]): void {
  const missing = wanted[found.length];
  if (missing !== undefined && missing.optional !== true) {
    const what = missing.what ?? `${missing.name} behind convbench ${name}`;
    throw new UsageError(`Expected ${what} but found ${found.length || "none"}`);
  }
  const surplus = wanted.at(-1)?.many === true ? undefined : found[wanted.length];
  if (surplus !== undefined) {
    throw new UsageError(
      `Expected a known flag but found ${surplus}: convbench ${name} takes ${
        wanted.map((argument) => argument.name).join(" ") || "flags only"
      }`,
    );
  }
}

/** What {@linkcode parseFlags} gives: flags with a value, and those without. */
export type Flags<S extends string, B extends string> =
  & { readonly [name in S]: string | undefined }
  & { readonly [name in B]: boolean };

/**
 * The flags in `args` of a script that is no command, with or without a `--` before them: `strings` take a value,
 * `booleans` none.
 *
 * @throws {UsageError} Where one is unknown (the message names the nearest) or lacks its value.
 */
export function parseFlags<S extends string, B extends string>(
  args: readonly string[],
  { strings, booleans }: { strings: readonly S[]; booleans: readonly B[] },
): Flags<S, B> {
  const { values, args: [surplus] } = split(args, strings, booleans);
  const known: readonly string[] = [...strings, ...booleans];
  if (surplus !== undefined) {
    throw new UsageError(`Expected a known flag but found ${surplus}: is it --${closest(surplus, known)}`);
  }
  return Object.fromEntries(known.map((name) => [name, values[name]])) as Flags<S, B>;
}
