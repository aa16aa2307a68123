import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type Answer, decodeAnswer, encodeAnswer, parseRequest } from "../../../tools/peers/messages.ts";
import { startWorker, type Worker, WorkerError } from "../../../tools/peers/worker.ts";

const READY: Answer = { type: "ready", versions: { torch: "2.15.0" }, threads: 2, features: { bfloat16: false } };
const RELEASED: Answer = { type: "released" };
const says = (answer: Answer): string => `console.log(${JSON.stringify(encodeAnswer(answer))});`;

/** A process that runs `code`; `answers` are given to one request each. */
async function worker(code: string, patience = 60_000, signal = new AbortController().signal): Promise<Worker> {
  return await startWorker({ program: Deno.execPath(), args: ["eval", "--quiet", code], patience }, signal);
}

const answering = (...codes: string[]): string =>
  `${says(READY)}
  const codes = ${JSON.stringify(codes)};
  for await (const _ of Deno.stdin.readable) await eval(codes.shift());`;

Deno.test("a process is ready when it says so, whatever libraries print, and answers one request after another", async () => {
  const samples: Answer = { type: "samples", ms: [1, 2.5], finite: true };
  const running = await worker(answering(`console.log("words");${says(samples)}`, says(RELEASED)));
  assertEquals(running.ready, READY);
  assertEquals(await running.ask({ do: "measure", ms: 1, least: 1 }, "samples"), samples);
  assertEquals(await running.ask({ do: "release" }, "released"), RELEASED);
  await running.end();
  assertEquals(running.pid, undefined);
  await assertRejects(() => running.ask({ do: "release" }, "released"), WorkerError, "has ended before");
});

Deno.test("what a process cannot do is an error in its words, and it can be asked again", async () => {
  const running = await worker(answering(says({ type: "failed", reason: "no such layer" }), says(RELEASED)));
  await assertRejects(() => running.ask({ do: "release" }, "released"), WorkerError, "no such layer");
  assertEquals(await running.ask({ do: "release" }, "released"), RELEASED);
  await running.end();
});

Deno.test("a process that dies is told with its exit code and last words", async () => {
  await assertRejects(() => worker("console.error('first\\nlast words');Deno.exit(7)"), WorkerError, "7: last words");
  const running = await worker(answering("console.error('boom');Deno.exit(3)"));
  const error = await assertRejects(() => running.ask({ do: "release" }, "released"), WorkerError);
  assertEquals([error.message, running.pid], ["ended with exit code 3: boom", undefined]);
  await running.end();
});

Deno.test("a process that falls silent, or says what cannot be read or was not asked, is an error", async () => {
  await assertRejects(() => worker("await new Promise((r) => setTimeout(r, 60000))", 500), WorkerError, "for 0.5 s");
  const broken = encodeAnswer(READY).replace(/.$/, "");
  await assertRejects(() => worker(`console.log(${JSON.stringify(broken)})`), WorkerError, "cannot be read");
  await assertRejects(() => worker(says(RELEASED)), WorkerError, "said released where ready was expected");
});

Deno.test("a program that is not there is an error, and a signal ends a process", async () => {
  const { signal } = new AbortController();
  const missing = { program: "/no/such/python", args: [], patience: 1000 };
  await assertRejects(() => startWorker(missing, signal), WorkerError, "/no/such/python is not there");
  const controller = new AbortController();
  const running = await worker(answering("await new Promise(() => {})"), 60_000, controller.signal);
  const asked = running.ask({ do: "release" }, "released");
  controller.abort(new Error("Ctrl-C"));
  await assertRejects(() => asked, Error, "Ctrl-C");
  await running.end();
});

Deno.test("numbers that are none travel as null, and requests are checked", () => {
  const answer = { type: "prepared", ms: 1, params: 2, value: NaN } as const;
  assertEquals(decodeAnswer(encodeAnswer(answer)), answer);
  assertEquals(decodeAnswer("what a library prints"), undefined);
  assertEquals(parseRequest('{"do":"release"}'), { do: "release" });
  assertThrows(() => parseRequest('{"do":"measure","ms":-1,"least":1}'));
});

Deno.test("both sides mark their answers alike", async () => {
  const python = await Deno.readTextFile(new URL("../../../tools/peers/torch_child.py", import.meta.url));
  const [, mark] = /^MARK = "(.*)"$/m.exec(python) ?? [];
  assertEquals(mark, encodeAnswer(RELEASED).replace(/\{.*/, "").replace("\u0002", "\\x02"));
});
