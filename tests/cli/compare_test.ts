import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { UsageError } from "../../cli/flags.ts";
import { parseCompareOptions } from "../../cli/compare.ts";
import { parseReportOptions } from "../../cli/report.ts";
import { makeReport, makeResult } from "../bench/report/support.ts";
import { runDeno } from "../run_deno.ts";

const convbench = (...args: string[]) => runDeno(["cli.ts", ...args]);

/** Runs `use` in a folder with `base.json`, `slow.json` and `mac.json`. */
async function withReports(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const write = (name: string, report: unknown) => Deno.writeTextFile(`${folder}/${name}`, JSON.stringify(report));
  try {
    await write("base.json", makeReport([makeResult({ seed: 1 })]));
    await write("same.json", makeReport([makeResult({ seed: 2 })]));
    await write("slow.json", makeReport([makeResult({ seed: 3, milliseconds: 22.4 })]));
    await write("mac.json", makeReport([makeResult({ seed: 4 })], { cpu: "Apple M4" }));
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("compare ends with 0 where nothing got slower, with 1 where something did, with 2 where it cannot tell", async () => {
  await withReports(async (folder) => {
    const compare = (head: string, ...args: string[]) =>
      convbench("compare", `${folder}/base.json`, `${folder}/${head}`, ...args);
    const same = await compare("same.json");
    assertEquals(same.code, 0, same.stderr);
    assertStringIncludes(same.stdout, "No regression of 5 % or more");
    const slow = await compare("slow.json");
    assertEquals([slow.code, slow.stderr], [1, ""]);
    assertStringIncludes(slow.stdout, "regression");
    assertEquals((await compare("slow.json", "--fail-above", "20%")).code, 0);
    const mac = await compare("mac.json");
    assertEquals([mac.code, mac.stdout], [2, ""]);
    assertStringIncludes(
      mac.stderr,
      "Expected reports of the same machine but found cpu AMD EPYC in the base and Apple M4",
    );
    assertEquals((await compare("mac.json", "--force")).code, 0);
    const missing = await compare("nothing.json");
    assertEquals([missing.code, missing.stdout], [2, ""]);
    assertStringIncludes(missing.stderr, "nothing.json but found no such file");
  });
});

Deno.test("--out writes what its ending says, whole, and words go to stderr", async () => {
  await withReports(async (folder) => {
    const { code, stdout, stderr } = await convbench(
      "compare",
      `--out=${folder}/found.html`,
      `${folder}/base.json`,
      `${folder}/slow.json`,
    );
    assertEquals([code, stdout, stderr], [1, "", `Wrote ${folder}/found.html\n`]);
    assertStringIncludes(await Deno.readTextFile(`${folder}/found.html`), "<!doctype html>");
    const lost = await convbench("report", `${folder}/base.json`, "--out", `${folder}/no/such/folder.md`);
    assertEquals([lost.code, lost.stdout], [2, ""]);
  });
});

Deno.test("report ranks a run, for people and for programs", async () => {
  await withReports(async (folder) => {
    const table = await convbench("report", `${folder}/base.json`);
    assertEquals(table.code, 0, table.stderr);
    assertStringIncludes(table.stdout, "Forward, float32\nmodel");
    const json = await convbench("report", `${folder}/base.json`, "--format", "json", "--baseline", "d2l/resnet18");
    assertEquals(JSON.parse(json.stdout).rankings[0].baseline, "d2l/resnet18");
    const unknown = await convbench("report", `${folder}/base.json`, "--baseline", "d2l/resnet19");
    assertEquals([unknown.code, unknown.stdout], [2, ""]);
    assertStringIncludes(unknown.stderr, 'is it "d2l/resnet18"');
  });
});

for (const command of ["compare", "report"]) {
  Deno.test(`${command} --help tells its flags, formats and exit codes`, async () => {
    const { code, stdout } = await convbench(command, "--help");
    assertEquals(code, 0);
    for (const text of [`Usage: convbench ${command}`, "github-action-benchmark", "Exit codes: 0", "Example"]) {
      assertStringIncludes(stdout, text);
    }
  });
}

Deno.test("parseCompareOptions() takes flags before, between and behind the reports", () => {
  const expected = { base: "a.json", head: "b.json", threshold: 0.075, force: true, format: "markdown" as const };
  for (
    const args of [
      ["--fail-above", "7.5%", "a.json", "--force", "b.json", "--format", "markdown"],
      ["--", "a.json", "b.json", "--format=markdown", "--fail-above=7.5 %", "--force"],
    ]
  ) assertEquals(parseCompareOptions(args), expected);
  assertEquals(parseCompareOptions(["a", "b", "--out", "c.CSV"]), {
    base: "a",
    head: "b",
    threshold: 0.05,
    force: false,
    format: "csv",
    out: "c.CSV",
  });
});

for (
  const [what, args, message] of [
    ["no reports", [], "Expected two reports, the base's and the head's, but found none"],
    ["three reports", ["a", "b", "c"], "found c: convbench compare takes BASE.json HEAD.json"],
    ["a threshold without its sign", ["a", "b", "--fail-above", "0.05"], 'to be a percentage, as 5%, but found "0.05"'],
    ["a negative threshold", ["a", "b", "--fail-above=-5%"], 'to be a percentage, as 5%, but found "-5%"'],
    ["an unknown format", ["a", "b", "--format", "pdf"], '"junit" but found "pdf"'],
    ["an unknown flag", ["a", "b", "--fail-abvoe=5%"], "found --fail-abvoe=5%: is it --fail-above"],
  ] as const
) {
  Deno.test(`parseCompareOptions() throws on ${what}`, () => {
    assertThrows(() => parseCompareOptions(args), UsageError, message);
  });
}

Deno.test("parseReportOptions() throws on no report and on two", () => {
  assertThrows(() => parseReportOptions(["--format", "json"]), UsageError, "Expected one report but found none");
  assertThrows(() => parseReportOptions(["a", "b"]), UsageError, "found b: convbench report takes REPORT.json");
});
