import { assert, assertEquals } from "@std/assert";
import type { BackendChoice } from "../../../bench/browser/backends.ts";
import { measureBackend, type RunHere, type Settings } from "../../../bench/browser/run.ts";
import { parseReport } from "../../../bench/report/read.ts";
import type { Job } from "../../../bench/sampler/messages.ts";
import { ENVIRONMENT } from "../report/support.ts";
import { choiceOf, fakeStarts, info, WEBGPU } from "./support.ts";

const SETTINGS: Settings = {
  models: ["d2l/lenet", "d2l/bnlenet"],
  modes: ["forward", "train"],
  batch: 8,
  samples: 6,
  starts: 3,
  limit: false,
};
const wasm = choiceOf([info("wasm")]);

async function run(choice: BackendChoice, settings: Partial<Settings>, here: Partial<RunHere> = {}) {
  const jobs: Job[] = [];
  const report = await measureBackend(choice, { ...SETTINGS, ...settings }, {
    start: fakeStarts(jobs),
    signal: new AbortController().signal,
    watch: () => {},
    clockMs: 0.1,
    environment: () => ENVIRONMENT,
    wasHidden: () => false,
    ...here,
  });
  return { jobs, report };
}

Deno.test("each network and mode gets its fresh starts on the chosen backend and device", async () => {
  const { jobs, report } = await run(wasm, {});
  assertEquals(jobs.length, 2 * 2 * 3);
  for (const job of jobs) assertEquals([job.kind, job.backend, job.device], ["model", "wasm", "cpu"]);
  const read = parseReport(JSON.stringify(report), "report");
  assertEquals(read.results.map(({ name, process }) => `${name} ${process.join("")}`), [
    "d2l/lenet forward 001122",
    "d2l/lenet train 001122",
    "d2l/bnlenet forward 001122",
    "d2l/bnlenet train 001122",
  ]);
});

Deno.test("the browser's own limit is measured before and after where it is asked for, and only there", async () => {
  const kinds = (jobs: readonly Job[]) => jobs.map(({ kind }) => kind).join(" ");
  const one = { models: ["d2l/lenet"], modes: ["forward"], starts: 1 } as const;
  const { jobs } = await run(wasm, one);
  assertEquals(kinds(jobs), "model");
  const with_ = await run(wasm, { ...one, limit: true });
  assertEquals(kinds(with_.jobs), "peak model peak");
  assertEquals(with_.report?.limit?.matmul, 1e9);
  assert(with_.report?.results.every(({ utilisation }) => utilisation !== null));
});

Deno.test("a result beyond the browser's own limit says that it is not to be believed", async () => {
  const notes = async (ms: number) => {
    const settings = { models: ["d2l/lenet"], modes: ["forward"], limit: true } as const;
    const { report } = await run(wasm, settings, { start: fakeStarts([], { ms }), clockMs: 0.001 });
    return report?.results[0]?.notes ?? [];
  };
  // LeNet's 416,520 multiply-accumulates of 8 images take 6.7 ms at 1 GFLOP/s.
  assertEquals(await notes(7), []);
  assert((await notes(5))[0]?.startsWith("not to be believed: 1.33 times the machine's own fastest matrix product"));
});

Deno.test("results of a software adapter say so in each of them", async () => {
  const { report, jobs } = await run(choiceOf(WEBGPU.software), {});
  assertEquals([jobs[0]?.backend, jobs[0]?.device], ["webgpu", "cpu"]);
  for (const { notes } of report?.results ?? []) {
    assertEquals(notes, ["software: llvmpipe computes on the CPU, and tells nothing about a GPU"]);
  }
  const real = await run(choiceOf(WEBGPU.gpu), {});
  assertEquals(real.report?.results.flatMap(({ notes = [] }) => notes), []);
});

Deno.test("what was measured out of sight says so, the rest does not", async () => {
  let looks = 0;
  // Asked once before the run, then when a start begins and when it is over: the page was hidden in the first one.
  const { report } = await run(wasm, { starts: 1 }, { wasHidden: () => ++looks === 3 });
  assertEquals(report?.results.map(({ notes = [] }) => notes.length), [1, 0, 0, 0]);
  assert(report?.results[0]?.notes?.[0]?.startsWith("the page was out of sight"));
});

Deno.test("a run that is stopped keeps what is measured; one that has nothing gives no report", async () => {
  const controller = new AbortController();
  let measured = 0;
  const watch: RunHere["watch"] = ({ type }) => {
    if (type === "measured" && ++measured === 2) controller.abort();
  };
  const { report } = await run(wasm, {}, { signal: controller.signal, watch });
  assertEquals(report?.results.map(({ name, samplesMs }) => [name, samplesMs.length]), [
    ["d2l/lenet forward", 2],
    ["d2l/lenet train", 2],
  ]);
  assertEquals(report?.results[0]?.notes, ["2 of 6 samples: interrupted"]);
  assertEquals((await run(wasm, {}, { signal: AbortSignal.abort() })).report, undefined);
});

Deno.test("what fails or is too quick for the clock is among the failures, and the rest is measured", async () => {
  const jobs: Job[] = [];
  const failing = await run(wasm, { starts: 1 }, { start: fakeStarts(jobs, { fail: 2 }) });
  assertEquals(failing.report?.results.length, 2);
  assertEquals(failing.report?.failures?.map(({ reason }) => reason), [
    "process 1 failed: a buffer is too large",
    "process 1 failed: a buffer is too large",
  ]);
  const quick = await run(wasm, { models: ["d2l/lenet"] }, { start: fakeStarts([], { ms: 0 }) });
  assertEquals([quick.report?.results.length, quick.report?.failures?.length], [0, 2]);
  parseReport(JSON.stringify(quick.report), "report");
});
