import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { completedCommands } from "../../cli/completions.ts";
import { bashScript } from "../../cli/shells/bash.ts";
import { fishScript } from "../../cli/shells/fish.ts";
import { zshScript } from "../../cli/shells/zsh.ts";
import { listModels } from "../../models/registry.ts";
import { withFolder } from "../data/support.ts";

const commands = await completedCommands();
const models = listModels();

/** What a shell prints; the script is `${folder}/script`. */
async function shell(name: string, script: string, code: (path: string, folder: string) => string): Promise<string[]> {
  let lines: string[] = [];
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/script`, script);
    await Deno.writeTextFile(`${folder}/picture.jpg`, "");
    const { stdout, stderr, code: status } = await new Deno.Command(name, {
      args: name === "zsh" ? ["-f", "-c", code(`${folder}/script`, folder)] : ["-c", code(`${folder}/script`, folder)],
      cwd: folder,
      env: { TERM: "dumb", HOME: folder },
    }).output();
    const errors = new TextDecoder().decode(stderr);
    assert(status === 0 && errors === "", errors);
    lines = new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "");
  });
  return lines;
}

function isThere(name: string): boolean {
  try {
    return new Deno.Command(name, { args: ["--version"] }).outputSync().success;
  } catch {
    return false;
  }
}

/** Words of a line up to the cursor, and some of what is offered there. */
const CASES: readonly (readonly [line: string, offered: readonly string[], not: readonly string[]])[] = [
  ["", ["bench", "history", "completions"], ["add"]],
  ["co", ["compare", "completions"], ["bench"]],
  ["train --re", ["--resume"], ["--model"]],
  ["train --model d2l/len", ["d2l/lenet"], ["d2l/alexnet"]],
  ["bench --backend w", ["wasm"], ["cpu"]],
  ["history ", ["add", "d2l/lenet"], ["--plot"]],
  ["history --", ["--plot", "--last"], ["--model"]],
  ["history add --", ["--history", "--quiet"], ["--plot"]],
  ["classify pic", ["picture.jpg"], ["script"]],
  ["completions ", ["bash", "zsh", "fish"], ["picture.jpg"]],
];

/** Checks what `complete` offers for each line. */
async function checkCases(complete: (words: readonly string[]) => Promise<string[]>): Promise<void> {
  for (const [line, offered, not] of CASES) {
    const found = await complete(["convbench", ...line.split(" ")]);
    for (const word of offered) assert(found.includes(word), `${line}: ${word} in ${found}`);
    for (const word of not) assert(!found.includes(word), `${line}: no ${word} in ${found}`);
  }
}

Deno.test({
  name: "bash completes commands, flags, their values, networks and files",
  ignore: !isThere("bash"),
  fn: () =>
    checkCases((words) =>
      shell(
        "bash",
        bashScript(commands, models),
        (path) =>
          `compopt() { :; }; . ${path}; COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); ` +
          `COMP_CWORD=${words.length - 1}; _convbench; printf '%s\\n' "\${COMPREPLY[@]}"`,
      )
    ),
});

Deno.test({
  name: "fish completes commands, flags, their values, networks and files",
  ignore: !isThere("fish"),
  fn: () =>
    checkCases(async (words) => {
      const lines = await shell("fish", fishScript(commands, models), (path) =>
        `source ${path}; complete -C '${words.join(" ")}'`);
      return lines.map((line) =>
        line.split("\t")[0] ?? ""
      );
    }),
});

Deno.test({
  name: "zsh takes the script, and offers flags and values by it",
  ignore: !isThere("zsh"),
  async fn() {
    const script = zshScript(commands, models);
    // _arguments works inside of the line editor only: what it is told is looked at.
    const told = (words: readonly string[]) =>
      shell(
        "zsh",
        script,
        (path) =>
          `compdef() { :; }; _arguments() { print -l -- "$@"; }; _describe() { print -l -- $commands; }; _values() { :; }; ` +
          `compadd() { [[ $1 == -a ]] && print -l -- $models; }; source ${path}; ` +
          `words=(${words.map((word) => `'${word}'`).join(" ")}); CURRENT=${words.length}; _convbench`,
      );
    const first = await told(["convbench", ""]);
    assert(first.some((line) => line.startsWith("bench:")), first.join("\n"));
    assertEquals(first.length, commands.filter(({ name }) => !name.includes(" ")).length);
    const train = await told(["convbench", "train", ""]);
    assert(train.some((line) => line.startsWith("--model=[") && line.endsWith(":NAME:_convbench_models")), `${train}`);
    assert(train.includes("--resume[go on from the folder's checkpoint]"), `${train}`);
    const add = await told(["convbench", "history", "add", ""]);
    assert(!add.some((line) => line.startsWith("--plot")) && add.includes("*:REPORT.json:_files"), `${add}`);
  },
});

Deno.test("every command and flag of the table is in every script", () => {
  const scripts = [bashScript(commands, models), zshScript(commands, models), fishScript(commands, models)];
  for (const { name, flags } of commands) {
    for (const script of scripts) {
      assertStringIncludes(script, name.split(" ")[0] ?? "");
      for (const flag of flags) assertStringIncludes(script, flag.name);
    }
  }
});
