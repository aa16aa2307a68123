/**
 * Completions for bash 3.2 and later.
 *
 * @module
 */
import type { Argument, Completes } from "../flags.ts";
import { type Completed, quote, subcommands } from "./completed.ts";

interface Offer {
  readonly choices?: readonly string[] | undefined;
  readonly completes?: Completes | undefined;
}

/** Words and files together where a place takes both. */
function offer({ choices = [], completes }: Offer, more: readonly string[] = []): string {
  const words = [...choices, ...more].join(" ");
  switch (completes) {
    case "model":
      return `_convbench_words "$models${words === "" ? "" : ` ${words}`}"`;
    case "file":
      return "_convbench_files -f";
    case "folder":
      return "_convbench_files -d";
    default:
      return words === "" ? ":" : `_convbench_words ${quote(words)}`;
  }
}

function branches(rows: readonly (readonly [string, string])[]): string {
  return rows.map(([pattern, action]) => `    ${quote(pattern)}) ${action} ;;`).join("\n");
}

/** The script. */
export function bashScript(commands: readonly Completed[], models: readonly string[]): string {
  const first = commands.filter(({ name }) => !name.includes(" ")).map(({ name }) => name);
  const second = commands.filter(({ name }) => name.includes(" "));
  const values = commands.flatMap(({ name, flags }) =>
    flags.flatMap(({ name: flag, value }) => value === undefined ? [] : [[`${name} --${flag}`, offer(value)] as const])
  );
  const positional = (args: readonly Argument[]): Offer => args.at(-1) ?? {};
  return `# Completions of convbench for bash: convbench completions bash
_convbench_words() {
  COMPREPLY=($(compgen -W "$1" -- "$cur"))
}
_convbench_files() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen "$1" -- "$cur"))
  compopt -o filenames 2>/dev/null
}
_convbench() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]}
  local models=${quote(models.join(" "))}
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    _convbench_words ${quote([...first, "help", "--help", "--version"].join(" "))}
    return
  fi
  if [ "$COMP_CWORD" -gt 2 ]; then
    case "$command \${COMP_WORDS[2]}" in
      ${second.map(({ name }) => quote(name)).join("|")}) command="$command \${COMP_WORDS[2]}" ;;
    esac
  fi
  case "$command $prev" in
${branches(values).replaceAll(/ ;;$/gm, "; return ;;")}
  esac
  case "$command:$cur" in
${
    commands.map(({ name, flags }) =>
      `    ${quote(`${name}:-`)}*) _convbench_words ${quote(flags.map(({ name }) => `--${name}`).join(" "))}; return ;;`
    ).join("\n")
  }
  esac
  case "$command" in
${branches(commands.map(({ name, args }) => [name, offer(positional(args), subcommands(commands, name))]))}
    'help') _convbench_words ${quote(first.join(" "))} ;;
  esac
}
complete -F _convbench convbench`;
}
