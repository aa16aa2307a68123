import { assert, assertEquals, assertRejects } from "@std/assert";
import { encodeMessage, type Message, type ModelJob } from "../../../bench/sampler/messages.ts";
import { ProcessError, processStarter, saysOutOfMemory } from "../../../bench/sampler/processes.ts";

const JOB: ModelJob = { kind: "model", model: "d2l/lenet", mode: "train", batch: 4, samples: 2 };
const END: Message = { type: "end", peakMemory: 1, finite: true };

/** A program in the place of the sampler's. */
const program = (code: string): URL => new URL(`data:application/javascript,${encodeURIComponent(code)}`);
const says = (message: Message): string => `console.log(${JSON.stringify(encodeMessage(message))});`;

/** Messages of `code` until its end, or until `stop` says so. */
async function messagesOf(
  code: string,
  { patience = 60_000, signal = new AbortController().signal, onMessage = () => {} }: {
    patience?: number;
    signal?: AbortSignal;
    onMessage?: (message: Message) => void;
  } = {},
): Promise<Message[]> {
  const start = processStarter({ patience, v8Flags: [], program: program(code) });
  const messages: Message[] = [];
  for await (const message of start(JOB, signal)) {
    messages.push(message);
    onMessage(message);
  }
  return messages;
}

/** The error that `code` comes to. */
async function errorOf(code: string, patience?: number): Promise<ProcessError> {
  return await assertRejects(() => messagesOf(code, patience === undefined ? {} : { patience }), ProcessError);
}

Deno.test("messages come in their order, what else a process prints is passed over", async () => {
  const sent: Message[] = [{ type: "first", ms: 5 }, { type: "samples", ms: [1, 2.5] }, END];
  const code = `console.log("a library's words");${sent.map(says).join("console.error('warning');console.log('{}');")}`;
  assertEquals(await messagesOf(code), sent);
});

Deno.test("a process gets its job as its argument", async () => {
  const code = `const job = JSON.parse(Deno.args[0]);
    console.log(${JSON.stringify(encodeMessage(END))}.replace('"peakMemory":1', '"peakMemory":' + job.batch));`;
  assertEquals(await messagesOf(code), [{ ...END, peakMemory: JOB.batch }]);
});

Deno.test("a process that ends without its end is told with exit code and last words", async () => {
  const error = await errorOf(`${says({ type: "first", ms: 5 })}console.error("first\\nlast words");Deno.exit(7)`);
  assertEquals([error.ending, error.message], ["died", "ended with exit code 7: last words"]);
});

Deno.test("even with exit code 0", async () => {
  assertEquals((await errorOf("")).message, "ended with exit code 0");
});

Deno.test("a process that falls silent is ended and called hung", async () => {
  const began = performance.now();
  const error = await errorOf(`${says({ type: "first", ms: 5 })}while (true);`, 1500);
  assertEquals([error.ending, error.message], ["hung", "said nothing for 1.5 s"]);
  assert(performance.now() - began >= 1500);
});

Deno.test("what a process says of itself is the error", async () => {
  const error = await errorOf(says({ type: "failed", reason: "Expected this but found that" }));
  assertEquals([error.ending, error.message], ["failed", "Expected this but found that"]);
});

Deno.test("a process that says that memory did not suffice is an ending of its own", async () => {
  const reason = "Expected 9 bytes to fit the wasm heap but found 8 of at most 8 bytes in use: use a smaller batch";
  assertEquals((await errorOf(says({ type: "failed", reason }))).ending, "memory");
});

Deno.test({
  name: "so is one that is killed unasked, as the system does where memory runs out",
  ignore: Deno.build.os === "windows",
  async fn() {
    const stop = new AbortController();
    const start = processStarter({
      patience: 60_000,
      v8Flags: [],
      program: program(
        `console.log(${
          JSON.stringify(encodeMessage(END))
        }.replace('"end"', '"first"').replace('"peakMemory":1', '"ms":' + Deno.pid));
        setInterval(() => {}, 1000)`,
      ),
    });
    const error = await assertRejects(async () => {
      for await (const message of start(JOB, stop.signal)) {
        if (message.type === "first") Deno.kill(message.ms, "SIGKILL");
      }
    }, ProcessError);
    assertEquals(error.ending, "memory");
    assertEquals(error.message, "ended by SIGKILL, as the system does when memory runs out");
  },
});

Deno.test("an interrupted process is ended, and what it told before is there", async () => {
  const stop = new AbortController();
  const heard: Message[] = [];
  await assertRejects(
    () =>
      messagesOf(`${says({ type: "samples", ms: [1] })}setInterval(() => {}, 1000)`, {
        signal: stop.signal,
        onMessage: (message) => {
          heard.push(message);
          stop.abort();
        },
      }),
    DOMException,
  );
  assertEquals(heard, [{ type: "samples", ms: [1] }]);
});

Deno.test("a process that nobody listens to any more is ended", async () => {
  const start = processStarter({
    patience: 60_000,
    v8Flags: [],
    program: program(`${says({ type: "first", ms: 5 })}setInterval(() => {}, 1000)`),
  });
  // Leaving the loop waits for the process: the test would not end.
  for await (const message of start(JOB, new AbortController().signal)) {
    assertEquals(message.type, "first");
    break;
  }
});

Deno.test("a message is found behind what a library left on the line", async () => {
  assertEquals(await messagesOf(`Deno.stdout.writeSync(new TextEncoder().encode("50 %"));${says(END)}`), [END]);
});

Deno.test("a message that cannot be read is an error, and not passed over", async () => {
  const broken = encodeMessage(END).replace('"end"', '"ends"');
  const error = await errorOf(`console.log(${JSON.stringify(broken)})`);
  assertEquals([error.ending, error.message.includes('"ends"')], ["failed", true]);
});

for (
  const text of [
    "RESOURCE_EXHAUSTED: Conv2D: OOM when allocating tensor with shape[128,64,224,224]",
    "Array buffer allocation failed",
    "memory access out of bounds",
    "Aborted(). Build with -sASSERTIONS for more info.",
    "Invalid typed array length: 4294967296",
    "# Fatal JavaScript out of memory: Reached heap limit",
    "terminate called after throwing an instance of 'std::bad_alloc'",
    "Expected 100 bytes to fit the wasm heap but found 99",
  ]
) Deno.test(`lack of memory is known by ${JSON.stringify(text)}`, () => assert(saysOutOfMemory(text)));

Deno.test("other failures are not taken for lack of memory", () => {
  assert(!saysOutOfMemory("Expected inputShape[0] to be at least 63 for torchvision/alexnet but found 32"));
  assert(!saysOutOfMemory("ROOMY memory"));
});
