import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { compareReports, type Comparison, ComparisonError } from "../../../bench/report/compare.ts";
import type { Report } from "../../../bench/report/schema.ts";
import { summarize } from "../../../bench/report/summary.ts";
import { hashSeed } from "../../../models/random.ts";
import { makeReport, makeResult, type Noise } from "./support.ts";

/** A report of these networks, `slower` times as slow; `run` decides the noise. */
function runOf(
  models: readonly string[],
  { run, slower = 1, ...noise }: Noise & { run: number; slower?: number },
): Report {
  return makeReport(
    models.map((model) => makeResult({ ...noise, milliseconds: 20 * slower, seed: hashSeed(run, model) }, { model })),
  );
}

const one = ["d2l/resnet18"];
const verdicts = ({ rows }: Comparison) => rows.map(({ verdict, regression }) => regression ? "regression" : verdict);

Deno.test("a slowdown of ten percent is a regression, one of three percent only slower, none is ~", () => {
  const base = runOf(one, { run: 1, between: 0.001, within: 0.005 });
  const compared = (slower: number) =>
    verdicts(compareReports(base, runOf(one, { run: 2, slower, between: 0.001, within: 0.005 })));
  assertEquals(compared(1.1), ["regression"]);
  assertEquals(compared(1.03), ["slower"]);
  assertEquals(compared(1), ["~"]);
  assertEquals(compared(0.9), ["faster"]);
});

Deno.test("the threshold is met by an estimate that equals it", () => {
  const samples = (milliseconds: number) =>
    makeReport([
      makeResult({}, { samplesMs: Array(30).fill(milliseconds), process: [...Array(30).keys()].map((i) => i % 3) }),
    ]);
  const compared = (head: number, threshold: number) =>
    verdicts(compareReports(samples(100), samples(head), { threshold }));
  assertEquals(compared(105, 0.05), ["regression"]);
  assertEquals(compared(104.9, 0.05), ["slower"]);
  assertEquals(compared(101, 0), ["regression"]);
});

Deno.test("what one process did is not proven of the head", () => {
  const base = runOf(one, { run: 1, between: 0, within: 0.01 });
  const head = makeReport(
    runOf(one, { run: 2, between: 0, within: 0.01 }).results.map((result) => ({
      ...result,
      samplesMs: result.samplesMs.map((ms, i) => (result.process[i] ?? 0) > 0 ? 1.2 * ms : ms),
    })),
  );
  const [row] = compareReports(base, head).rows;
  assert((row?.p ?? 1) < 0.01, "all samples together differ");
  assertEquals([row?.verdict, row?.regression], ["~", false]);
});

Deno.test("what so few samples may do by accident is not proven, far apart as they are", () => {
  const side = (samplesMs: number[]) => makeReport([makeResult({}, { samplesMs, process: [0, 0, 0, 0] })]);
  const [row] = compareReports(side([10, 11, 12, 13]), side([20, 21, 22, 23])).rows;
  assert((row?.interval?.[0] ?? 0) > 1, "the interval leaves out 1");
  // 2 of the 70 ways to deal out the ranks.
  assertAlmostEquals(row?.p ?? 0, 2 / 70, 1e-12);
  assertEquals(row?.verdict, "~");
});

Deno.test("summary fields are not looked at", () => {
  const [base, head] = [runOf(one, { run: 1 }), runOf(one, { run: 2 })];
  const lying = makeReport(
    head.results.map((result) => ({ ...result, median: 1e6, imagesPerSecond: 1, confidenceInterval: [1, 2] })),
  );
  assertEquals(
    compareReports(base, lying).rows.map(({ ratio, p, verdict }) => [ratio, p, verdict]),
    compareReports(base, head).rows.map(({ ratio, p, verdict }) => [ratio, p, verdict]),
  );
});

Deno.test("a report compared with itself shows nothing, of any samples", () => {
  const samples = fc.array(fc.tuple(fc.double({ min: 0.01, max: 1e4, noNaN: true }), fc.nat(3)), {
    minLength: 1,
    maxLength: 15,
  });
  fc.assert(
    fc.property(samples, (pairs) => {
      const report = makeReport([
        makeResult({}, { samplesMs: pairs.map(([ms]) => ms), process: pairs.map(([, process]) => process) }),
      ]);
      const { rows, geomean } = compareReports(report, report);
      assertEquals(verdicts({ rows } as Comparison), ["~"]);
      assertAlmostEquals(geomean, 1, 1e-12);
    }),
    { numRuns: 50 },
  );
});

Deno.test("geomean is that of the ratios", () => {
  const models = ["a", "b", "c"];
  const { rows, geomean } = compareReports(runOf(models, { run: 1 }), runOf(models, { run: 2, slower: 1.3 }));
  assertAlmostEquals(geomean ** 3, rows.reduce((product, { ratio }) => product * ratio, 1), 1e-9);
});

Deno.test("more results ask for more proof of each", () => {
  const p = (count: number) => {
    const models = [...Array(count).keys()].map((i) => `model${i}`);
    const noise = { samples: 4, between: 0, within: 0.01 };
    return compareReports(runOf(models, { run: 1, ...noise }), runOf(models, { run: 2, slower: 1.02, ...noise }))
      .rows[0]?.p ?? 0;
  };
  assert(p(20) > p(1));
});

Deno.test("results that only one side has, or of another batch, are named and left out", () => {
  const base = makeReport([makeResult(), makeResult({}, { model: "d2l/nin" }), makeResult({}, { model: "d2l/vgg" })]);
  const head: Report = {
    ...makeReport([
      makeResult(),
      makeResult({}, { model: "d2l/vgg", batch: 8 }),
      makeResult({}, { model: "d2l/lenet" }),
    ]),
    failures: [{ name: "d2l/nin forward", reason: "it ran out of memory" }],
  };
  const { rows, unmatched } = compareReports(base, head);
  assertEquals(rows.map(({ name }) => name), ["d2l/resnet18 forward"]);
  assertEquals(unmatched, [
    { name: "d2l/nin forward", reason: "only in the base: it ran out of memory" },
    { name: "d2l/vgg forward", reason: "batch 16 in float32 in the base but batch 8 in float32 in the head" },
    { name: "d2l/lenet forward", reason: "only in the head" },
  ]);
});

Deno.test("compareReports() throws where nothing is in common", () => {
  assertThrows(
    () => compareReports(runOf(["a"], { run: 1 }), runOf(["b"], { run: 2 })),
    ComparisonError,
    'Expected results that both reports have but found "a forward" in the base and "b forward" in the head',
  );
  assertThrows(() => compareReports(makeReport([]), makeReport([])), ComparisonError, "no results in the base");
  assertThrows(
    () => compareReports(makeReport([makeResult()]), makeReport([makeResult({}, { batch: 8 })])),
    ComparisonError,
    'of "d2l/resnet18 forward", batch 16 in float32 in the base but batch 8 in float32 in the head',
  );
});

for (
  const [what, environment, fields, message] of [
    ["CPU", { cpu: "Apple M4" }, {}, "found cpu AMD EPYC in the base and Apple M4 in the head"],
    ["GPU", { gpu: "H100" }, {}, "gpu none in the base and H100 in the head"],
    ["number of cores", { cores: 4 }, {}, "cores 2 in the base and 4 in the head"],
    ["OS", { os: "darwin aarch64" }, {}, "os linux x86_64 in the base and darwin aarch64 in the head"],
    ["flag", { flags: { oneDNN: false } }, {}, "flags.oneDNN true in the base and false in the head"],
    ["unknown flag", { flags: { oneDNN: true, TF32: true } }, {}, "flags.TF32 none in the base and true in the head"],
    ["backend", {}, { backend: "wasm" }, "backend tensorflow in the base and wasm in the head"],
  ] as const
) {
  Deno.test(`another ${what} is refused without force, and told with it`, () => {
    const [base, head] = [makeReport([makeResult()]), makeReport([makeResult({}, fields)], environment)];
    assertThrows(() => compareReports(base, head), ComparisonError, message);
    assertEquals(compareReports(base, head, { force: true }).differences.map(({ machine }) => machine), [true]);
  });
}

Deno.test("other versions are compared, and told", () => {
  const { differences } = compareReports(makeReport([makeResult()]), makeReport([makeResult()], { deno: "2.10.0" }));
  assertEquals(differences, [{ what: "deno", base: "2.9.6", head: "2.10.0", machine: false }]);
});

Deno.test("a single sample is compared, with a warning as data", () => {
  const single = makeReport([makeResult({ processes: 1, samples: 1 })]);
  const [row] = compareReports(runOf(one, { run: 1 }), single).rows;
  assertEquals([row?.verdict, row?.interval], ["~", null]);
  assertEquals(row?.warnings, [
    { kind: "few-samples", message: "head: a single sample: at least 6 are needed for a 95 % interval" },
    {
      kind: "one-process",
      message: "head: one process: what differs from one start to the next is not in the interval",
    },
  ]);
});

Deno.test("summarize() warns of samples that drift", () => {
  const sample = { samplesMs: [...Array(30).keys()].map((i) => 20 - 0.3 * i), process: Array(30).fill(0) };
  assertEquals(summarize(sample).warnings.map(({ kind }) => kind), ["one-process", "unstable"]);
  assertEquals(summarize(makeResult()).warnings, []);
});

Deno.test("of runs that do not differ few are called regressions, of those that do most", () => {
  const trials = 150;
  const noise = { between: 0.01, within: 0.02 };
  const share = (slower: number) => {
    let found = 0;
    for (let trial = 0; trial < trials; trial++) {
      const { rows } = compareReports(
        runOf(one, { run: 2 * trial, ...noise }),
        runOf(one, { run: 2 * trial + 1, slower, ...noise }),
      );
      if (rows[0]?.regression) found++;
    }
    return found / trials;
  };
  assert(share(1) <= 0.01, "false alarms");
  assert(share(1.1) >= 0.95, "found");
});
