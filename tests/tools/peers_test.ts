import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { locateLibrary } from "../../backends/tensorflow/library/locate.ts";
import { peersReportSchema } from "../../tools/peers/schema.ts";
import { inspectPython, peersFolder, PINS } from "../../tools/peers/setup.ts";
import { ignoredOn } from "../backends_under_test.ts";
import { runDeno } from "../run_deno.ts";

Deno.test("bench:peers --help ends with 0, a flag that it does not know with 2, and neither measures", async () => {
  const help = await runDeno(["tools/peers.ts", "--help"]);
  assertEquals([help.code, help.stderr], [0, ""]);
  assertStringIncludes(help.stdout, "Usage: deno task bench:peers");
  const wrong = await runDeno(["tools/peers.ts", "--column", "train"]);
  assertEquals([wrong.code, wrong.stdout], [2, ""]);
  assertStringIncludes(wrong.stderr, "is it --columns");
});

/** A Python of this machine that has PyTorch: what bench:peers installed, or the one of PEERS_PYTHON. */
async function torchPython(): Promise<string | undefined> {
  const named = Deno.env.get("PEERS_PYTHON") ?? `${peersFolder()}/torch-${PINS.torch}/bin/python`;
  return (await inspectPython(named))?.python;
}

const ignore = ignoredOn("tensorflow");
const python = ignore ? undefined : await torchPython();
const QUICK = ["tools/peers.ts", "--quick", "--models", "d2l/lenet", "--columns", "train"];

Deno.test({
  name: "without a Python PyTorch's variants fail by name, this project and tfjs are measured, and all ends with 0",
  ignore,
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "convbench-peers-" });
    try {
      const { path } = await locateLibrary();
      const env = { PATH: "", TF_LIB: path, CONVBENCH_CACHE: folder };
      const { code, stdout, stderr } = await runDeno([...QUICK, "--json", `${folder}/out.json`], undefined, env);
      assertEquals(code, 0, stderr);
      assertStringIncludes(stdout, "- compile: Expected a Python 3 but found no python3 (d2l/lenet train float32)");
      const report = peersReportSchema.parse(JSON.parse(await Deno.readTextFile(`${folder}/out.json`)));
      assertEquals(report.results.map(({ variant, batch }) => [variant, batch]), [["convbench", 128], ["tfjs", 128]]);
      for (const { samplesMs, finite } of report.results) assert(finite && samplesMs.length >= 6);
      const [comparison] = report.comparisons;
      assert(comparison !== undefined && comparison.ratio === null && comparison.overTfjs !== null);
      assert(comparison.ofConvolutionPeak !== null && comparison.ofConvolutionPeak > 0);
      assertEquals(report.failures.map(({ variant }) => variant).toSorted(), ["channels_last", "compile", "eager"]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "PyTorch's variants train the same network as this project, and the ratio is against the best of them",
  ignore: python === undefined,
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "convbench-peers-" });
    try {
      // Without a compiler torch.compile is named as what fails: it would take a minute.
      const env = { PATH: "" };
      const args = [...QUICK, "--python", python ?? "", "--json", `${folder}/out.json`];
      const { code, stderr } = await runDeno(args, undefined, env);
      assertEquals(code, 0, stderr);
      const { results, failures, comparisons, environment } = peersReportSchema.parse(
        JSON.parse(await Deno.readTextFile(`${folder}/out.json`)),
      );
      assertEquals(results.map(({ variant }) => variant), ["convbench", "tfjs", "eager", "channels_last"]);
      assertEquals(failures.map(({ variant, reason }) => [variant, /C\+\+ compiler/.test(reason)]), [[
        "compile",
        true,
      ]]);
      const torch = results.filter(({ variant }) => variant === "eager" || variant === "channels_last");
      const best = Math.min(...torch.map(({ median }) => median));
      const ours = results.find(({ variant }) => variant === "convbench")?.median ?? NaN;
      assertEquals(comparisons[0]?.ratio, best / ours);
      assertEquals(new Set(Object.values(environment.threads)).size, 1);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
