import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parseReport } from "../../../bench/report/read.ts";
import { offlineFlags, ROOT } from "../../../tools/jsr.ts";
import { runDeno } from "../../run_deno.ts";

const ARGS = ["cli.ts", "bench", "--models", "d2l/lenet", "--backend", "wasm", "--batch", "4"];

Deno.test("convbench bench measures a real network in real processes and writes a report", async () => {
  const folder = await Deno.makeTempDir({ prefix: "convbench-bench-" });
  try {
    const json = `${folder}/out.json`;
    const { code, stdout, stderr } = await runDeno([...ARGS, "--samples", "4", "--processes", "2", "--json", json]);
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout, "d2l/lenet");
    assertStringIncludes(stderr, "d2l/lenet train:");
    const { results, environment, limit, failures } = parseReport(await Deno.readTextFile(json), json);
    assertEquals(failures, undefined);
    assertEquals(results.map(({ name, batch, backend }) => [name, batch, backend]), [
      ["d2l/lenet forward", 4, "wasm"],
      ["d2l/lenet train", 4, "wasm"],
    ]);
    for (const { samplesMs, process, firstStepMs, peakMemory, utilisation } of results) {
      assertEquals([samplesMs.length, process], [4, [0, 0, 1, 1]]);
      assert(firstStepMs !== null && firstStepMs > 0);
      // A process with TensorFlow.js is not smaller than ten megabytes.
      assert(peakMemory !== null && peakMemory > 1e7);
      assert(utilisation !== null && utilisation > 0 && utilisation < 1.1);
    }
    assert(limit !== undefined);
    for (const perSecond of Object.values(limit)) assert(perSecond > 1e7);
    assertEquals([environment.tfjs, environment.threads, environment.flags.simd], ["4.22.0", 1, true]);
    // No file that is half written lies beside.
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["out.json"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test({
  name: "Ctrl-C ends a run, and the report has what was measured until then",
  ignore: Deno.build.os === "windows",
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "convbench-bench-" });
    try {
      const json = `${folder}/out.json`;
      const child = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-check", ...await offlineFlags(), ...ARGS, "--samples", "3000", "--json", json],
        cwd: ROOT,
        stdout: "null",
        stderr: "piped",
      }).spawn();
      let stderr = "";
      for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
        // The first process has been measured: the second one runs.
        if (!stderr.includes("process 1 of") && (stderr + text).includes("process 1 of")) child.kill("SIGINT");
        stderr += text;
      }
      assertEquals((await child.status).code, 130, stderr);
      const { results: [first], failures } = parseReport(await Deno.readTextFile(json), json);
      assertEquals(first?.samplesMs.length, 1000);
      assertEquals(first?.notes?.at(-1), "1000 of 3000 samples: interrupted");
      assert((failures ?? []).every(({ reason }) => reason === "interrupted before its first sample"));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("a folder that is not there is found before anything is measured", async () => {
  const { code, stderr } = await runDeno([...ARGS, "--json", "no/such/folder/out.json"]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, 'Expected --json to be a path that can be written but found "no/such/folder/out.json"');
});

Deno.test("a device that is not there is an error, and not another device", async () => {
  const { code, stderr, stdout } = await runDeno([...ARGS, "--device", "gpu", "--quiet"]);
  assertEquals([code, stdout], [1, ""]);
  assertStringIncludes(stderr, "Expected a backend on the gpu that runs here but found none");
});
