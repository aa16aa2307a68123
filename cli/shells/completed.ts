/**
 * What a completion script knows of the commands.
 *
 * @module
 */
import type { Argument, Completes } from "../flags.ts";

/** A flag. */
export interface CompletedFlag {
  /** Without the dashes. */
  readonly name: string;
  /** What it does. */
  readonly help: string;
  /** What follows it; undefined where nothing does. */
  readonly value?: {
    /** `FILE`. */
    readonly name: string;
    /** All values, where there are only some. */
    readonly choices: readonly string[] | undefined;
    /** What is offered. */
    readonly completes: Completes | undefined;
  };
}

/** A command. */
export interface Completed {
  /** Two words where it belongs to another command. */
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** All of its flags. */
  readonly flags: readonly CompletedFlag[];
  /** What else it takes. */
  readonly args: readonly Argument[];
}

/** Second words of the commands that belong to `name`. */
export function subcommands(commands: readonly Completed[], name: string): string[] {
  return commands.filter((other) => other.name.startsWith(`${name} `)).map((other) => other.name.split(" ")[1] ?? "");
}

/** In single quotes, as all POSIX shells take it. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
