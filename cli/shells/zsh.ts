/**
 * Completions for zsh.
 *
 * @module
 */
import type { Completes } from "../flags.ts";
import { type Completed, type CompletedFlag, quote, subcommands } from "./completed.ts";

/** In a description brackets and colons would end it. */
const plain = (text: string): string => text.replaceAll(/[[\]]/g, "").replaceAll(":", "\\:");

function action(
  { choices, completes }: { choices?: readonly string[] | undefined; completes?: Completes | undefined },
  more: readonly string[] = [],
): string {
  if (choices !== undefined) return `(${[...choices, ...more].join(" ")})`;
  switch (completes) {
    case "model":
      return more.length === 0 ? "_convbench_models" : `{_convbench_models; compadd -- ${more.join(" ")}}`;
    case "file":
      return "_files";
    case "folder":
      return "_files -/";
    default:
      return more.length === 0 ? " " : `(${more.join(" ")})`;
  }
}

function flagSpec({ name, help, value }: CompletedFlag): string {
  return quote(
    value === undefined ? `--${name}[${plain(help)}]` : `--${name}=[${plain(help)}]:${value.name}:${action(value)}`,
  );
}

function argumentSpecs({ name, args }: Completed, commands: readonly Completed[]): string[] {
  return args.map((argument, i) => {
    const place = argument.many === true ? "*" : String(i + 1);
    return quote(`${place}:${argument.name}:${action(argument, i === 0 ? subcommands(commands, name) : [])}`);
  });
}

function branch(command: Completed, commands: readonly Completed[]): string {
  const specs = [...command.flags.map(flagSpec), ...argumentSpecs(command, commands)];
  return `    ${quote(command.name)})\n      _arguments \\\n        ${specs.join(" \\\n        ")} ;;`;
}

/** The script. */
export function zshScript(commands: readonly Completed[], models: readonly string[]): string {
  const first = commands.filter(({ name }) => !name.includes(" "));
  const second = commands.filter(({ name }) => name.includes(" "));
  return `#compdef convbench
# Completions of convbench for zsh: convbench completions zsh
_convbench_models() {
  local -a models=(${models.join(" ")})
  compadd -a models
}
_convbench() {
  local -a commands=(
${first.map(({ name, summary }) => `    ${quote(`${name}:${plain(summary)}`)}`).join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    _values flag ${quote("--help[what there is]")} ${quote("--version[of convbench]")}
    return
  fi
  local command=$words[2]
  if (( CURRENT > 3 )); then
    case "$words[2] $words[3]" in
      ${second.map(({ name }) => `${quote(name)}`).join("|")})
        command="$words[2] $words[3]"
        shift words
        (( CURRENT-- )) ;;
    esac
  fi
  shift words
  (( CURRENT-- ))
  case $command in
${commands.map((command) => branch(command, commands)).join("\n")}
  esac
}
if [ "$funcstack[1]" = _convbench ]; then
  _convbench "$@"
else
  compdef _convbench convbench
fi`;
}
