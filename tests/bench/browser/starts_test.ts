import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Request, WorkerMessage } from "../../../bench/browser/messages.ts";
import { askBackends, type WorkerLike, workerStarter } from "../../../bench/browser/starts.ts";
import { ProcessError } from "../../../bench/sampler/ending.ts";
import type { Job } from "../../../bench/sampler/messages.ts";

const JOB: Job = { kind: "peak", backend: "wasm" };
const END: WorkerMessage = { type: "end", peakMemory: 0, finite: true };

/** A worker that answers as `answer` says, and remembers what it was asked and whether it was ended. */
class FakeWorker implements WorkerLike {
  onmessage: WorkerLike["onmessage"] = null;
  onerror: WorkerLike["onerror"] = null;
  asked: Request[] = [];
  ended = 0;
  readonly #answer: (worker: FakeWorker) => void;
  constructor(answer: (worker: FakeWorker) => void) {
    this.#answer = answer;
  }
  tell(...messages: WorkerMessage[]): void {
    for (const data of messages) this.onmessage?.(new MessageEvent("message", { data }));
  }
  postMessage(request: Request): void {
    this.asked.push(request);
    queueMicrotask(() => this.#answer(this));
  }
  terminate(): void {
    this.ended++;
  }
}

function start(answer: (worker: FakeWorker) => void, patience = 1000) {
  const worker = new FakeWorker(answer);
  const options = { create: () => worker, wasmPath: "http://localhost/wasm/", patience };
  const run = (signal = new AbortController().signal) => Array.fromAsync(workerStarter(options)(JOB, signal));
  return { worker, options, run };
}

Deno.test("a worker gets its job, is listened to until its end, and is ended", async () => {
  const { worker, run } = start((worker) => worker.tell({ type: "alive" }, { type: "first", ms: 3 }, END));
  assertEquals(await run(), [{ type: "alive" }, { type: "first", ms: 3 }, END]);
  assertEquals([worker.asked, worker.ended], [[{ job: JOB, wasmPath: "http://localhost/wasm/" }], 1]);
});

Deno.test("what a worker fails of tells whether it was memory", async () => {
  const { run, worker } = start((worker) => worker.tell({ type: "failed", reason: "no such backend" }));
  assertEquals((await assertRejects(() => run(), ProcessError, "no such backend")).ending, "failed");
  assertEquals(worker.ended, 1);
  const memory = start((worker) => worker.tell({ type: "failed", reason: "RangeError: fit the wasm heap" }));
  assertEquals((await assertRejects(() => memory.run(), ProcessError)).ending, "memory");
});

Deno.test("a script that cannot be loaded is told, and a worker that says nothing is taken for hung", async () => {
  const broken = start((worker) => worker.onerror?.(new ErrorEvent("error", { message: "" })));
  const { ending, message } = await assertRejects(() => broken.run(), ProcessError);
  assertEquals([ending, message], ["died", "its script could not be loaded"]);
  const hung = start(() => {}, 10);
  assertEquals((await assertRejects(() => hung.run(), ProcessError)).ending, "hung");
  assertEquals([broken.worker.ended, hung.worker.ended], [1, 1]);
});

Deno.test("the signal ends a worker in the middle, and none is started after it", async () => {
  const controller = new AbortController();
  const { run, worker } = start(() => controller.abort());
  const error = await assertRejects(() => run(controller.signal), DOMException);
  assertEquals([error.name, worker.ended], ["AbortError", 1]);
  await assertRejects(() => run(controller.signal), DOMException);
  assertEquals(worker.asked.length, 1);
});

Deno.test("backends are asked of a worker without a job", async () => {
  const { options, worker } = start((worker) => worker.tell({ type: "backends", backends: [], clockMs: 0.1 }));
  assertEquals((await askBackends(options)).clockMs, 0.1);
  assert(worker.asked[0]?.job === undefined && worker.ended === 1);
});
