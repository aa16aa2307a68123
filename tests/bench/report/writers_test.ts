import { assert, assertAlmostEquals, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { marked } from "marked";
// @ts-types="@types/papaparse"
import Papa from "papaparse";
import { paretoFront } from "../../../bench/report/charts.ts";
import { compareReports } from "../../../bench/report/compare.ts";
import { type Format, writeComparison, writeRanking } from "../../../bench/report/format.ts";
import { codeMarkdown, escapeMarkdown } from "../../../bench/report/markdown.ts";
import { change, digits, large } from "../../../bench/report/numbers.ts";
import { rankReport } from "../../../bench/report/rank.ts";
import type { Report } from "../../../bench/report/schema.ts";
import { makeReport, makeResult } from "./support.ts";

/** A name that means something to every format. */
const HOSTILE = `<img src=x onerror="alert(1)">|\`*_a_* @octocat #1 =1+1 &amp; ${"${x}"}`;

const base = makeReport([
  makeResult({ seed: 1 }, { inputShape: [224, 224, 3], activations: 2_480_000 }),
  makeResult({ seed: 2, milliseconds: 60 }, { mode: "train", inputShape: [224, 224, 3] }),
  makeResult({ seed: 3 }, { model: HOSTILE, name: HOSTILE }),
]);
const head: Report = {
  ...makeReport([
    makeResult({ seed: 4, milliseconds: 22.4 }, { inputShape: [224, 224, 3], activations: 2_480_000 }),
    makeResult({ seed: 5, milliseconds: 60 }, { mode: "train", inputShape: [224, 224, 3] }),
    makeResult({ seed: 6 }, { model: HOSTILE, name: HOSTILE }),
  ], { cpu: `CPU ${HOSTILE}`.slice(0, 90) }),
  failures: [{ name: "d2l/vgg forward", reason: `died of ${HOSTILE}` }],
};
const comparison = compareReports(base, head, { force: true });
const compared = (format: Format) => writeComparison(comparison, { base, head }, { format });
const ranked = (format: Format, baseline?: string) => writeRanking(rankReport(head, baseline), head, { format });

Deno.test("numbers keep three digits, and signs that can be told from dashes", () => {
  assertEquals([0, 0.01234, 1.5, 15.26, 1234.5, 1e6].map(digits), [
    "0",
    "0.0123",
    "1.50",
    "15.3",
    "1,235",
    "1,000,000",
  ]);
  assertEquals([1.052, 0.97, 1, 1.0001, 3.5].map(change), ["+5.2 %", "−3.0 %", "0.0 %", "0.0 %", "+250 %"]);
  assertEquals([null, 812, 11_180_000, 1.82e9].map(large), ["–", "812", "11.2 M", "1.82 G"]);
});

Deno.test("the terminal's table is in columns, with the verdict last", async () => {
  const lines = (await compared("table")).split("\n");
  assertEquals(lines[0], "Time of a step, head against base");
  assert(/^d2l\/resnet18 forward .* regression$/.test(lines[2] ?? ""), lines[2]);
  assert(/^d2l\/resnet18 train .* ~$/.test(lines[3] ?? ""), lines[3]);
  assertEquals(new Set(lines.slice(1, 4).map((line) => line.search(/verdict|regression|~/))).size, 1);
  assert(lines.some((line) => line.startsWith("geometric mean")));
  assertEquals(lines.at(-2), "1 regression of 5 % or more: 1 slower, 0 faster, 2 without a proven difference");
});

Deno.test("a ranking has a column of the kernels' milliseconds where a result has them", async () => {
  const table = (deviceMs?: number) => {
    const report = makeReport([makeResult({ seed: 1 }, deviceMs === undefined ? {} : { deviceMs })]);
    return writeRanking(rankReport(report), report, { format: "markdown" });
  };
  assert(!(await table()).includes("kernels, ms"));
  assertStringIncludes(await table(12.34), "kernels, ms");
  assertStringIncludes(await table(12.34), "| 12.3 |");
});

Deno.test("what could not be measured is named, whichever side it was on", async () => {
  const reason = (side: string) => ({ name: `d2l/${side} train`, reason: `died of ${side}` });
  const sides = { base: { ...base, failures: [reason("base")] }, head: { ...head, failures: [reason("head")] } };
  const text = await writeComparison(comparison, sides, { format: "table" });
  for (const side of ["base", "head"]) {
    assertStringIncludes(text, `d2l/${side} train: could not be measured: died of ${side} (in the ${side})`);
  }
});

Deno.test("colours are there only where they are asked for", async () => {
  const coloured = await writeComparison(comparison, { base, head }, { format: "table", colour: true });
  assertStringIncludes(coloured, "\x1b[31mregression\x1b[0m");
  assert(!(await compared("table")).includes("\x1b"));
});

Deno.test("Markdown makes nothing of a name, neither in tables nor in notes", async () => {
  const html = await marked.parse(await compared("markdown") + await ranked("markdown"), { gfm: true });
  assert(!/<(img|em|a|del)\b/.test(html), html);
  const cells = [...html.matchAll(/<td><code>(.*?)<\/code><\/td>/g)].map(([, cell = ""]) => unescapeHtml(cell));
  assertEquals(cells.filter((cell) => cell === HOSTILE).length, 2);
  // As many columns as the tables have, whatever the names.
  for (const [, row = ""] of html.matchAll(/<tr>(.*?)<\/tr>/gs)) {
    assert([2, 3, 7, 12].includes([...row.matchAll(/<t[dh]/g)].length), row);
  }
});

function unescapeHtml(text: string): string {
  return text.replaceAll(
    /&(#?\w+);/g,
    (_, entity: string) =>
      entity.startsWith("#")
        ? String.fromCodePoint(Number(entity.slice(1)))
        : { lt: "<", gt: ">", amp: "&", quot: '"' }[entity] ?? "?",
  );
}

Deno.test("codeMarkdown() and escapeMarkdown() show any text as it is", () => {
  const name = fc.string({ unit: "grapheme-ascii", minLength: 1 }).filter((text) =>
    text.trim() === text && !/ {2}/.test(text)
  );
  fc.assert(fc.property(name, (text) => {
    const row = marked.parse(`| a |\n| --- |\n| ${codeMarkdown(text)} |`, { async: false, gfm: true });
    assertEquals(unescapeHtml(/<td><code>(.*)<\/code><\/td>/.exec(row)?.[1] ?? ""), text);
    const plain = marked.parse(`x ${escapeMarkdown(text)}`, { async: false, gfm: true });
    assertEquals(unescapeHtml(/<p>x (.*)<\/p>/.exec(plain)?.[1] ?? "").replaceAll("\u2060", ""), text);
  }));
});

Deno.test("JSON holds all that was found", async () => {
  assertEquals(JSON.parse(await compared("json")), JSON.parse(JSON.stringify(comparison)));
  const { rankings, failures } = JSON.parse(await ranked("json"));
  assertEquals([rankings.length, failures], [2, head.failures]);
});

Deno.test("CSV has timm's columns, a row for each network, and runs no formula", async () => {
  const { data, meta } = Papa.parse<Record<string, string>>((await ranked("csv")).trimEnd(), { header: true });
  assertEquals(meta.fields?.slice(0, 7), [
    "model",
    "infer_samples_per_sec",
    "infer_step_time",
    "infer_batch_size",
    "infer_img_size",
    "infer_gmacs",
    "infer_macts",
  ]);
  assert(meta.fields?.includes("train_samples_per_sec") && meta.fields.includes("param_count"));
  assertEquals(data.map(({ model }) => model), ["d2l/resnet18", HOSTILE]);
  const [first] = data;
  assertAlmostEquals(Number(first?.infer_samples_per_sec) * Number(first?.infer_step_time) / 1000, 16, 1e-3);
  assertEquals([first?.infer_gmacs, first?.infer_macts, first?.param_count], ["1.82", "2.48", "11.18"]);
  const formula = makeReport([makeResult({}, { model: "=cmd|'/C calc'!A0" })]);
  assertStringIncludes(await writeRanking(rankReport(formula), formula, { format: "csv" }), "'=cmd");
});

Deno.test("CSV of a comparison tells the change beside", async () => {
  const { data } = Papa.parse<Record<string, string>>((await compared("csv")).trimEnd(), { header: true });
  assertEquals(data[0]?.infer_verdict, "regression");
  assertAlmostEquals(Number(data[0]?.infer_ratio), comparison.rows[0]?.ratio ?? NaN, 1e-5);
});

Deno.test("rankReport() puts the fastest first and the baseline at 1, networks of other batches included", () => {
  const report = makeReport([
    makeResult({ milliseconds: 20, seed: 1 }, { model: "slow", batch: 16 }),
    makeResult({ milliseconds: 20, seed: 2 }, { model: "fast", batch: 64 }),
    makeResult({ milliseconds: 10, seed: 3 }, { model: "middle", batch: 16 }),
  ]);
  const [ranking] = rankReport(report, "slow");
  assertEquals(ranking?.rows.map(({ result }) => result.model), ["fast", "middle", "slow"]);
  for (const [i, ratio] of [4, 2, 1].entries()) {
    const row = ranking?.rows[i];
    assertAlmostEquals(row?.ratio ?? NaN, ratio, 0.05 * ratio);
    const [low, high] = row?.ratioInterval ?? [1, 1];
    assert(low <= ratio && ratio <= high, `${low} ${ratio} ${high}`);
  }
  assertEquals(ranking?.rows.at(-1)?.ratioInterval, null);
  assertEquals(rankReport(report)[0]?.baseline, "fast");
  assertEquals(rankReport(makeReport([])), []);
});

Deno.test("rankReport() throws on a baseline that was not measured, and says which is near", () => {
  assertThrows(
    () => rankReport(base, "d2l/resnet19"),
    RangeError,
    'Expected the baseline to be a model of the report but found "d2l/resnet19": is it "d2l/resnet18"',
  );
});

Deno.test("paretoFront() keeps those that nothing as large outruns, and no other", () => {
  const point = fc.record({
    name: fc.string(),
    cost: fc.integer({ min: 1, max: 20 }),
    rate: fc.integer({ min: 1, max: 20 }),
  });
  fc.assert(fc.property(fc.array(point, { minLength: 1 }), (points) => {
    const front = paretoFront(points);
    const beaten = (a: { cost: number; rate: number }) =>
      points.some((b) => (b.cost >= a.cost && b.rate > a.rate) || (b.cost > a.cost && b.rate >= a.rate));
    assert(front.length > 0 && front.every((a) => !beaten(a)));
    for (const a of points) {
      if (!beaten(a)) assert(front.some(({ cost, rate }) => cost === a.cost && rate === a.rate));
    }
    assert(front.every(({ cost }, i) => i === 0 || cost > (front[i - 1]?.cost ?? 0)));
  }));
});

for (
  const format of ["table", "markdown", "html", "csv", "junit", "bencher", "github-action-benchmark", "json"] as const
) {
  Deno.test(`a report of nothing is written as ${format}`, async () => {
    const empty = makeReport([]);
    assertEquals(typeof await writeRanking(rankReport(empty), empty, { format }), "string");
  });
}
