/**
 * The command line: `convbench COMMAND …`. `convbench --help` lists the commands.
 *
 * @example
 * ```sh
 * deno run -A jsr:@convbench/convbench/cli bench --models 'd2l/*' --json out.json
 * ```
 *
 * @module
 */
import { closest } from "fastest-levenshtein";
import { UsageError } from "./cli/flags.ts";
import { columns, helpText } from "./cli/help.ts";
import { COMMANDS } from "./cli/table.ts";
import { beQuiet } from "./cli/words.ts";
import config from "./deno.json" with { type: "json" };
import { show } from "./models/errors.ts";

function help(): string {
  return [
    "Usage: convbench COMMAND [OPTIONS]",
    "TensorFlow.js models of chapter 8 of Dive into Deep Learning: trained, drawn, and measured.",
    columns(Object.entries(COMMANDS).map(([name, { summary }]) => [name, summary])),
    "convbench COMMAND --help tells more, with examples. convbench --version tells the version.",
    "Answers go to stdout, words and progress to stderr; --quiet leaves out the words, NO_COLOR=1 the colours.",
    "Exit codes: 0 fine, 1 a regression or a failure, 2 a usage error.",
  ].join("\n\n");
}

/** The command that `args` begin with, and what follows its name; the longest name wins. */
function commandOf(args: readonly string[]): readonly [name: string, rest: readonly string[]] {
  // A task puts its `--` behind the command, a user may put it before.
  const words = args[0] === "--" ? args.slice(1) : args;
  const two = words.slice(0, 2).join(" ");
  if (words.length > 1 && Object.hasOwn(COMMANDS, two)) return [two, words.slice(2)];
  const [name] = words;
  if (name !== undefined && Object.hasOwn(COMMANDS, name)) return [name, words.slice(1)];
  const nearest = closest(name ?? "", Object.keys(COMMANDS).filter((known) => !known.includes(" ")));
  throw new UsageError(
    name === undefined
      ? "Expected a command but found nothing"
      : `Expected a command but found ${show(name)}: is it ${nearest}`,
  );
}

const asks = (args: readonly string[], ...flags: string[]): boolean => args.some((arg) => flags.includes(arg));

/** Runs the command line; gives the exit code: 0 fine, 1 failed, 2 a usage error. */
export async function main(args: readonly string[]): Promise<number> {
  let asked = "convbench";
  try {
    if (asks(args.slice(0, 1), "--help", "-h", "help")) {
      if (args.length === 1 || args[0] !== "help") return print(help());
      return await main([...args.slice(1), "--help"]);
    }
    if (asks(args.slice(0, 1), "--version", "-V")) return print(`convbench ${config.version}`);
    const [name, rest] = commandOf(args);
    asked = `convbench ${name}`;
    if (asks(rest, "--quiet", "-q")) await beQuiet();
    const { spec, run } = await COMMANDS[name]?.load() ?? unknown(name);
    return asks(rest, "--help", "-h") ? print(helpText(spec)) : await run(rest);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    console.error(error instanceof UsageError ? `${error.message}\nSee ${asked} --help` : error.message);
    return error instanceof UsageError ? 2 : 1;
  }
}

function unknown(name: string): never {
  throw new UsageError(`Expected a command but found ${show(name)}`);
}

function print(text: string): number {
  console.log(text);
  return 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
