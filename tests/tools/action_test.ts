import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { COMMANDS } from "../../cli/table.ts";
import { parseCommand } from "../../cli/flags.ts";
import { offlineFlags, ROOT } from "../../tools/jsr.ts";
import { commit, PROGRAM, program, withRepository } from "../bench/ab/repository.ts";
import { withFolder } from "../data/support.ts";

const ACTION = await Deno.readTextFile(join(ROOT, "action.yml"));

/** The lines below `key:`, as far as they are indented further, without their indentation. */
function below(text: string, key: string): string {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.trim() === key || line.trim() === `- ${key}`);
  assert(start >= 0, key);
  const indent = lines[start]?.search(/\S/) ?? 0;
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => line.trim() !== "" && line.search(/\S/) <= indent);
  const block = end < 0 ? rest : rest.slice(0, end);
  const least = Math.min(...block.filter((line) => line.trim() !== "").map((line) => line.search(/\S/)));
  return block.map((line) => line.slice(least)).join("\n");
}

/** The step that measures. */
const STEP = below(ACTION, "name: Measure");
/** Its variables. */
const VARIABLES = below(STEP, "env:").split("\n").filter((line) => line !== "").map((line) => line.split(":")[0] ?? "");

/** Runs the step's script in `cwd` as GitHub does; gives outputs and summary. */
async function measure(cwd: string, folder: string, variables: Readonly<Record<string, string>>) {
  const bin = join(folder, "bin");
  await Deno.mkdir(bin);
  // As deno, with what it takes where JSR cannot be reached.
  const flags = ["--no-check", ...await offlineFlags()].map((flag) => `'${flag}'`).join(" ");
  await Deno.writeTextFile(join(bin, "deno"), `#!/bin/bash\nshift\nexec '${Deno.execPath()}' run ${flags} "$@"\n`, {
    mode: 0o755,
  });
  const [output, summary] = [join(folder, "output"), join(folder, "summary")];
  const { code, stderr } = await new Deno.Command("bash", {
    args: ["--noprofile", "--norc", "-eo", "pipefail", "-c", below(STEP, "run: |")],
    cwd,
    env: {
      PATH: `${bin}:${Deno.env.get("PATH")}`,
      CONVBENCH: join(ROOT, "cli.ts"),
      REPORTS: join(folder, "reports"),
      MODELS: "d2l/lenet",
      MODES: "forward",
      BACKEND: "wasm",
      BATCH: "4",
      BASE: "",
      HEAD: "HEAD",
      FAIL_ABOVE: "5%",
      BUDGET: "30",
      SAMPLES: "4",
      ...variables,
      GITHUB_OUTPUT: output,
      GITHUB_STEP_SUMMARY: summary,
    },
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  const lines = (await Deno.readTextFile(output)).trim().split("\n");
  const reports = [...Deno.readDirSync(join(folder, "reports"))].map(({ name }) => name).sort();
  return { outputs: lines, summary: await Deno.readTextFile(summary), reports };
}

Deno.test("every input of the action reaches a step, and no script has an expression in it", () => {
  const inputs = below(ACTION, "inputs:").split("\n").flatMap((line) => /^([\w-]+):$/.exec(line)?.[1] ?? []);
  assert(inputs.length > 10, inputs.join());
  for (const input of inputs) assert(new RegExp(`inputs\\.${input}\\b`).test(ACTION), input);
  // An expression in a script is code: a branch's name could run commands.
  assert(!below(STEP, "run: |").includes("${{"));
  for (const name of VARIABLES) assertStringIncludes(below(STEP, "run: |"), `$${name}`);
});

Deno.test({
  name: "the action's step measures two commits, and says a regression in outputs, summary and files",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withRepository(async (repository) => {
      await commit(repository, { [PROGRAM]: program(50) });
      await commit(repository, { [PROGRAM]: program(57) });
      await withFolder(async (folder) => {
        const { outputs, summary, reports } = await measure(repository, folder, { BASE: "HEAD~1" });
        assertEquals(outputs, ["code=1", `reports=${join(folder, "reports")}`]);
        assertStringIncludes(summary, "❌ 1 regression of 5 % or more");
        for (const name of ["comparison.html", "comparison.xml", "base.json", "head.json"]) {
          assert(reports.includes(name), name);
        }
      });
      await withFolder(async (folder) => {
        const { outputs, summary } = await measure(repository, folder, { BASE: "$(exit 1); nothing" });
        assertEquals(outputs[0], "code=2");
        assertStringIncludes(summary, "convbench came to no result");
      });
    });
  },
});

Deno.test("command lines in the documentation have flags that there are", async () => {
  let checked = 0;
  for (const path of ["docs/ci.md", "docs/cli.md", "docs/measuring.md", "docs/gitlab-ci.example.yml"]) {
    const text = (await Deno.readTextFile(join(ROOT, path))).replaceAll(/\s*\\\n\s*/g, " ").replaceAll(
      /(deno run -A cli.ts ab [^\n]*)\n +/g,
      "$1 ",
    );
    for (
      const [, name = "", rest = ""] of text.matchAll(
        /^[^|`\n]*(?:\bconvbench|cli\.ts(?: --)?) (ab|bench|compare) ([^\n#]*)/gm,
      )
    ) {
      const { spec } = await COMMANDS[name]?.load() ?? {};
      assert(spec !== undefined, name);
      const args = [...rest.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? "");
      parseCommand(spec, args.filter((arg) => !/^[>&|]/.test(arg)));
      checked++;
    }
  }
  assert(checked >= 6, String(checked));
});
