import { assert, assertEquals, assertRejects } from "@std/assert";
import type { BackendRecord, Job, Message, ModelJob } from "../../../bench/sampler/messages.ts";
import { type Ending, ProcessError, type StartProcess } from "../../../bench/sampler/processes.ts";
import { type Entry, sample, type SamplerEvent, type SamplerOptions } from "../../../bench/sampler/sampler.ts";

const BACKEND: BackendRecord = {
  name: "wasm",
  device: "cpu",
  version: "4.22.0",
  features: { simd: true, threads: 1 },
  tfjs: "4.22.0",
};

/** What a process of a test does instead of telling `end`. */
class Ends extends Error {
  constructor(readonly ending: Ending, reason: string, readonly after: number = 0) {
    super(reason);
  }
}

type Behaviour = (job: ModelJob, start: number) => Ends | undefined | void;

/** Processes that measure nothing: the n-th start gives samples of 10 n ms and its own first step and memory. */
function fakes(behave: Behaviour = () => {}, peak: Partial<Record<"matmul" | "convolution" | "copy", number>> = {}) {
  const jobs: Job[] = [];
  const start: StartProcess = async function* (job, signal): AsyncGenerator<Message, void> {
    await Promise.resolve();
    signal.throwIfAborted();
    jobs.push(job);
    yield { type: "backend", backend: BACKEND };
    if (job.kind === "peak") {
      for (const [of, perSecond] of Object.entries({ matmul: 2e9, convolution: 3e9, copy: 4e9, ...peak })) {
        yield { type: "peak", of: of as "matmul", perSecond };
      }
      yield { type: "end", peakMemory: 1, finite: true };
      return;
    }
    const nth = jobs.filter(({ kind }) => kind === "model").length;
    const ends = behave(job, nth) ?? undefined;
    if (ends !== undefined && ends.after === 0) throw new ProcessError(ends.ending, ends.message);
    yield { type: "first", ms: 1000 * nth };
    yield { type: "warm", steps: 7, ms: 900, stable: true };
    for (let i = 0; i < job.samples; i++) {
      signal.throwIfAborted();
      if (ends !== undefined && i >= ends.after) throw new ProcessError(ends.ending, ends.message);
      yield { type: "samples", ms: [10 * nth] };
    }
    yield { type: "device", ms: 5 * nth };
    yield { type: "end", peakMemory: 100 * nth, finite: true };
  };
  const models = () => jobs.filter((job): job is ModelJob => job.kind === "model");
  return { start, jobs, models };
}

const A: Entry = { model: "d2l/lenet", mode: "forward" };
const B: Entry = { model: "d2l/bnlenet", mode: "train" };
const options = (more: Partial<SamplerOptions> = {}): SamplerOptions => ({
  entries: [A, B],
  samples: 6,
  processes: 3,
  ...more,
});
const never = new AbortController().signal;
const names = (jobs: readonly ModelJob[]) => jobs.map(({ model }) => model === A.model ? "A" : "B").join("");

Deno.test("samples are counted by process, and first steps, device times and memory are kept of each", async () => {
  const { start } = fakes();
  const { tallies, interrupted, backend } = await sample(options(), { start, signal: never });
  assertEquals(interrupted, false);
  assertEquals(backend, BACKEND);
  const [a, b] = tallies;
  // Starts: A 1, B 2, B 3, A 4, A 5, B 6.
  assertEquals(a?.samplesMs, [10, 10, 40, 40, 50, 50]);
  assertEquals(a?.process, [0, 0, 1, 1, 2, 2]);
  assertEquals(a?.firstStepsMs, [1000, 4000, 5000]);
  assertEquals(a?.deviceMs, [5, 20, 25]);
  assertEquals(a?.peakMemory, 500);
  assertEquals(b?.samplesMs, [20, 20, 30, 30, 60, 60]);
  assertEquals(b?.notes, []);
});

Deno.test("each process is fresh, and orders alternate", async () => {
  const { start, models } = fakes();
  await sample(options(), { start, signal: never });
  assertEquals(names(models()), "ABBAAB");
  assertEquals(models().map(({ samples }) => samples), [2, 2, 2, 2, 2, 2]);
});

Deno.test("samples that do not divide are all taken", async () => {
  const { start } = fakes();
  const { tallies } = await sample(options({ samples: 7 }), { start, signal: never });
  assertEquals(tallies.map(({ samplesMs }) => samplesMs.length), [7, 7]);
});

Deno.test("the backend that the first process chose is asked of all others", async () => {
  const { start, jobs } = fakes();
  await sample(options(), { start, signal: never });
  const [first, ...others] = jobs;
  assertEquals(first?.backend, undefined);
  assert(others.every(({ backend, device }) => backend === "wasm" && device === "cpu"));
});

Deno.test("the limit is measured before and after, and its best counts", async () => {
  let speed = 5e9;
  const { start, jobs } = fakes();
  const faster: StartProcess = async function* (job, signal) {
    for await (const message of start(job, signal)) {
      yield message.type === "peak" && message.of === "matmul" ? { ...message, perSecond: speed } : message;
    }
    if (job.kind === "peak") speed = 1e9;
  };
  const { limit } = await sample(options(), { start: faster, signal: never });
  assertEquals([jobs.at(0)?.kind, jobs.at(-1)?.kind], ["peak", "peak"]);
  assertEquals(limit, { matmul: 5e9, convolution: 3e9, copy: 4e9 });
});

Deno.test("without a batch each model has its own", async () => {
  const { start } = fakes();
  const entries: Entry[] = [A, { model: "d2l/alexnet", mode: "forward" }];
  const own = await sample(options({ entries }), { start, signal: never });
  assertEquals(own.tallies.map(({ batch }) => batch), [128, 16]);
  const given = await sample(options({ entries, batch: 3 }), { start, signal: never });
  assertEquals(given.tallies.map(({ batch }) => batch), [3, 3]);
});

Deno.test("a batch that does not fit gets smaller until it does, and the result says so", async () => {
  const { start, models } = fakes(({ model, batch }) =>
    model === A.model && batch > 64 ? new Ends("memory", "no room") : undefined
  );
  const told: SamplerEvent[] = [];
  const { tallies: [a, b] } = await sample(options({ batch: 128 }), {
    start,
    signal: never,
    watch: (event) => told.push(event),
  });
  assertEquals(a?.batch, 64);
  assertEquals(a?.notes, [
    "memory did not suffice for a batch of 128: now 96",
    "memory did not suffice for a batch of 96: now 64",
  ]);
  assert(told.some((event) => event.type === "note" && event.text === `d2l/lenet forward: ${a?.notes[0]}`));
  assertEquals([a?.samplesMs.length, a?.failure], [6, undefined]);
  assertEquals(b?.batch, 128);
  // What has decayed once stays: later rounds do not try the larger one again.
  assertEquals(models().filter(({ model }) => model === A.model).map(({ batch }) => batch), [128, 96, 64, 64, 64]);
});

Deno.test("where a later process runs out of memory, samples of the larger batch are taken anew with the smaller", async () => {
  let starts = 0;
  const { start, models } = fakes((job) => {
    if (job.model !== A.model) return;
    // Its second process, after one sample.
    return ++starts === 2 ? new Ends("memory", "no room", 1) : undefined;
  });
  const { tallies: [a] } = await sample(options({ batch: 8 }), { start, signal: never });
  assertEquals(models().filter(({ model }) => model === A.model).map(({ batch }) => batch), [8, 8, 6, 6, 6]);
  assertEquals(a?.batch, 6);
  assertEquals(a?.process, [0, 0, 1, 1, 2, 2]);
  assertEquals(a?.firstStepsMs.length, 3);
});

Deno.test("where not one image fits, the network is named and the others go on", async () => {
  const { start } = fakes(({ model }) => model === A.model ? new Ends("memory", "no room") : undefined);
  const { tallies: [a, b] } = await sample(options({ batch: 4 }), { start, signal: never });
  assertEquals([a?.batch, a?.samplesMs], [1, []]);
  assertEquals(a?.failure, "process 1 no room");
  assertEquals(b?.samplesMs.length, 6);
});

for (const ending of ["died", "hung", "failed"] as const) {
  Deno.test(`a process that ${ending} is named and not started again, the others go on`, async () => {
    const { start, models } = fakes((job) => job.model === A.model ? new Ends(ending, "said so") : undefined);
    const told: string[] = [];
    const { tallies: [a, b], interrupted } = await sample(options(), {
      start,
      signal: never,
      watch: (event) => event.type === "note" && told.push(event.text),
    });
    assertEquals(interrupted, false);
    assertEquals(names(models()), "ABBB");
    assertEquals(b?.samplesMs.length, 6);
    assertEquals(a?.failure, ending === "failed" ? "process 1 failed: said so" : "process 1 said so");
    assertEquals(told, [`d2l/lenet forward: ${a?.failure}`]);
  });
}

Deno.test("what a process measured before it died is kept", async () => {
  let starts = 0;
  const { start } = fakes(({ model }) =>
    model === A.model && ++starts === 2 ? new Ends("died", "ended by SIGSEGV", 1) : undefined
  );
  const { tallies: [a] } = await sample(options(), { start, signal: never });
  assertEquals(a?.process, [0, 0, 1]);
  assertEquals(a?.failure, "process 2 ended by SIGSEGV");
});

Deno.test("an interrupted run keeps what is measured, the process under way included", async () => {
  const stop = new AbortController();
  const { start, models } = fakes((_job, nth) => {
    if (nth === 3) queueMicrotask(() => stop.abort());
  });
  const { tallies: [a, b], interrupted, limit } = await sample(options({ samples: 300 }), {
    start,
    signal: stop.signal,
  });
  assertEquals(interrupted, true);
  assertEquals(models().length, 3);
  assertEquals([a?.samplesMs.length, a?.failure], [100, undefined]);
  const [first, second] = [0, 1].map((n) => b?.process.filter((process) => process === n).length ?? 0);
  assertEquals(first, 100);
  assert(second !== undefined && second < 100, `${second} samples of the process that was ended`);
  assertEquals(limit.matmul, 2e9);
});

Deno.test("a run that is interrupted before its backend is known gives nothing", async () => {
  const { start } = fakes();
  const sampled = await sample(options(), { start, signal: AbortSignal.abort() });
  assertEquals([sampled.interrupted, sampled.backend, sampled.tallies], [true, undefined, []]);
});

Deno.test("where the backend does not run, the run fails with its reason", async () => {
  const start: StartProcess = async function* () {
    yield await Promise.resolve<Message>({ type: "alive" });
    throw new ProcessError("failed", "Expected a backend on the gpu that runs here but found none");
  };
  await assertRejects(
    () => sample(options(), { start, signal: never }),
    Error,
    "Expected a backend on the gpu that runs here but found none",
  );
});

Deno.test("where the limit cannot be measured, networks are measured all the same", async () => {
  const { start } = fakes();
  const told: string[] = [];
  const limitless: StartProcess = async function* (job, signal) {
    if (job.kind === "peak") {
      yield { type: "backend", backend: BACKEND };
      throw new ProcessError("died", "ended by SIGILL");
    }
    yield* start(job, signal);
  };
  const { limit, tallies } = await sample(options(), {
    start: limitless,
    signal: never,
    watch: (event) => event.type === "note" && told.push(event.text),
  });
  assertEquals(limit, { convolution: null, matmul: null, copy: null });
  assertEquals(tallies.map(({ samplesMs }) => samplesMs.length), [6, 6]);
  assertEquals(told[0], "The machine's own limit could not be measured: it ended by SIGILL");
});

Deno.test("a warm-up that did not become stable and numbers that are not finite are noted", async () => {
  const start: StartProcess = async function* (job) {
    await Promise.resolve();
    yield { type: "backend", backend: BACKEND };
    if (job.kind === "model") {
      yield { type: "first", ms: 1 };
      yield { type: "warm", steps: 2, ms: 12_000, stable: false };
      yield { type: "samples", ms: [5] };
    }
    yield { type: "end", peakMemory: 1, finite: false };
  };
  const { tallies: [a] } = await sample(options({ samples: 1, processes: 1 }), { start, signal: never });
  assertEquals(a?.notes, [
    "not stable after 2 steps of warm-up, 12000 ms",
    "a step gave a number that is not finite",
  ]);
});
