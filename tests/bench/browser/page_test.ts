import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { compareReports } from "../../../bench/report/compare.ts";
import { parseReport } from "../../../bench/report/read.ts";
import { listModels } from "../../../models/registry.ts";
import { buildPage } from "../../../tools/browser_page.ts";
import { findChromium } from "../../../tools/bundle/processes.ts";
import { runDeno } from "../../run_deno.ts";
import type { Visit } from "./visit.ts";

/** Whether there is a browser: CI has one, a contributor may not. */
const hasChromium = await findChromium().then(() => true, () => false);

async function visit(backend: string): Promise<Visit> {
  const folder = await Deno.makeTempDir();
  try {
    const out = `${folder}/page`;
    const { files } = await buildPage(out);
    for (const name of ["index.html", "page.js", "style.css", "worker.js"]) assert(files.includes(name), `${files}`);
    assertEquals(files.filter((name) => name.endsWith(".wasm")).length, 3);
    const { code, stdout, stderr } = await runDeno(["tests/bench/browser/visit.ts", out, backend]);
    assertEquals(code, 0, stderr);
    return JSON.parse(stdout);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What holds on every backend: what was measured, and that nothing was said, asked for elsewhere, or found by axe. */
function check(visit: Visit, backend: string): ReturnType<typeof parseReport> {
  const { complaints, requests, origin, violations, overflow, said, focus } = visit;
  assertEquals(complaints, []);
  assertEquals(requests.filter((url) => !url.startsWith(`${origin}/`) && url !== "data:,"), []);
  assert(requests.includes(`${origin}/worker.js`), "workers are seen, too");
  assertEquals([violations, overflow], [[], 0]);
  assertEquals(said, ["Done.", "Stopped; what was measured is below."]);
  assertEquals(focus, ["stop", "start"]);

  const whole = parseReport(visit.whole, "whole.json");
  assertEquals(
    whole.results.map(({ name, samplesMs, process, batch, backend }) => [
      name,
      samplesMs.length,
      process.join(""),
      batch,
      backend,
    ]),
    [["d2l/lenet train", 6, "000111", 4, backend]],
  );
  for (const { firstStepMs, confidenceInterval, params } of whole.results) {
    assert(firstStepMs !== null && firstStepMs > 0 && confidenceInterval !== null);
    // PyTorch's count (tests/fixtures).
    assertEquals(params, 61_706);
  }
  const stopped = parseReport(visit.stopped, "stopped.json");
  const [kept, ...others] = stopped.results;
  assertEquals([kept?.name, kept?.samplesMs.length, others.length], ["d2l/lenet forward", 3, 0]);
  assertStringIncludes(kept?.notes?.at(-1) ?? "", "3 of 6 samples: interrupted");
  assertEquals(stopped.failures, [{ name: "d2l/lenet train", reason: "interrupted before its first sample" }]);
  // Without force: two runs of one browser are of one machine.
  const renamed = whole.results.map((result) => ({ ...result, name: "d2l/lenet forward", mode: "forward" as const }));
  assertEquals(compareReports({ ...whole, results: renamed }, stopped).rows.length, 1);
  return whole;
}

Deno.test({
  name: "the built page measures on wasm in Chromium, and convbench compare reads what it downloads",
  ignore: !hasChromium,
  async fn() {
    const found = await visit("wasm");
    const { environment } = check(found, "wasm");
    assertMatch(String(environment.flags.browser), /^Chrome \d+/);
    assertEquals([environment.flags.simd, environment.flags.starts, environment.deno], [true, "web workers", null]);
    assertEquals(found.preferred, ["backend-wasm"]);
    assertMatch(found.backends[0] ?? "", /^webgpu\s+not here: Expected /);
    assertEquals(found.trouble, "Choose a network");
    const like = listModels().filter((name) => /^d2l\/.*net$|googlenet_aux/.test(name));
    assertEquals(new Set(found.filtered), new Set(like));
    assertEquals(found.captions, ["Forward and backward, float32, wasm", "Where it was measured"]);
    assertEquals(found.headings, ["Throughput, forward and backward, float32"]);
    // A report's text is text.
    assertEquals([found.foreign.images, found.foreign.title], [0, "convbench in this browser"]);
    assertStringIncludes(found.foreign.shown, `<img src="x.png" onerror=`);
    assertEquals(
      found.noReport,
      "Expected no.json to be a report of convbench bench but found an empty object",
    );
  },
});

Deno.test({
  name: "on a software adapter the page measures WebGPU where it is asked for, and says software everywhere",
  // As tests/backends/webgpu: only where it is asked for.
  ignore: !hasChromium || Deno.env.get("CONVBENCH_TEST_WEBGPU") === undefined,
  async fn() {
    const found = await visit("webgpu");
    const { environment, results } = check(found, "webgpu");
    assertEquals([environment.flags.software, environment.gpu], [true, null]);
    for (const { notes } of results) assertMatch(notes?.[0] ?? "", /^software: .* computes on the CPU/);
    assertMatch(found.backends[0] ?? "", /^webgpu \(software\)/);
    assertEquals(found.preferred, ["backend-wasm"]);
    assertEquals(found.captions[0], "Forward and backward, float32, webgpu (software)");
  },
});

Deno.test("a folder with other files is not replaced by a page", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/thesis.tex`, "");
    const error = await buildPage(folder).then(() => undefined, (error) => error);
    assert(error instanceof RangeError);
    assertStringIncludes(error.message, "Expected out to be a new folder or an earlier page but found other files in");
    assertEquals((await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name), ["thesis.tex"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
