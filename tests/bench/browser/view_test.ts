import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { POLICY, skeleton } from "../../../bench/browser/skeleton.tsx";
import { comparisonHtml, rankingHtml, sideBySide, sideBySideHtml } from "../../../bench/browser/view.ts";
import { ComparisonError } from "../../../bench/report/compare.ts";
import { listModels } from "../../../models/registry.ts";
import { makeReport, makeResult } from "../report/support.ts";

const MARKUP = `<img src=x onerror="alert(1)">`;
const shown = (label: string, seed: number, model = "d2l/lenet") => ({
  label,
  report: makeReport([
    makeResult({ milliseconds: 10 * (seed + 1), seed }, { model, median: 10 * (seed + 1), batch: 16 }),
  ]),
});

Deno.test("a report's page is the command line's, with the backend in its title and captions", async () => {
  const html = await rankingHtml(shown("webgpu (software)", 0));
  assertStringIncludes(html, "<h1>Networks side by side: webgpu (software)</h1>");
  assertStringIncludes(html, "<span>Forward, float32, webgpu (software)</span>");
  assertStringIncludes(html, "<svg");
});

Deno.test("two reports of different backends are compared, and the page says what differs", async () => {
  const head = shown("wasm", 1);
  const [result] = head.report.results;
  assert(result);
  const other = { ...head, report: makeReport([{ ...result, backend: "wasm" }]) };
  const html = await comparisonHtml(shown("cpu", 0), other);
  assertStringIncludes(html, "Comparison of two benchmark runs: wasm against cpu");
  assertStringIncludes(html, "backend: tensorflow in the base, wasm in the head");
  await assertRejects(() => comparisonHtml(shown("a", 0), shown("b", 0, "d2l/nin")), ComparisonError);
});

Deno.test("backends stand side by side in images a second, a dash where one has no result", () => {
  const { columns, rows } = sideBySide([shown("wasm", 0), shown("cpu", 1), shown("other", 0, "d2l/nin")]);
  assertEquals(columns.map(({ title }) => title), ["result", "wasm", "cpu", "other"]);
  // 16 images in 10 ms and in 20 ms.
  assertEquals(rows.map((row) => row.map(({ text }) => text)), [
    ["d2l/lenet forward", "1,600", "800", "–"],
    ["d2l/nin forward", "–", "–", "1,600"],
  ]);
});

Deno.test("markup in the names of networks and of files is text", async () => {
  const bad = shown(MARKUP, 0, MARKUP);
  for (const html of [await rankingHtml(bad), sideBySideHtml([bad]), await comparisonHtml(bad, bad)]) {
    assert(!html.includes("<img"), html);
    assertStringIncludes(html, "&lt;img src=x");
  }
});

Deno.test("the page lists all networks, two of them chosen, and its policy lets nothing in from elsewhere", () => {
  const html = skeleton(listModels());
  for (const model of listModels()) assertStringIncludes(html, `value="${model}"`);
  assertEquals(
    [...html.matchAll(/checked="" value="([^"]+)"/g)].map(([, model]) => model),
    ["d2l/lenet", "d2l/bnlenet"],
  );
  assertStringIncludes(html, "default-src &#39;none&#39;; script-src &#39;self&#39; &#39;wasm-unsafe-eval&#39;");
  assert(!/https?:|unsafe-eval'(?<!wasm-unsafe-eval')|script-src[^;]*unsafe-inline/.test(POLICY), POLICY);
  // The policy allows none within the page.
  assert(!/<script(?! type="module" src="page.js">)|<style| style=| on\w+=/.test(html));
});
