/**
 * `convbench completions`: scripts for shells, from the table of commands. Deno only.
 *
 * @module
 */
import { listModels } from "../models/registry.ts";
import { bashScript } from "./shells/bash.ts";
import type { Completed } from "./shells/completed.ts";
import { fishScript } from "./shells/fish.ts";
import { zshScript } from "./shells/zsh.ts";
import { choicesOf, command, COMMON_FLAGS, parseCommand, takesValue, UsageError } from "./flags.ts";
import { COMMANDS } from "./table.ts";

const SHELLS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

/** `convbench completions`. */
export const COMPLETIONS = command({
  name: "completions",
  about: "Prints a script that completes commands, flags, their values and the names of networks in a shell. " +
    "It knows those of this version: print it anew after an upgrade.",
  args: [{ name: "SHELL", choices: Object.keys(SHELLS) }],
  flags: {},
  examples: [
    "convbench completions bash > ~/.local/share/bash-completion/completions/convbench",
    "convbench completions zsh > ~/.zfunc/_convbench   # with fpath+=~/.zfunc before compinit in ~/.zshrc",
    "convbench completions fish > ~/.config/fish/completions/convbench.fish",
  ],
});

/** All commands as the scripts need them. */
export async function completedCommands(): Promise<Completed[]> {
  return await Promise.all(
    Object.entries(COMMANDS).map(async ([name, { summary, load }]) => {
      const { spec } = await load();
      const flags = Object.entries({ ...spec.flags, ...COMMON_FLAGS }).map(([name, flag]) => ({
        name,
        help: flag.help,
        ...takesValue(flag)
          ? { value: { name: flag.value, choices: choicesOf(flag.schema), completes: flag.completes } }
          : {},
      }));
      return { name, summary, flags, args: spec.args };
    }),
  );
}

/**
 * Runs `convbench completions ARGS`; gives the exit code.
 *
 * @throws {UsageError} Where the shell is not one of those.
 */
export async function completionsCommand(args: readonly string[]): Promise<number> {
  const { args: [shell = ""] } = parseCommand(COMPLETIONS, args);
  if (!Object.hasOwn(SHELLS, shell)) {
    throw new UsageError(`Expected SHELL to be one of ${Object.keys(SHELLS).join(", ")} but found ${shell}`);
  }
  console.log(SHELLS[shell as keyof typeof SHELLS](await completedCommands(), listModels()));
  return 0;
}
