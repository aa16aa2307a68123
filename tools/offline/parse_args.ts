/**
 * Stands in for `@std/cli/parse-args` where JSR cannot be reached: the options that
 * this project uses, with their signatures. Never published.
 *
 * @module
 */

/** The options of the real `parseArgs` that this project uses. */
export interface ParseOptions<Strings extends string, Booleans extends string> {
  readonly string?: readonly Strings[];
  readonly boolean?: readonly Booleans[];
  /** Called with what is not declared; `false` leaves it out. */
  readonly unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** What comes back: positional arguments under `_`. */
export type Args<Strings extends string, Booleans extends string> =
  & { _: (string | number)[] }
  & { [Key in Strings]?: string }
  & { [Key in Booleans]: boolean };

/** Reads `--name value`, `--name=value` and `--name`. */
export function parseArgs<const Strings extends string = never, const Booleans extends string = never>(
  args: readonly string[],
  { string = [], boolean = [], unknown = () => true }: ParseOptions<Strings, Booleans> = {},
): Args<Strings, Booleans> {
  const values: Record<string, unknown> = Object.fromEntries(boolean.map((name) => [name, false]));
  const positional: (string | number)[] = [];
  const strings: readonly string[] = string;
  const booleans: readonly string[] = boolean;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? "";
    const [, key, value] = /^--([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
    if (key === undefined) {
      if (unknown(arg) !== false) positional.push(arg);
    } else if (booleans.includes(key)) {
      values[key] = value === undefined || value === "true";
    } else if (strings.includes(key)) {
      const next = args[i + 1];
      const takesNext = value === undefined && next !== undefined && !next.startsWith("-");
      values[key] = value ?? (takesNext ? next : "");
      if (takesNext) i++;
    } else if (unknown(arg, key, value) !== false) {
      values[key] = value ?? true;
    }
  }
  return { _: positional, ...values } as Args<Strings, Booleans>;
}
