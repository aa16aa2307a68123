import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { diagram } from "../../cli/diagram.ts";
import { UsageError } from "../../cli/flags.ts";
import { modelDiagram } from "../../models/diagram/diagram.ts";
import { withFolder } from "../data/support.ts";
import { runDeno } from "../run_deno.ts";

/** Runs the command; gives its exit code and what it printed. */
async function run(...args: string[]): Promise<{ code: number; printed: string }> {
  let printed = "";
  const code = await diagram(args, { print: (text) => void (printed += text) });
  return { code, printed };
}

Deno.test("convbench diagram prints a flowchart, or writes an SVG whole", async () => {
  const flowchart = await run("d2l/lenet", "--format", "mermaid", "--depth", "1");
  assertEquals(flowchart, {
    code: 0,
    printed: modelDiagram("d2l/lenet", { format: "mermaid", depth: 1 }).trimEnd(),
  });
  await withFolder(async (folder) => {
    const out = `${folder}/lenet.svg`;
    const { code, stdout, stderr } = await runDeno(
      ["cli.ts", "diagram", "d2l/lenet", "--out", out, "--input", "40x40x3", "--depth", "all"],
    );
    assertEquals([code, stdout, stderr], [0, "", `Wrote ${out}\n`]);
    const svg = modelDiagram("d2l/lenet", { inputShape: [40, 40, 3], depth: Infinity });
    assertEquals(await Deno.readTextFile(out), svg);
    assertEquals((await Array.fromAsync(Deno.readDir(folder))).length, 1);
  });
});

Deno.test("convbench diagram --help tells how it is used", async () => {
  const { code, stdout } = await runDeno(["cli.ts", "diagram", "d2l/lenet", "--help"]);
  assertEquals(code, 0);
  assertStringIncludes(stdout, "Usage: convbench diagram NAME [OPTIONS]");
});

for (
  const [args, message] of [
    [["d2l/lenett"], 'Expected name to be a model of listModels() but found "d2l/lenett": is it "d2l/lenet"'],
    [[], "Expected the name of a network, as d2l/lenet, but found none"],
    [["--format", "svg"], "Expected the name of a network, as d2l/lenet, but found none"],
    [["d2l/lenet", "--dept", "2"], "Expected a known flag but found --dept: is it --depth"],
    [["d2l/lenet", "--depth", "0"], 'Expected --depth of diagram to be greater than 0 but found "0"'],
    [["d2l/lenet", "--depth", "two"], 'Expected --depth of diagram to be of type number but found "two"'],
    [["d2l/lenet", "--input", "28"], 'Expected --input of diagram to have at least 3 entries but found "28"'],
    [["d2l/lenet", "--input", "5x5x1"], "Expected inputShape[0] to be at least 12 for d2l/lenet but found 5"],
    [["d2l/lenet", "--format", "png"], 'Expected --format of diagram to be one of "svg", "mermaid" but found "png"'],
  ] as const
) {
  Deno.test(`convbench diagram refuses ${args.join(" ") || "nothing"}`, async () => {
    const error = await diagram(args, { print: () => {} }).then(() => undefined, (error) => error);
    assert(error instanceof UsageError);
    assertEquals(error.message, message);
  });
}
