import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Ajv2020 } from "ajv/dist/2020.js";
import { parseReport, readReport, ReportError } from "../../../bench/report/read.ts";
import schema from "../../../bench/report/report.schema.json" with { type: "json" };
import { reportJsonSchema, type Result, resultName } from "../../../bench/report/schema.ts";
import { makeReport, makeResult } from "./support.ts";

const good = () => makeReport([makeResult(), makeResult({}, { mode: "train" })]);
const text = (value: unknown) => JSON.stringify(value);
const withResult = (fields: Record<string, unknown>) =>
  text({ ...good(), results: [{ ...makeResult(), ...fields } as unknown as Result] });
const samples = (third: unknown) => withResult({ samplesMs: [1, 2, third], process: [0, 0, 0] });

Deno.test("parseReport() reads what was written, whatever a later version added", () => {
  assertEquals(parseReport(text(good()), "a.json"), good());
  assertEquals(parseReport(`\uFEFF${text({ ...good(), later: 1 })}`, "a.json"), good());
});

for (
  const [what, report, message] of [
    ["an empty file", " \n", "Expected a.json to be a report but found an empty file"],
    ["a truncated report", text(good()).slice(0, 300), "Expected a.json to be JSON but found a file that breaks off"],
    [
      "a report without its last brace",
      text(good()).slice(0, -1),
      "Expected a.json to be JSON but found a file that breaks off",
    ],
    ["text", "no JSON", "Expected a.json to be JSON but found a mistake (Unexpected token"],
    ["NaN", text(good()).replace(/"samplesMs":\[[\d.]+/, '"samplesMs":[NaN'), "found a mistake (Unexpected token 'N'"],
    [
      "deno bench's report",
      text({ version: 1, runtime: "Deno", cpu: "CPU", benches: [] }),
      'Expected a.json to be a report of convbench bench but found an object with "version", "runtime", "cpu", "benches"',
    ],
    ["null", "null", "Expected a.json to be a report of convbench bench but found null"],
    ["a list", "[1]", "Expected a.json to be a report of convbench bench but found [1]"],
    ["an empty object", "{}", "Expected a.json to be a report of convbench bench but found an empty object"],
    [
      "a newer report",
      text({ ...good(), schema: 2 }),
      "Expected a.json to have schema 1 but found 2: it was written by a newer convbench",
    ],
    ["no such schema", text({ ...good(), schema: 0 }), "Expected schema of a.json to be one of 1 but found 0"],
    [
      "a sample that is null",
      samples(null),
      "Expected results[0].samplesMs[2] of a.json to be of type number but found null",
    ],
    ["a negative sample", samples(-1), "Expected results[0].samplesMs[2] of a.json to be greater than 0 but found -1"],
    ["a sample of no time", samples(0), "Expected results[0].samplesMs[2] of a.json to be greater than 0 but found 0"],
    [
      "no samples",
      withResult({ samplesMs: [], process: [] }),
      "results[0].samplesMs of a.json to have at least 1 entries",
    ],
    [
      "samples of unknown processes",
      withResult({ samplesMs: [1, 2], process: [0] }),
      'Expected process of "d2l/resnet18 forward" in a.json to have an entry for each of 2 samples but found 1',
    ],
    ["a mode that is none", withResult({ mode: "sideways" }), 'to be one of "forward", "train" but found "sideways"'],
    ["an escape sequence in a name", withResult({ name: "\x1b[2J" }), "Expected results[0].name of a.json to be valid"],
    [
      "a name twice",
      text({ ...good(), results: [makeResult(), makeResult()] }),
      'Expected names in a.json to be unique but found "d2l/resnet18 forward" twice',
    ],
  ] as const
) {
  Deno.test(`parseReport() throws on ${what}, in a sentence`, () => {
    const error = assertThrows(() => parseReport(report, "a.json"), ReportError, message);
    assert(!/\n|\.$/.test(error instanceof Error ? error.message : "\n"));
  });
}

Deno.test("parseReport() throws on an infinite sample", () => {
  const huge = samples(3).replace("[1,2,3]", "[1,2,1e999]");
  assertThrows(() => parseReport(huge, "a.json"), ReportError, "Expected results[0].samplesMs[2] of a.json");
});

Deno.test("readReport() says what there is in the place of a file", async () => {
  await assertRejects(
    () => readReport("nothing.json"),
    ReportError,
    "Expected a report at nothing.json but found no such file",
  );
  await assertRejects(() => readReport("tests"), ReportError, "Expected a report at tests but found");
});

Deno.test("report.schema.json says what the zod schema says", () => {
  assertEquals(schema as unknown, reportJsonSchema(), "run `deno run -A tools/jsr.ts run -A tools/report_schema.ts`");
});

Deno.test("report.schema.json accepts a report and refuses what is none", () => {
  const validate = new Ajv2020({ strict: false }).compile(schema);
  assert(validate(good()), text(validate.errors));
  for (
    const broken of [{}, { ...good(), schema: 2 }, JSON.parse(samples(-1)), JSON.parse(withResult({ name: "\n" }))]
  ) {
    assert(!validate(broken));
  }
});

Deno.test("resultName() leaves out what is the usual precision", () => {
  assertEquals(resultName({ model: "d2l/lenet", mode: "train", precision: "float32" }), "d2l/lenet train");
  assertEquals(resultName({ model: "d2l/lenet", mode: "train", precision: "bfloat16" }), "d2l/lenet train bfloat16");
});
