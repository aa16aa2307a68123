import { DOMParser, type Element } from "@xmldom/xmldom";
import { assert, assertAlmostEquals, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { writeComparison, writeRanking } from "../../../bench/report/format.ts";
import { compareReports } from "../../../bench/report/compare.ts";
import { rankReport } from "../../../bench/report/rank.ts";
import { perSecond, rooflineSections, rooflineSvg } from "../../../bench/report/roofline_chart.ts";
import type { Report } from "../../../bench/report/schema.ts";
import { listModels } from "../../../mod.ts";
import { syntheticReport } from "../../../tools/synthetic_report.ts";
import { makeReport, makeResult } from "./support.ts";

const HOSTILE = `<script>alert("1")</script> & 'x'`;

/** A machine of 100 GFLOP/s and 10 GB/s, and three results on it. */
const report: Report = {
  ...makeReport([
    makeResult({}, { model: "d2l/resnet18", activations: 2_480_000 }),
    makeResult({ milliseconds: 60 }, { model: HOSTILE, name: HOSTILE, mode: "train", activations: 2_480_000 }),
    makeResult({}, { model: "d2l/uncounted", macs: null }),
  ]),
  limit: { convolution: 100e9, matmul: 90e9, copy: 10e9 },
};

const parse = (text: string) =>
  new DOMParser({
    onError: (level, message) => {
      throw new Error(`${level}: ${message}`);
    },
  }).parseFromString(text, "image/svg+xml");

Deno.test("perSecond() takes the unit that leaves the fewest digits", () => {
  assertEquals([312e12, 57.3e9, 21.4e6, 1500, 12].map((value) => perSecond(value, "B/s")), [
    "312 TB/s",
    "57.3 GB/s",
    "21.4 MB/s",
    "1.50 kB/s",
    "12.0 B/s",
  ]);
});

Deno.test("the roofline as a file is well-formed, says what it shows, and names its points", () => {
  const root = parse(rooflineSvg(report)).documentElement;
  const text = (tag: string) => [...root?.getElementsByTagName(tag) ?? []].map((one) => one.textContent ?? "");
  assertEquals([root?.getAttribute("role"), root?.getAttribute("aria-labelledby")], ["img", "title"]);
  assertEquals(text("title"), ["Roofline"]);
  assertStringIncludes(text("desc")[0] ?? "", "10.0 GB/s up to 10.0 FLOP/byte and is flat at 100 GFLOP/s");
  assertEquals(text("script"), []);
  const labels = text("text");
  for (const label of ["d2l/resnet18", HOSTILE, "FLOP/byte", "FLOP/s", "forward", "forward and backward"]) {
    assert(labels.includes(label), `${label} in ${labels}`);
  }
  assert(labels.includes("fastest product or convolution: 100 GFLOP/s") && labels.includes("copy: 10.0 GB/s"));
  assert(!labels.includes("d2l/uncounted"));
});

Deno.test("slope and flat part of the roof lie where the axes put them, and meet at the ridge", () => {
  const root = parse(rooflineSvg(report)).documentElement;
  const elements = [...root?.getElementsByTagName("path") ?? []] as Element[];
  const roof = elements.filter((one) => one.getAttribute("stroke-width") === "2")
    .map((one) => [...(one.getAttribute("d") ?? "").matchAll(/[\d.]+/g)].map(Number));
  const [slope = [], flat = []] = roof.filter((numbers) => numbers.length === 4);
  // Both axes have a decade in as many pixels throughout: FLOP/s rise as FLOP/byte do.
  const labels = [...root?.getElementsByTagName("text") ?? []] as Element[];
  const placeOf = (tick: string): number[] => {
    const found = labels.find((one) => one.textContent === tick)?.getAttribute("transform") ?? "";
    return [...found.matchAll(/[\d.]+/g)].map(Number);
  };
  const across = (placeOf("100")[0] ?? NaN) - (placeOf("10")[0] ?? NaN);
  const down = (placeOf("10 G")[1] ?? NaN) - (placeOf("100 G")[1] ?? NaN);
  const [x1 = NaN, y1 = NaN, x2 = NaN, y2 = NaN] = slope;
  assertAlmostEquals((y1 - y2) / (x2 - x1), down / across, 0.02);
  assertAlmostEquals(x2, placeOf("10")[0] ?? NaN, 1);
  assertAlmostEquals(y2, placeOf("100 G")[1] ?? NaN, 1);
  for (const [found = NaN, expected] of [[flat[0], x2], [flat[1], y2], [flat[3], y2]] as const) {
    assertAlmostEquals(found, expected, 1);
  }
});

Deno.test("the table has all that the picture has, the nearest to the roof first", () => {
  const [section] = rooflineSections(report);
  assertEquals(section?.figures.length, 2);
  assertEquals(section?.table?.rows.map(([name]) => name?.text), ["d2l/resnet18 forward", HOSTILE]);
  const large = rooflineSections(syntheticReport(listModels().slice(0, 30)))[0]?.table?.rows ?? [];
  assertEquals(large.length, 60);
  const shares = large.map((cells) => parseInt(cells[4]?.text ?? ""));
  assertEquals(shares, shares.toSorted((a, b) => b - a));
});

Deno.test("without the machine's limit there is no picture: HTML leaves it out, the file says why", async () => {
  const { limit: _, ...without } = report;
  assertEquals(rooflineSections(without), []);
  assert(!(await writeRanking(rankReport(without), without, { format: "html" })).includes("Roofline"));
  assertThrows(() => rooflineSvg(without), RangeError, "Expected a report with the machine's limit");
  const uncounted = { ...report, results: report.results.slice(2) };
  assertThrows(() => rooflineSvg(uncounted), RangeError, "Expected a report with operations and bytes");
});

Deno.test("reports in HTML have the roofline before the samples, a comparison the head's", async () => {
  const headings = (html: string) => [...html.matchAll(/<h2[^>]*>(.*?)<\/h2>/g)].map(([, text]) => text);
  const ranking = await writeRanking(rankReport(report), report, { format: "html" });
  const expected = ["Throughput", "What speed costs", "Roofline", "Samples over time"];
  assertEquals(headings(ranking).filter((heading) => expected.includes(heading ?? "")), expected);
  const sides = { base: report, head: report };
  const comparison = await writeComparison(compareReports(report, report), sides, { format: "html" });
  assert(headings(comparison).includes("Roofline of the head"));
  // ECharts numbers the pictures of a process.
  const [file, picture] = [await writeRanking(rankReport(report), report, { format: "roofline" }), rooflineSvg(report)]
    .map((svg) => svg.replaceAll(/zr\d+/g, "zr"));
  assertEquals(file, picture);
  assert(!/<script/.test(ranking + comparison));
});
