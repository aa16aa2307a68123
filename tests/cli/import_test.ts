import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ImportError, parseDenoBench } from "../../cli/import.ts";
import { withFolder } from "../data/support.ts";
import { runDeno } from "../run_deno.ts";

const times = { min: 1e6, max: 9e6, avg: 2e6, p75: 2.5e6, p99: 9e6, p995: 9e6, p999: 9e6 };
const file = (benches: unknown[]) => JSON.stringify({ version: 1, runtime: "Deno/2.9.6", cpu: "AMD EPYC", benches });
const ours = { origin: "x", group: "d2l/lenet on wasm (cpu)", name: "forward, 128 images", baseline: true };

Deno.test("parseDenoBench() reads times in milliseconds, throughput from our names, and what it cannot say", () => {
  const imported = parseDenoBench(
    file([
      { ...ours, results: [{ ok: { n: 20, ...times } }] },
      { origin: "x", group: null, name: "mine", baseline: false, results: [{ ok: { n: 200, ...times } }] },
      { origin: "x", group: null, name: "broken", baseline: false, results: [{ failed: { message: "no" } }] },
    ]),
    "x.json",
  );
  assertEquals(imported.benches[0], {
    group: ours.group,
    name: ours.name,
    work: { what: "forward", amount: 128, unit: "images" },
    iterations: 20,
    mean: 2,
    min: 1,
    max: 9,
    p75: 2.5,
    p99: 9,
  });
  assertEquals([imported.benches[1]?.work, imported.failed], [null, ["broken"]]);
  const said = imported.cannotSay.join("\n");
  for (
    const text of ["no raw samples", "The median", "two processes", "in 1 of 2 benchmarks", "Throughput of 1 of 2"]
  ) {
    assertStringIncludes(said, text);
  }
});

for (
  const [what, text, message] of [
    ["an empty file", "", "it is empty"],
    ["a file that is cut off", file([]).slice(0, -5), "JSON"],
    ["another file", '{"schema": 1, "results": []}', "Expected runtime of x.json to be of type string"],
    [
      "negative times",
      file([{ ...ours, results: [{ ok: { n: 1, ...times, avg: -1 } }] }]),
      "Expected benches[0].results[0]",
    ],
  ] as const
) {
  Deno.test(`parseDenoBench() throws on ${what}`, () => {
    const error = assertThrows(() => parseDenoBench(text, "x.json"), ImportError, "what deno bench --json prints");
    assertStringIncludes(error.message, message);
  });
}

Deno.test("import shows what deno bench itself printed", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(
      `${folder}/x_bench.ts`,
      'Deno.bench({ name: "sum, 10 ops", n: 5, fn() { for (let i = 0; i < 1e4; i++) Math.sqrt(i); } });',
    );
    const bench = new Deno.Command(Deno.execPath(), {
      args: ["bench", "--no-config", "--json", `${folder}/x_bench.ts`],
    });
    const { stdout } = await bench.output();
    await Deno.writeFile(`${folder}/out.json`, stdout);
    const [table, json, missing] = await Promise.all([
      runDeno(["cli.ts", "import", `${folder}/out.json`]),
      runDeno(["cli.ts", "import", `${folder}/out.json`, "--json"]),
      runDeno(["cli.ts", "import", `${folder}/nothing.json`]),
    ]);
    assertEquals([table.code, table.stderr], [0, ""]);
    assertStringIncludes(table.stdout, "ops/s");
    assertStringIncludes(table.stdout, "What cannot be said from this file:");
    const { benches, runtime } = JSON.parse(json.stdout);
    assertEquals([benches.length, benches[0].work], [1, { what: "sum", amount: 10, unit: "ops" }]);
    assert(runtime.startsWith("Deno/") && benches[0].mean > 0);
    assertEquals([missing.code, missing.stdout], [2, ""]);
    assertStringIncludes(missing.stderr, "found no such file");
  });
});
