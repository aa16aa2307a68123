import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { BackendRecord } from "../../../bench/sampler/messages.ts";
import { beyondLimit, LIMIT_TOLERANCE, reportOf, utilisation } from "../../../bench/sampler/report.ts";
import type { Sampled, Tally } from "../../../bench/sampler/sampler.ts";
import { parseReport } from "../../../bench/report/read.ts";
import { type Environment, REPORT_SCHEMA } from "../../../bench/report/schema.ts";

const backend: BackendRecord = { name: "wasm", device: "cpu", version: "4.22.0", features: {}, tfjs: "4.22.0" };
const limit = { convolution: 30e9, matmul: 20e9, copy: 10e9 };
const environment: Environment = {
  cpu: "CPU",
  cores: 2,
  memory: 8e9,
  gpu: null,
  driver: null,
  os: "linux x86_64",
  deno: "2.9.6",
  v8: "15.0",
  tfjs: "4.22.0",
  libtensorflow: null,
  threads: 1,
  flags: { simd: true },
  load: { start: 0, end: 1 },
  commit: null,
  started: null,
};
const options = { environment, precision: "float32", samples: 6 } as const;

const tally = (more: Partial<Tally> = {}): Tally => ({
  model: "d2l/alexnet",
  mode: "forward",
  batch: 16,
  samplesMs: [100, 110, 90, 100, 120, 80],
  process: [0, 0, 1, 1, 2, 2],
  firstStepsMs: [900, 700, 800],
  deviceMs: [],
  peakMemory: 5e8,
  notes: [],
  ...more,
});
const sampled = (tallies: Tally[], more: Partial<Sampled> = {}): Sampled => ({
  backend,
  limit,
  tallies,
  interrupted: false,
  ...more,
});

Deno.test("a result has the kernels' milliseconds where the device told them, and no such key elsewhere", () => {
  const { results } = reportOf(sampled([tally({ deviceMs: [7, 5, 6] }), tally({ mode: "train" })]), options);
  const [forward, train] = parseReport(JSON.stringify({ schema: REPORT_SCHEMA, environment, results }), "r").results;
  assertEquals([forward?.deviceMs, train?.deviceMs], [6, undefined]);
});

Deno.test("a report is read by the schema that is exported, and says what was measured", () => {
  const report = reportOf(sampled([tally(), tally({ mode: "train" })]), options);
  const [forward, train] = parseReport(JSON.stringify(report), "report").results;
  assertEquals([forward?.name, train?.name], ["d2l/alexnet forward", "d2l/alexnet train"]);
  assertEquals(forward?.samplesMs, tally().samplesMs);
  assertEquals(forward?.process, tally().process);
  assertEquals([forward?.median, forward?.imagesPerSecond], [100, 160]);
  assertEquals([forward?.firstStepMs, forward?.peakMemory], [800, 5e8]);
  // PyTorch's count (tests/fixtures).
  assertEquals(forward?.params, 46_764_746);
  assertEquals(forward?.inputShape, [224, 224, 1]);
  assertEquals([report.failures, report.limit], [undefined, limit]);
});

Deno.test("utilisation is two operations a multiply-accumulate, of the best that the machine did, thrice in training", () => {
  const cost = { params: 1e6, macs: 3e9, activations: 2e6 };
  const at = (mode: "forward" | "train") => utilisation(cost, { mode, batch: 2 }, 1000, limit);
  // 2 · 3e9 · 2 images in a second of 30e9.
  assertAlmostEquals(at("forward").compute ?? NaN, 12 / 30);
  assertAlmostEquals(at("train").compute ?? NaN, 36 / 30);
  // Each of 2 · 2e6 outputs written and read, and 1e6 parameters read: 4 · (8e6 + 1e6) bytes of 10e9.
  assertAlmostEquals(at("forward").bandwidth ?? NaN, 36e6 / 10e9);
  assertAlmostEquals(at("train").bandwidth ?? NaN, 108e6 / 10e9);
});

Deno.test("without a limit there is no utilisation, and nothing is beyond it", () => {
  const none = { convolution: null, matmul: null, copy: null };
  const [result] = reportOf(sampled([tally()], { limit: none }), options).results;
  assert(result);
  assertEquals([result.utilisation, result.bandwidthUtilisation], [null, null]);
  assertEquals(beyondLimit(result), undefined);
});

Deno.test("a result above the machine's own limit is not to be believed", () => {
  // d2l/alexnet: 938 M multiply-accumulates an image, 30 GFLOP in a step of 16.
  const results = (ms: number) =>
    reportOf(sampled([tally({ samplesMs: tally().samplesMs.map(() => ms) })]), options).results;
  const [honest] = results(1000);
  const [dishonest] = results(500);
  assert(honest && dishonest);
  assert((honest.utilisation ?? 0) <= LIMIT_TOLERANCE && (dishonest.utilisation ?? 0) > LIMIT_TOLERANCE);
  assertEquals(beyondLimit(honest), undefined);
  assertEquals(
    beyondLimit(dishonest),
    `${dishonest.utilisation?.toFixed(2)} times the machine's own fastest matrix product and convolution: the timer ` +
      "did not wait for the work",
  );
});

Deno.test("so is one that moves more bytes than the machine can", () => {
  const [result] =
    reportOf(sampled([tally()], { limit: { convolution: 1e15, matmul: 1e15, copy: 1e6 } }), options).results;
  assert(result);
  assert(beyondLimit(result)?.includes("the machine's own fastest copy"));
});

Deno.test("what failed is named, and what it measured before is kept and says so", () => {
  const died = tally({ samplesMs: [100, 110], process: [0, 0], failure: "process 2 ended by SIGSEGV" });
  const never = tally({ mode: "train", samplesMs: [], process: [], firstStepsMs: [], failure: "process 1 no room" });
  const { results, failures } = reportOf(sampled([died, never]), options);
  assertEquals(results.map(({ notes }) => notes), [["2 of 6 samples: process 2 ended by SIGSEGV"]]);
  assertEquals(failures, [
    { name: "d2l/alexnet forward", reason: "process 2 ended by SIGSEGV" },
    { name: "d2l/alexnet train", reason: "process 1 no room" },
  ]);
});

Deno.test("an interrupted run says of each result how far it came", () => {
  const part = tally({ samplesMs: [100], process: [0] });
  const none = tally({ mode: "train", samplesMs: [], process: [] });
  const { results, failures } = reportOf(sampled([part, none], { interrupted: true }), options);
  assertEquals(results.map(({ notes, confidenceInterval }) => [notes, confidenceInterval]), [
    [["1 of 6 samples: interrupted"], null],
  ]);
  assertEquals(failures, [{ name: "d2l/alexnet train", reason: "interrupted before its first sample" }]);
});

Deno.test("forward passes are counted without auxiliary classifiers, training with them", () => {
  const both = (["forward", "train"] as const).map((mode) => tally({ model: "torchvision/googlenet_aux", mode }));
  const [forward, train] = reportOf(sampled(both), options).results;
  // torchvision's GoogLeNet without heads has 6,624,904 parameters, with them 13,004,888.
  assertEquals([forward?.params, train?.params], [6_624_904, 13_004_888]);
  assert((train?.macs ?? 0) > (forward?.macs ?? 0));
});
