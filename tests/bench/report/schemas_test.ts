/**
 * What other programs read of ours, against what they publish about it.
 *
 * @module
 */
import { DOMParser, type Element } from "@xmldom/xmldom";
import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { Ajv } from "ajv";
// @ts-types="@types/papaparse"
import Papa from "papaparse";
import { compareReports } from "../../../bench/report/compare.ts";
import { type Format, writeComparison, writeRanking } from "../../../bench/report/format.ts";
import { rankReport } from "../../../bench/report/rank.ts";
import { parseReport } from "../../../bench/report/read.ts";
import type { Report } from "../../../bench/report/schema.ts";
import { listModels } from "../../../mod.ts";
import { syntheticReport } from "../../../tools/synthetic_report.ts";
import { makeReport, makeResult } from "./support.ts";

const HOSTILE = `<img src=x onerror="alert(1)">|\`*_a_* @octocat #1 =1+1 &amp; ${"${x}"}`;

const base = makeReport([
  makeResult({ seed: 1 }),
  makeResult({ seed: 2, milliseconds: 60 }, { mode: "train" }),
  makeResult({ seed: 3 }, { model: HOSTILE, name: HOSTILE }),
  makeResult({ seed: 7 }, { model: "d2l/nin" }),
]);
const head: Report = {
  ...makeReport([
    makeResult({ seed: 4, milliseconds: 22.4 }),
    makeResult({ seed: 5, milliseconds: 60 }, { mode: "train", peakMemory: null }),
    makeResult({ seed: 6, samples: 1, processes: 1 }, { model: HOSTILE, name: HOSTILE }),
  ]),
  failures: [{ name: "d2l/vgg11 forward", reason: `died of ${HOSTILE}` }],
};
const comparison = compareReports(base, head);
const compared = (format: Format) => writeComparison(comparison, { base, head }, { format });
const ranked = (format: Format, report = head) => writeRanking(rankReport(report), report, { format });

Deno.test("the synthetic report that tools use is one by our own schema", () => {
  const report = syntheticReport(listModels("d2l/*le*"));
  assertEquals(parseReport(JSON.stringify(report), "it"), report);
});

Deno.test("github-action-benchmark: an array of name, unit, value, range and extra, and nothing that it drops", async () => {
  const entries: Record<string, unknown>[] = JSON.parse(await compared("github-action-benchmark"));
  assertEquals(entries.map(({ name }) => name), ["d2l/resnet18 forward", "d2l/resnet18 train", HOSTILE]);
  for (const [i, { name, unit, value, extra, ...rest }] of entries.entries()) {
    assertEquals([name, unit, value, extra].map((field) => typeof field), ["string", "string", "number", "string"]);
    // It is read as a number behind the sign; a single sample has none.
    if (i === 2) assertEquals(rest, {});
    else {
      assertEquals(Object.keys(rest), ["range"]);
      const [, range] = /^± (\d.+)$/.exec(String(rest.range)) ?? [];
      assert(Number(range) > 0, String(rest.range));
    }
  }
  assertEquals(entries[0]?.value, comparison.rows[0]?.head.summary.median);
});

/** https://bencher.dev/bmf.json */
const BMF = {
  $id: "https://bencher.dev/bmf.json",
  $schema: "http://json-schema.org/draft-07/schema",
  type: "object",
  patternProperties: {
    ".+": {
      type: "object",
      patternProperties: {
        ".+": {
          type: "object",
          properties: {
            value: { type: "number" },
            lower_value: { type: "number" },
            upper_value: { type: "number" },
          },
          required: ["value"],
        },
      },
    },
  },
};

Deno.test("Bencher's metrics are valid by its schema, latency in nanoseconds", async () => {
  const metrics = JSON.parse(await ranked("bencher"));
  const validate: (value: unknown) => boolean = new Ajv().compile(BMF);
  assert(validate(metrics));
  assert(!validate({ a: { latency: { lower_value: 1 } } }));
  const { latency, throughput } = metrics["d2l/resnet18 forward"];
  assertAlmostEquals(latency.value * throughput.value, 16e9, 1);
  assert(latency.lower_value < latency.value && latency.value < latency.upper_value);
  assert(throughput.lower_value < throughput.value && throughput.value < throughput.upper_value);
  assertEquals(Object.keys(metrics[HOSTILE].latency), ["value"]);
  // Bencher takes names of 1,024 characters, and measures that are slugs of 64.
  for (const [name, measures] of Object.entries<Record<string, unknown>>(metrics)) {
    assert(name.length <= 1024);
    for (const measure of Object.keys(measures)) assert(/^[a-z][a-z-]{0,63}$/.test(measure), measure);
  }
});

/** What Jenkins' xunit plugin takes (junit-10.xsd): attributes that have to be there, others, and children. */
const JUNIT: Readonly<Record<string, readonly [required: string[], optional: string[], children: string[]]>> = {
  testsuites: [[], ["name", "time", "tests", "failures", "errors"], ["testsuite"]],
  testsuite: [
    ["name", "tests", "failures", "errors"],
    ["time", "skipped", "timestamp", "hostname", "id", "package", "file"],
    ["properties", "testcase", "system-out", "system-err"],
  ],
  testcase: [["name"], ["time", "classname"], ["skipped", "error", "failure", "system-out", "system-err"]],
  failure: [[], ["type", "message"], []],
  error: [[], ["type", "message"], []],
  skipped: [[], ["type", "message"], []],
  "system-out": [[], [], []],
};

function complaints(element: Element): string[] {
  const { tagName } = element;
  const [required, optional, children] = JUNIT[tagName] ?? [[], [], []];
  const attributes = [...element.attributes].map(({ name }) => name);
  const elements = [...element.childNodes].filter((node): node is Element => node.nodeType === 1);
  return [
    ...tagName in JUNIT ? [] : [`<${tagName}>`],
    ...required.filter((name) => !attributes.includes(name)).map((name) => `<${tagName}> without ${name}`),
    ...attributes.filter((name) => ![...required, ...optional].includes(name)).map((name) => `<${tagName} ${name}>`),
    ...elements.filter((one) => !children.includes(one.tagName)).map((one) => `<${one.tagName}> in <${tagName}>`),
    ...elements.flatMap(complaints),
  ];
}

function readXml(text: string) {
  const document = new DOMParser({
    onError: (level, message) => {
      throw new Error(`${level}: ${message}`);
    },
  }).parseFromString(text, "text/xml");
  const root = document.documentElement;
  assert(root !== null);
  return { root, all: (tag: string) => [...document.getElementsByTagName(tag)] };
}

for (const [what, write] of [["comparison", compared], ["ranking", ranked]] as const) {
  Deno.test(`JUnit's XML of a ${what} is what Jenkins' schema says, and its totals are true`, async () => {
    const { root, all } = readXml(await write("junit"));
    assertEquals([root.tagName, complaints(root)], ["testsuites", []]);
    const [suite] = all("testsuite");
    for (const [total, tag] of Object.entries({ tests: "testcase", failures: "failure", errors: "error" })) {
      assertEquals(suite?.getAttribute(total), String(all(tag).length), total);
    }
    for (const one of all("testcase")) assert(/^(\d+\.\d{6})?$/.test(one.getAttribute("time") ?? ""));
  });
}

Deno.test("JUnit's XML fails what is a regression and reports what died", async () => {
  const comparison = readXml(await compared("junit"));
  assertEquals(comparison.all("testcase").map((one) => one.getAttribute("name")).slice(0, 3), [
    "d2l/resnet18 forward",
    "d2l/resnet18 train",
    HOSTILE,
  ]);
  assertEquals(comparison.all("failure").length, 1);
  assertStringIncludes(comparison.all("failure")[0]?.getAttribute("message") ?? "", "slower by +1");
  const report = readXml(await ranked("junit"));
  assertEquals(report.all("error").map((one) => one.getAttribute("message")), [`died of ${HOSTILE}`]);
  assertEquals(report.all("testcase").length, 4);
});

/** Of timm's results/benchmark-infer-amp-nhwc-pt240-cu124-rtx4090.csv: infer_img_size, param_count, infer_gmacs, infer_macts. */
const TIMM = {
  "torchvision/resnet18": [224, 11.69, 1.82, 2.48],
  "torchvision/resnet34": [224, 21.8, 3.67, 3.74],
  "timm/regnetx_002": [224, 2.68, 0.2, 2.16],
  "timm/regnety_008": [224, 6.26, 0.81, 5.25],
} as const;

Deno.test("CSV holds what timm's own file holds of the same networks, in the same columns", async () => {
  const report = syntheticReport(listModels(`{${Object.keys(TIMM).join()}}`));
  const csv = await ranked("csv", report);
  const { data, meta } = Papa.parse<Record<string, string>>(csv.trimEnd(), { header: true });
  const columns = ["model", "infer_samples_per_sec", "infer_step_time", "infer_batch_size", "infer_img_size"];
  const more = ["param_count", "infer_gmacs", "infer_macts"];
  for (const column of [...columns, ...more]) assert(meta.fields?.includes(column), column);
  for (const [model, expected] of Object.entries(TIMM)) {
    const row = data.find((row) => row.model === model);
    // timm rounds to two digits; its MACs are fvcore's, which count normalisation and pooling as well.
    for (const [i, column] of ["infer_img_size", ...more].entries()) {
      const value = expected[i] ?? NaN;
      assertAlmostEquals(
        Number(row?.[column]),
        value,
        0.0051 + (column === "infer_gmacs" ? value / 50 : 0),
        `${column} of ${model}`,
      );
    }
    const { infer_samples_per_sec, infer_step_time, infer_batch_size } = row ?? {};
    const rate = 1000 * Number(infer_batch_size) / Number(infer_step_time);
    assertAlmostEquals(Number(infer_samples_per_sec) / rate, 1, 1e-4);
  }
});
