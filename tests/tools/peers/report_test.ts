import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { describeModel } from "../../../models/registry.ts";
import { COLUMNS, type Variant } from "../../../tools/peers/plan.ts";
import { comparisonsOf, figuresOf, summaryOf } from "../../../tools/peers/report.ts";
import type { Cell, Measured } from "../../../tools/peers/run.ts";
import { type PeersReport, peersReportSchema } from "../../../tools/peers/schema.ts";
import { markdownTable, reportText } from "../../../tools/peers/table.ts";
import { loadWarning, warningsOf } from "../../../tools/peers/warnings.ts";

const LIMIT = { convolution: 1e11, matmul: 2e11, copy: null };

function cell(variant: Variant, ms: number | number[], more: Partial<Cell> = {}): Cell {
  return {
    model: "d2l/lenet",
    mode: "train",
    precision: "float32",
    variant,
    batch: 100,
    samplesMs: Array.isArray(ms) ? ms : Array<number>(8).fill(ms),
    prepareMs: 1000,
    finite: true,
    ...more,
  };
}

const measured = (cells: Cell[], more: Partial<Measured> = {}): Measured => ({
  cells,
  failures: [],
  others: [],
  ready: new Map(),
  withoutBfloat16: undefined,
  interrupted: false,
  ...more,
});

Deno.test("the ratio is that of medians, against PyTorch's fastest variant", () => {
  const cells = [
    cell("convbench", [10, 10, 10, 500]),
    cell("tfjs", 40),
    cell("eager", 30),
    cell("channels_last", 15),
    cell("compile", 20),
  ];
  const [comparison] = comparisonsOf(cells, ["train"], LIMIT);
  assertEquals(comparison?.peer, { variant: "channels_last", precision: "float32", imagesPerSecond: 100 * 1000 / 15 });
  assertEquals(comparison?.ratio, 1.5);
  assertEquals(comparison?.overTfjs, 4);
  // 2 · MACs forward, twice that backward, in 10 ms.
  const flops = 6 * describeModel("d2l/lenet").macs * 100 / 0.01;
  assertAlmostEquals(comparison?.ofConvolutionPeak ?? NaN, flops / 1e11, 1e-12);
});

Deno.test("where bfloat16 is allowed each side counts by the better of its two precisions", () => {
  const bfloat16 = { precision: "bfloat16" } as const;
  const cells = [
    cell("convbench", 10),
    cell("convbench", 40, bfloat16),
    cell("eager", 30),
    cell("eager", 20, bfloat16),
  ];
  const [float32, reduced] = comparisonsOf(cells, ["train", "train-reduced"], LIMIT);
  assertEquals([float32?.ratio, reduced?.ratio], [3, 2]);
  assertEquals([reduced?.ours.precision, reduced?.peer?.precision], ["float32", "bfloat16"]);
});

Deno.test("a column in which nothing was measured in bfloat16 is left out", () => {
  const cells = [cell("convbench", 10), cell("eager", 20)];
  assertEquals(comparisonsOf(cells, COLUMNS, LIMIT).map(({ column }) => column), ["train"]);
});

Deno.test("the interval of the ratio holds it, and narrows to it where nothing varies", () => {
  const [still] = comparisonsOf([cell("convbench", 10), cell("eager", 20)], ["train"], LIMIT);
  for (const bound of still?.interval ?? []) assertAlmostEquals(bound, 2, 1e-9);
  const noisy = [cell("convbench", [9, 10, 11, 10, 9, 12]), cell("eager", [18, 20, 25, 19, 20, 22])];
  const [{ ratio, interval } = { ratio: null, interval: null }] = comparisonsOf(noisy, ["train"], LIMIT);
  const [low = NaN, high = NaN] = interval ?? [];
  assert(ratio !== null && low < ratio && ratio < high);
});

Deno.test("a side that is missing leaves its ratio open, and no geometric mean", () => {
  const [alone] = comparisonsOf([cell("convbench", 10)], ["train"], { ...LIMIT, convolution: null });
  assertEquals([alone?.peer, alone?.ratio, alone?.interval, alone?.overTfjs, alone?.ofConvolutionPeak], [
    null,
    null,
    null,
    null,
    null,
  ]);
  assertEquals(comparisonsOf([cell("eager", 10)], ["train"], LIMIT), []);
  assertEquals(summaryOf(alone === undefined ? [] : [alone]), [
    { column: "train", networks: 0, geomean: null, worst: null, overTfjs: null },
  ]);
});

Deno.test("a column's mean is geometric: what is twice as fast and half as fast is even", () => {
  fc.assert(fc.property(fc.double({ min: 0.01, max: 100, noNaN: true }), (factor) => {
    const second = { model: "d2l/bnlenet" } as const;
    const cells = [
      cell("convbench", 10),
      cell("eager", 10 * factor),
      cell("convbench", 10 * factor, second),
      cell("eager", 10, second),
    ];
    const [summary] = summaryOf(comparisonsOf(cells, ["train"], LIMIT));
    assertAlmostEquals(summary?.geomean ?? NaN, 1, 1e-9);
    assertAlmostEquals(summary?.worst?.ratio ?? NaN, Math.min(factor, 1 / factor), 1e-9);
  }));
});

const report = (run: Measured): PeersReport =>
  peersReportSchema.parse({
    schema: 1,
    environment: {
      cpu: "a processor",
      cores: 2,
      memory: null,
      os: "linux",
      versions: { torch: "2.15.0" },
      threads: { convbench: 2, eager: 2 },
      flags: {},
      load: { start: 0.1, end: 2 },
      commit: null,
      started: "2026-11-24T00:00:00Z",
    },
    settings: { size: "quick", rounds: 6, turnMs: 60, warmUpMs: 200, columns: ["train"] },
    setup: { libtensorflow: null, pytorch: 90 },
    seconds: 100,
    limit: LIMIT,
    ...figuresOf(run, ["train"], LIMIT),
    warnings: warningsOf(run, { load: 0.1, cores: 2 }),
  });

Deno.test("the report says medians, ratios, the machine, what set-up took, and what failed and why", () => {
  const failure = {
    model: "d2l/lenet",
    mode: "train",
    precision: "float32",
    variant: "compile",
    reason: "no C++",
  } as const;
  const failures = [failure, { ...failure, model: "d2l/nin" }, { ...failure, model: "d2l/vgg11" }] as const;
  const text = reportText(report(measured([cell("convbench", 10), cell("eager", 20)], { failures })));
  assertStringIncludes(text, "| d2l/lenet |   100 |    10,000 | 5,000 |     eager | 2.00× |  2.00 to 2.00 |");
  assertStringIncludes(text, "| train  |        1 |                            2.00× | 2.00× d2l/lenet |");
  assertStringIncludes(text, "- compile: no C++ (d2l/lenet train float32, d2l/nin train float32 and 1 more)");
  assertStringIncludes(text, "PyTorch took 1 min 30 s");
  assertStringIncludes(text, "a processor, 2 cores, linux; 2 threads on each side");
  assert(!text.includes("Warning"));
});

Deno.test("a report of nothing says so", () => {
  assertStringIncludes(reportText(report(measured([]))), "Nothing was measured");
});

Deno.test("a table is as wide as its widest cells", () => {
  assertEquals(markdownTable(["a", "b"], [["one", "12,345"]]), "| a   |      b |\n| --- | -----: |\n| one | 12,345 |");
});

Deno.test("a machine that is not quiet is told of, before and while it is measured", () => {
  assertEquals([loadWarning(0.4, 2), loadWarning(null, 2)], [undefined, undefined]);
  assertStringIncludes(loadWarning(0.41, 2) ?? "", "the load was 0.41 at the start, above 0.40");
  const others = [0.04, 0.31].map((
    share,
  ) => ({ model: "d2l/lenet", mode: "train", precision: "float32", share } as const));
  const run = measured([cell("convbench", [1, 2]), cell("eager", 3, { finite: false })], { others, interrupted: true });
  assertEquals(warningsOf(run, { load: 0, cores: 2 }), [
    "others took up to 31 % of the processors in 1 of 2 measurements",
    "1 results have fewer than 6 samples",
    "d2l/lenet train float32, eager: a step gave a number that is not finite",
    "interrupted: what follows is what was measured until then",
  ]);
});
