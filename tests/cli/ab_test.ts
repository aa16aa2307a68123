import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { join } from "node:path";
import { parseReport } from "../../bench/report/read.ts";
import { SMALL_MODELS } from "../../bench/families.ts";
import { parseAbRun } from "../../cli/ab.ts";
import { UsageError } from "../../cli/flags.ts";
import { offlineFlags, ROOT } from "../../tools/jsr.ts";
import { commit, git, PROGRAM, program, withRepository } from "../bench/ab/repository.ts";
import { withFolder } from "../data/support.ts";

/** `convbench ab ARGS` in `cwd`, not yet ended. */
async function start(cwd: string, args: readonly string[]): Promise<Deno.ChildProcess> {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", ...await offlineFlags(), join(ROOT, "cli.ts"), "ab", ...args],
    cwd,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** `convbench ab ARGS` in `cwd`. */
async function run(cwd: string, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await (await start(cwd, args)).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** All that is left in `folder` of worktrees. */
const worktrees = async (folder: string) => (await git(folder, "worktree", "list")).split("\n").length;

const LENET = ["--models", "d2l/lenet", "--modes", "forward", "--samples", "10"];

Deno.test("two commits alike end with 0, after six processes a side", async () => {
  await withRepository(async (folder) => {
    const first = await commit(folder, { [PROGRAM]: program(50) });
    await commit(folder, { [PROGRAM]: program(50) });
    const { code, stdout, stderr } = await run(folder, "--base", "HEAD~1", ...LENET);
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout, "No regression of 5 % or more");
    assertStringIncludes(stdout, first);
    assertStringIncludes(stderr, "After 6 starts a side: 1 of 1 result clear\n");
    assertEquals(await worktrees(folder), 1);
  });
});

Deno.test("a slower head ends with 1, in every format, and --quiet says nothing", async () => {
  await withRepository(async (folder) => {
    await commit(folder, { [PROGRAM]: program(50) });
    await commit(folder, { [PROGRAM]: program(57) });
    const reports = join(folder, "new", "reports");
    const args = ["--base", "HEAD~1", "--format", "markdown", "--reports", reports, "--quiet", ...LENET];
    const { code, stdout, stderr } = await run(folder, ...args);
    assertEquals([code, stderr], [1, ""]);
    assertStringIncludes(stdout, "❌ 1 regression of 5 % or more");
    assertStringIncludes(stdout, "made to confirm it");
    const names = [...Deno.readDirSync(reports)].map(({ name }) => name).sort();
    assertEquals(names, [
      "base.first.json",
      "base.json",
      ...["csv", "html", "json", "md", "xml"].map((ending) => `comparison.${ending}`),
      "head.first.json",
      "head.json",
    ]);
    for (const name of ["base", "head", "base.first", "head.first"]) {
      const { results: [result] } = parseReport(await Deno.readTextFile(join(reports, `${name}.json`)), name);
      assertEquals([result?.name, result?.samplesMs.length], ["d2l/lenet forward", 60]);
    }
    assertEquals(JSON.parse(await Deno.readTextFile(join(reports, "comparison.json"))).rows[0].regression, true);
    assertStringIncludes(await Deno.readTextFile(join(reports, "comparison.html")), "<!doctype html>");
  });
});

Deno.test("the working tree is measured where it is asked for, else its changes are refused", async () => {
  await withRepository(async (folder) => {
    await commit(folder, { [PROGRAM]: program(50) });
    await Deno.writeTextFile(join(folder, PROGRAM), program(60));
    const refused = await run(folder, "--base", "HEAD", ...LENET);
    assertEquals([refused.code, refused.stdout], [2, ""]);
    assertStringIncludes(refused.stderr, `found some in ${PROGRAM}: commit them, or measure them with --head WORKTREE`);
    const { code, stdout, stderr } = await run(folder, "--base", "HEAD", "--head", "WORKTREE", "--json=-", ...LENET);
    assertEquals(code, 1, stderr);
    const { rows: [row] } = JSON.parse(stdout);
    assertEquals([row.verdict, row.regression], ["slower", true]);
    const allowed = await run(folder, "--base", "HEAD", "--head", "WORKTREE", "--fail-above", "30%", ...LENET);
    assertEquals(allowed.code, 0, allowed.stderr);
  });
});

Deno.test("a process that dies is named: 1 where it is the head's, 0 where a network is new", async () => {
  await withRepository(async (folder) => {
    const dies = program(50, `if (job.model === "d2l/bnlenet") { console.error("last words"); Deno.exit(3); }`);
    await commit(folder, { [PROGRAM]: program(50) });
    await commit(folder, { [PROGRAM]: dies });
    const both = ["--models", "d2l/{lenet,bnlenet}", "--modes", "forward", "--samples", "10"];
    const head = await run(folder, "--base", "HEAD~1", ...both);
    assertEquals(head.code, 1);
    const reason = "process 1 ended with exit code 3: last words";
    assertStringIncludes(head.stderr, `Not measured in the head: d2l/bnlenet forward: ${reason}`);
    assertStringIncludes(head.stdout, `d2l/bnlenet forward: not compared: not measured in the head: ${reason}`);
    assertStringIncludes(head.stdout, "No regression of 5 % or more: 0 slower, 0 faster, 1 without");
    const base = await run(folder, "--base", "HEAD", "--head", "HEAD~1", ...both);
    assertEquals(base.code, 0, base.stderr);
    assertStringIncludes(base.stdout, "not measured in the base");
    const alone = await run(folder, "--base", "HEAD", "--head", "HEAD~1", "--models", "d2l/bnlenet");
    assertEquals([alone.code, alone.stdout], [2, ""]);
    assertStringIncludes(alone.stderr, "Expected a result that both sides have but found none");
  });
});

Deno.test("a process that hangs is named", async () => {
  await withRepository(async (folder) => {
    await commit(folder, { [PROGRAM]: program(50) });
    await commit(folder, { [PROGRAM]: program(50, "for (;;);") });
    const { code, stderr } = await run(folder, "--base", "HEAD~1", "--timeout", "2", ...LENET);
    assertEquals(code, 1, stderr);
    assertStringIncludes(stderr, "Not measured in the head: d2l/lenet forward: process 1 said nothing for 2 s");
  });
});

Deno.test({
  name: "Ctrl-C ends with 130 and leaves no worktree",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withRepository(async (folder) => {
      await commit(folder, { [PROGRAM]: program(50) });
      const child = await start(folder, ["--base", "HEAD", "--samples", "10", "--models", "d2l/*"]);
      const stdout = new Response(child.stdout).text();
      let stderr = "";
      for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
        if (!stderr.includes("start 1") && (stderr + text).includes("start 1")) {
          assertEquals(await worktrees(folder), 3);
          child.kill("SIGINT");
        }
        stderr += text;
      }
      assertEquals([(await child.status).code, await stdout], [130, ""], stderr);
      assertStringIncludes(stderr, "Interrupted: nothing is decided");
      assertEquals(await worktrees(folder), 1);
    });
  },
});

Deno.test("what cannot be measured or written is found before anything runs", async () => {
  await withRepository(async (folder) => {
    await commit(folder, { "README.md": "old" });
    await git(folder, "tag", "v0");
    await commit(folder, { [PROGRAM]: program(50) });
    for (
      const [args, message] of [
        [["--base", "v9"], 'Expected --base to be a commit, branch or tag but found "v9"'],
        [["--base", "v0"], `Expected "v0"`],
        [["--base", "HEAD", "--out", "no/such/folder.md"], "Expected --out to be a path that can be written but found"],
        [["--base", "HEAD", "--reports", "README.md/x"], "Expected --reports to be a path that can be written"],
        [[], "Expected --base of ab"],
      ] as const
    ) {
      const { code, stdout, stderr } = await run(folder, ...args);
      assertEquals([code, stdout], [2, ""], stderr);
      assertStringIncludes(stderr, message);
    }
  });
  await withFolder(async (folder) => {
    const { code, stderr } = await run(folder, "--base", "HEAD");
    assertEquals(code, 2);
    assertStringIncludes(stderr, "to be in a git checkout but found none");
  });
});

Deno.test("parseAbRun() has a default for all but the base", () => {
  const { entries, ...rest } = parseAbRun(["--base", "main"]);
  assertEquals(entries.length, 2 * SMALL_MODELS.length);
  assertEquals(rest, {
    base: "main",
    head: "HEAD",
    backend: undefined,
    device: undefined,
    batch: undefined,
    samples: undefined,
    compiled: false,
    precision: "float32",
    threshold: 0.05,
    budget: 1_800_000,
    patience: 600_000,
    format: "table",
  });
});

Deno.test("parseAbRun() reads all flags", () => {
  const run = parseAbRun(
    ("--base a --head b --models d2l/lenet --modes train --backend wasm --device cpu --batch 8 --samples 12 " +
      "--compiled --precision bfloat16 --fail-above 7.5% --budget 0.5 --timeout 3 --out c.html --json d.json --reports e")
      .split(
        " ",
      ),
  );
  assertEquals(run, {
    base: "a",
    head: "b",
    entries: [{ model: "d2l/lenet", mode: "train" }],
    backend: "wasm",
    device: "cpu",
    batch: 8,
    samples: 12,
    compiled: true,
    precision: "bfloat16",
    threshold: 0.075,
    budget: 30_000,
    patience: 3000,
    format: "html",
    out: "c.html",
    json: "d.json",
    reports: "e",
  });
});

for (
  const [args, message] of [
    [["--base", "a", "--mdoels", "x"], "found --mdoels: is it --models"],
    [["--base", "a", "--models", "d2l/lent"], 'is it "d2l/lenet"'],
    [["--base", "a", "--fail-above", "5"], 'to be a percentage, as 5%, but found "5"'],
    [["--base", "a", "--budget", "0"], "Expected --budget of ab to be greater than 0"],
    [["--base", "a", "--budget", "soon"], "Expected --budget of ab"],
    [["--base", "a", "--precision", "tf32"], "Expected --precision tf32 with --compiled but found it without"],
    [["--base", "a", "--samples", "2"], "Expected --samples of ab"],
    [["--base", "a", "b"], "found b: convbench ab takes flags only"],
    [["--base="], "Expected --base to have a value but found none"],
  ] as const
) {
  Deno.test(`parseAbRun() throws on ${args.join(" ")}`, () => {
    const error = assertThrows(() => parseAbRun(args), UsageError);
    assert(error.message.includes(message), error.message);
  });
}
