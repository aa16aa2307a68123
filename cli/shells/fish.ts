/**
 * Completions for fish.
 *
 * @module
 */
import type { Completes } from "../flags.ts";
import { type Completed, type CompletedFlag, subcommands } from "./completed.ts";

/** In single quotes, where fish knows \\ and \\' only. */
const quote = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

/** What fish is told to offer: words, files, or nothing. */
function offer(
  { choices, completes }: { choices?: readonly string[] | undefined; completes?: Completes | undefined },
  more: readonly string[] = [],
): string {
  const words = [...choices ?? [], ...more].join(" ");
  switch (completes) {
    case "model":
      return `-a ${quote(`(__convbench_models)${words === "" ? "" : ` ${words}`}`)}`;
    case "file":
      return "-F";
    case "folder":
      return `-a '(__fish_complete_directories)'`;
    default:
      return words === "" ? "" : `-a ${quote(words)}`;
  }
}

function condition({ name }: Completed, commands: readonly Completed[]): string {
  const [first = "", second] = name.split(" ");
  const seen = `__fish_seen_subcommand_from ${first}`;
  if (second !== undefined) return `${seen}; and __fish_seen_subcommand_from ${second}`;
  const others = subcommands(commands, first);
  return others.length === 0 ? seen : `${seen}; and not __fish_seen_subcommand_from ${others.join(" ")}`;
}

function flagLine({ name, help, value }: CompletedFlag, when: string): string {
  // -r: a value follows. Files are offered only where -F says so, since the first line turns them off.
  const takes = value === undefined ? "" : `-r ${offer(value)}`.trimEnd();
  return ["complete -c convbench -n", quote(when), "-l", name, takes, "-d", quote(help)].filter(Boolean).join(" ");
}

function lines(command: Completed, commands: readonly Completed[]): string[] {
  const when = condition(command, commands);
  const positional = offer(command.args.at(-1) ?? {}, subcommands(commands, command.name));
  return [
    ...command.flags.map((flag) => flagLine(flag, when)),
    ...positional === "" ? [] : [`complete -c convbench -n ${quote(when)} ${positional}`],
  ];
}

/** The script. */
export function fishScript(commands: readonly Completed[], models: readonly string[]): string {
  const first = commands.filter(({ name }) => !name.includes(" "));
  return [
    "# Completions of convbench for fish: convbench completions fish",
    `function __convbench_models\n  string split ' ' ${quote(models.join(" "))}\nend`,
    "complete -c convbench -f",
    ...first.map(({ name, summary }) =>
      `complete -c convbench -n __fish_use_subcommand -a ${name} -d ${quote(summary)}`
    ),
    "complete -c convbench -n __fish_use_subcommand -l help -d 'what there is'",
    "complete -c convbench -n __fish_use_subcommand -l version -d 'of convbench'",
    ...commands.flatMap((command) => lines(command, commands)),
  ].join("\n");
}
