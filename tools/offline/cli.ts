/**
 * A stand-in for `@std/cli` where JSR cannot be reached: `parseArgs` with the
 * options that this project uses, on `node:util`. Never published, never used
 * where JSR answers. Not mirrored: dotted names, `stopEarly`, `boolean: true`.
 *
 * @module
 */
import { parseArgs as tokenize } from "node:util";

type Names = string | undefined;
type Aliases = Record<string, string | readonly string[]>;

/** Options for {@linkcode parseArgs}. */
export interface ParseOptions<
  B extends Names = Names,
  S extends Names = Names,
  C extends Names = Names,
  N extends Names = Names,
  D extends Record<string, unknown> | undefined = Record<string, unknown> | undefined,
  DoubleDash extends boolean | undefined = boolean | undefined,
> {
  /** Whether what follows `--` is kept apart, under `--`. */
  "--"?: DoubleDash;
  /** Other names of a flag. */
  alias?: Aliases;
  /** Flags without a value; false when absent. */
  boolean?: B | readonly Extract<B, string>[];
  /** What absent flags are. */
  default?: D;
  /** Flags whose value is never taken for a number. */
  string?: S | readonly Extract<S, string>[];
  /** Flags that may be repeated: arrays. */
  collect?: C | readonly Extract<C, string>[];
  /** Flags that `--no-name` makes false. */
  negatable?: N | readonly Extract<N, string>[];
  /** Called for what is not declared; `false` leaves it out. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

type Value<K, T, C, N> = K extends C ? T[] : K extends N ? T | false : T;
type Key<T> = Extract<T, string>;

/** What {@linkcode parseArgs} gives. */
export type Args<
  B extends Names = undefined,
  S extends Names = undefined,
  C extends Names = undefined,
  N extends Names = undefined,
  D extends Record<string, unknown> | undefined = undefined,
  DoubleDash extends boolean | undefined = undefined,
> =
  & Record<string, unknown>
  & { [K in Exclude<Key<S>, C | keyof D>]?: Value<K, string, never, N> }
  & { [K in Extract<Key<S>, C>]: string[] }
  & { [K in Exclude<Key<C>, B | S>]: unknown[] }
  & { [K in Key<B>]: Value<K, boolean, C, never> }
  & { [K in Exclude<keyof D, B>]: D[K] | (K extends S ? Value<K, string, C, N> : unknown) }
  & { _: (string | number)[] }
  & (true extends DoubleDash ? { "--": string[] } : unknown);

/**
 * Parses command-line arguments.
 *
 * @param args The arguments, as `Deno.args`.
 * @param options What is declared.
 * @returns The flags by name, and the rest under `_`.
 */
export function parseArgs<
  const B extends Names = undefined,
  const S extends Names = undefined,
  const C extends Names = undefined,
  const N extends Names = undefined,
  D extends Record<string, unknown> | undefined = undefined,
  DoubleDash extends boolean | undefined = undefined,
>(
  args: readonly string[],
  options: ParseOptions<B, S, C, N, D, DoubleDash> = {},
): Args<B, S, C, N, D, DoubleDash> {
  const groups = aliasGroups(options.alias ?? {});
  const named = (names: Names | readonly string[]) =>
    new Set([names ?? []].flat().flatMap((name) => groups.get(name) ?? [name]));
  const booleans = named(options.boolean);
  const strings = named(options.string);
  const collected = named(options.collect);
  const negatable = named(options.negatable);
  const isDeclared = (name: string) =>
    booleans.has(name) || strings.has(name) || collected.has(name) || groups.has(name);

  const parsed: Record<string, unknown> = {};
  const positional: (string | number)[] = [];
  const rest: string[] = [];

  const set = (name: string, value: unknown, arg: string) => {
    if (!isDeclared(name) && options.unknown?.(arg, name, value) === false) return;
    if (!strings.has(name)) value = numberIfOne(value);
    for (const key of groups.get(name) ?? [name]) {
      const before = parsed[key];
      parsed[key] = collected.has(key) ? [...(Array.isArray(before) ? before : []), value] : value;
    }
  };

  // -n5 and -n=5, which node would take for three flags
  const spelledOut = args.map((arg, i) =>
    args.slice(0, i).includes("--") ? arg : arg.replace(/^-([A-Za-z])(?:=|(?=-?\d))(.+)$/s, "--$1=$2")
  );
  const { tokens } = tokenize({ args: spelledOut, strict: false, allowPositionals: true, tokens: true });
  for (let i = 0, ended = false; i < tokens.length; i++) {
    const token = tokens[i];
    if (token === undefined) break;
    if (token.kind === "option-terminator") {
      ended = true;
    } else if (token.kind === "positional") {
      if (ended) rest.push(token.value);
      else if (options.unknown?.(token.value) !== false) {
        positional.push(strings.has("_") ? token.value : numberIfOne(token.value) as string | number);
      }
    } else {
      const { name } = token;
      const arg = args[token.index] ?? token.rawName;
      const next = tokens[i + 1];
      const negated = /^no-(.+)$/.exec(name)?.[1];
      const takesNext = token.value === undefined && next?.kind === "positional" && next.index === token.index + 1 &&
        !next.value.startsWith("-") && (!booleans.has(name) || ["true", "false"].includes(next.value));
      if (token.value === undefined && negated !== undefined && negatable.has(negated)) {
        for (const key of groups.get(negated) ?? [negated]) parsed[key] = false;
      } else {
        const value = takesNext ? next.value : token.value;
        if (takesNext) i++;
        if (booleans.has(name)) set(name, value !== "false", arg);
        else set(name, value ?? (strings.has(name) ? "" : true), arg);
      }
    }
  }

  for (const [name, value] of Object.entries(options.default ?? {})) {
    if (Object.hasOwn(parsed, name)) continue;
    for (const key of groups.get(name) ?? [name]) parsed[key] = value;
  }
  for (const name of booleans) parsed[name] ??= collected.has(name) ? [] : false;
  for (const name of strings) if (collected.has(name)) parsed[name] ??= [];

  parsed._ = options["--"] ? positional : [...positional, ...rest];
  if (options["--"]) parsed["--"] = rest;
  return parsed as Args<B, S, C, N, D, DoubleDash>;
}

/** Each name with all names of its flag, itself first. */
function aliasGroups(alias: Aliases): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [name, others] of Object.entries(alias)) {
    const group = [name, ...[others].flat()];
    for (const member of group) groups.set(member, [member, ...group.filter((other) => other !== member)]);
  }
  return groups;
}

function numberIfOne(value: unknown): unknown {
  return typeof value === "string" && /\S/.test(value) && Number.isFinite(Number(value)) ? Number(value) : value;
}
