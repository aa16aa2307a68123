import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { makeReport, makeResult } from "../bench/report/support.ts";
import { withFolder } from "../data/support.ts";
import { runDeno } from "../run_deno.ts";

const convbench = (...args: string[]) => runDeno(["cli.ts", ...args]);

/** Writes `n` reports, a day apart, 10 % slower from the twelfth on; gives their paths. */
async function writeReports(folder: string, n: number): Promise<string[]> {
  const paths: string[] = [];
  for (let i = 0; i < n; i++) {
    const result = makeResult({ seed: i, milliseconds: i < 12 ? 20 : 22 }, {
      model: "d2l/lenet",
      name: "d2l/lenet forward",
    });
    const started = new Date(Date.UTC(2026, 9, 1 + i)).toISOString();
    paths.push(`${folder}/run${i}.json`);
    await Deno.writeTextFile(`${folder}/run${i}.json`, JSON.stringify(makeReport([result], { started })));
  }
  return paths;
}

Deno.test("history add keeps reports once, and history tells the levels, for people and for programs", async () => {
  await withFolder(async (folder) => {
    const reports = await writeReports(folder, 20);
    const file = `--history=${folder}/h.sqlite`;
    const added = await convbench("history", "add", ...reports, file);
    assertEquals([added.code, added.stdout], [0, ""], added.stderr);
    assertStringIncludes(added.stderr, "run19.json: 1 results added");
    const again = await convbench("history", "add", reports[0] ?? "", file);
    assertStringIncludes(again.stderr, "was there already");
    const [table, json, plot] = await Promise.all([
      convbench("history", "d2l/*", file),
      convbench("history", "d2l/lenet", "--backend", "tensorflow", "--mode", "forward", "--json", file),
      convbench("history", "d2l/lenet", "--plot", `${folder}/p.svg`, "--quiet", file),
    ]);
    assertEquals([table.code, table.stderr], [0, ""]);
    assertStringIncludes(table.stdout, "2026-10-13  0123abc");
    assertStringIncludes(table.stdout, "% slower");
    assertStringIncludes(table.stdout, "1 change of level in 20 results of 1 series");
    const { series: [trend] } = JSON.parse(json.stdout);
    assertEquals([trend.series.model, trend.points.length, trend.levels.length], ["d2l/lenet", 20, 2]);
    assertEquals([plot.code, plot.stderr], [0, ""]);
    assert((await Deno.readTextFile(`${folder}/p.svg`)).startsWith("<svg"));
  });
});

Deno.test("processes that add at the same time all get in", async () => {
  await withFolder(async (folder) => {
    const reports = await writeReports(folder, 3);
    const file = `${folder}/h.sqlite`;
    const ended = await Promise.all(reports.map((report) => convbench("history", "add", report, "--history", file)));
    assertEquals(ended.map(({ code }) => code), [0, 0, 0]);
    const { stdout } = await convbench("history", "d2l/lenet", "--json", "--history", file);
    assertEquals(JSON.parse(stdout).series[0].points.length, 3);
  });
});

Deno.test("history says what is wrong, with 2 for its user's mistakes and 1 for the file's", async () => {
  await withFolder(async (folder) => {
    const [report = ""] = await writeReports(folder, 1);
    const file = `--history=${folder}/h.sqlite`;
    const missing = await convbench("history", "d2l/lenet", file);
    assertEquals([missing.code, missing.stdout], [1, ""]);
    assertStringIncludes(missing.stderr, "found no such file: convbench history add REPORT.json makes one");
    await Deno.writeTextFile(`${folder}/cut.json`, '{"schema": 1, "environment": {');
    const cut = await convbench("history", "add", report, `${folder}/cut.json`, file);
    assertEquals(cut.code, 2);
    assertStringIncludes(cut.stderr, "cut.json to be");
    assertEquals(await Deno.stat(`${folder}/h.sqlite`).catch(() => "none"), "none");
    await convbench("history", "add", report, file);
    const [unknown, narrow, none] = await Promise.all([
      convbench("history", "d2l/lent", file),
      convbench("history", "d2l/lenet", "--backend", "wasm", file),
      convbench("history", file),
    ]);
    assertEquals([unknown.code, narrow.code, none.code], [2, 2, 2]);
    assertStringIncludes(unknown.stderr, 'found "d2l/lent": is it d2l/lenet');
    assertStringIncludes(narrow.stderr, "Expected results of d2l/lenet with wasm");
    assertStringIncludes(none.stderr, "Expected MODEL behind convbench history but found none");
  });
});
