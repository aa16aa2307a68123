import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describeModel } from "../../../models/registry.ts";
import { Responder } from "../../../tools/peers/child.ts";
import type { Answer, Ready, Request } from "../../../tools/peers/messages.ts";
import { isTorch, NETWORKS, type Variant, worksOf } from "../../../tools/peers/plan.ts";
import { measurePeers, type RunOptions } from "../../../tools/peers/run.ts";
import { type StartWorker, type Worker, WorkerError } from "../../../tools/peers/worker.ts";

const OPTIONS: RunOptions = {
  networks: NETWORKS.slice(0, 1),
  works: worksOf(["forward"]),
  size: "quick",
  amount: { rounds: 2, turnMs: 5, warmUpMs: 10 },
  forceBfloat16: false,
};

interface Fakes {
  /** What a variant answers; its usual answer where nothing is given. */
  readonly answer?: (variant: Variant, request: Request) => Answer | undefined;
  readonly features?: Ready["features"];
  /** Why a variant has no process. */
  readonly missing?: Partial<Record<Variant, string>>;
}

const usual = (request: Request): Answer =>
  request.do === "prepare"
    ? { type: "prepared", ms: 100, params: describeModel(NETWORKS[0]?.model ?? "d2l/lenet").params, value: 2.3 }
    : request.do === "measure"
    ? { type: "samples", ms: [request.ms], finite: true }
    : { type: "released" };

/** A run of workers that only pretend; `log` has what they were asked, in its order. */
async function run(options: Partial<RunOptions>, { answer, features = {}, missing = {} }: Fakes = {}) {
  const log: string[] = [];
  const words: string[] = [];
  const controller = new AbortController();
  let running = 0;
  const start: StartWorker = ({ program }) => {
    const variant = program as Variant;
    let pid: number | undefined = ++running;
    log.push(`${variant} start`);
    const worker: Worker = {
      ready: { type: "ready", versions: {}, threads: 2, features: isTorch(variant) ? features : {} },
      get pid() {
        return pid;
      },
      ask(request, expected) {
        controller.signal.throwIfAborted();
        log.push(`${variant} ${request.do}${request.do === "measure" ? ` ${request.ms}` : ""}`);
        const given = answer?.(variant, request) ?? usual(request);
        if (given.type === "failed" && given.reason === "died") pid = undefined;
        if (given.type === "failed" && given.reason === "Ctrl-C") {
          controller.abort();
          controller.signal.throwIfAborted();
        }
        if (given.type !== expected) throw new WorkerError(given.type === "failed" ? given.reason : given.type);
        return Promise.resolve(given as Extract<Answer, { type: typeof expected }>);
      },
      end() {
        if (pid !== undefined) log.push(`${variant} end`);
        pid = undefined;
        return Promise.resolve();
      },
    };
    return Promise.resolve(worker);
  };
  const measured = await measurePeers({ ...OPTIONS, ...options }, {
    commandOf: (variant) => missing[variant] ?? { program: variant, args: [], patience: 1000 },
    start,
    signal: controller.signal,
    notice: (text) => words.push(text),
  });
  return { measured, log, words };
}

Deno.test("variants take turns in an order that turns around, after a warm-up, each in a process of its own", async () => {
  const { measured, log } = await run({});
  const variants: Variant[] = ["convbench", "tfjs", "eager", "channels_last", "compile"];
  assertEquals(log.filter((line) => line.endsWith("start")).length, variants.length);
  assertEquals(log.filter((line) => line.endsWith("measure 10")), variants.map((variant) => `${variant} measure 10`));
  assertEquals(
    log.filter((line) => line.endsWith("measure 5")),
    [...variants, ...variants.toReversed()].map((variant) => `${variant} measure 5`),
  );
  assertEquals(log.filter((line) => line.endsWith("end")).length, variants.length);
  // What warmed up is no sample.
  assertEquals(
    measured.cells.map(({ variant, samplesMs }) => [variant, samplesMs]),
    variants.map((variant): [Variant, number[]] => [variant, [5, 5]]),
  );
  assertEquals([measured.failures, measured.interrupted], [[], false]);
});

Deno.test("each network has processes of its own", async () => {
  const networks = NETWORKS.slice(0, 1).flatMap((network) => [network, network]);
  const { log } = await run({ networks });
  assertEquals(log.filter((line) => line === "eager start").length, 2);
  assert(log.indexOf("eager end") < log.lastIndexOf("eager start"));
});

Deno.test("a variant that fails is named with its reason, and the others go on", async () => {
  const { measured, words } = await run({}, {
    missing: { compile: "no C++ compiler" },
    answer: (variant, request) =>
      variant === "eager" && request.do === "measure" && request.ms === 5
        ? { type: "failed", reason: "no memory" }
        : undefined,
  });
  assertEquals(measured.failures.map(({ variant, reason }) => [variant, reason]), [
    ["compile", "no C++ compiler"],
    ["eager", "no memory"],
  ]);
  assertEquals(measured.cells.map(({ variant }) => variant), ["convbench", "tfjs", "channels_last"]);
  assertStringIncludes(words.join("\n"), "d2l/lenet forward float32, eager: no memory");
});

Deno.test("a side whose network has other parameters does not do the same work", async () => {
  const { measured } = await run({}, {
    answer: (variant, request) =>
      variant === "eager" && request.do === "prepare" ? { type: "prepared", ms: 1, params: 7, value: 1 } : undefined,
  });
  assertEquals(measured.failures.map(({ reason }) => reason), ["has 7 parameters where d2l/lenet has 61706"]);
});

Deno.test("a process that has died is started anew for the next work", async () => {
  let died = false;
  const { measured, log } = await run({ works: worksOf(["forward", "train"]) }, {
    answer(variant, request) {
      if (variant !== "eager" || request.do !== "measure" || died) return undefined;
      died = true;
      return { type: "failed", reason: "died" };
    },
  });
  assertEquals(log.filter((line) => line === "eager start").length, 2);
  assertEquals(measured.cells.filter(({ variant }) => variant === "eager").map(({ mode }) => mode), ["train"]);
});

Deno.test("bfloat16 is left out on a processor without it, and measured all the same where it was asked for", async () => {
  const works = worksOf(["forward-reduced"]);
  const precisions = async (forceBfloat16: boolean, bfloat16: boolean) => {
    const { measured } = await run({ works, forceBfloat16 }, { features: { bfloat16 } });
    return [[...new Set(measured.cells.map(({ precision }) => precision))], measured.withoutBfloat16 === undefined];
  };
  assertEquals(await precisions(false, false), [["float32"], false]);
  assertEquals(await precisions(true, false), [["float32", "bfloat16"], true]);
  assertEquals(await precisions(false, true), [["float32", "bfloat16"], true]);
});

Deno.test("a run that is ended early keeps what was measured, and leaves no process", async () => {
  const { measured, log } = await run({ works: worksOf(["forward", "train"]) }, {
    answer: (variant, request) =>
      variant === "eager" && request.do === "prepare" && request.mode === "train"
        ? { type: "failed", reason: "Ctrl-C" }
        : undefined,
  });
  assertEquals([measured.interrupted, [...new Set(measured.cells.map(({ mode }) => mode))]], [true, ["forward"]]);
  const count = (what: string) => log.filter((line) => line.endsWith(what)).length;
  assertEquals(count("start"), count("end"));
});

/** A responder whose steps take 10 ms of a clock that only they move. */
function responder(value = 1) {
  const clock = { now: 0, steps: 0, disposed: 0 };
  const made = new Responder(() => ({
    params: 5,
    run: () => {
      clock.now += 10;
      clock.steps++;
      return Promise.resolve(value);
    },
    dispose: () => void clock.disposed++,
  }), () => clock.now);
  return { made, clock };
}

const PREPARE = { do: "prepare", model: "d2l/lenet", mode: "train", precision: "float32", batch: 2 } as const;

Deno.test("a turn lasts as long as it is asked to, and has a step at least", async () => {
  const { made, clock } = responder();
  assertEquals(await made.answer(PREPARE), { type: "prepared", ms: 10, params: 5, value: 1 });
  assertEquals(await made.answer({ do: "measure", ms: 5, least: 1 }), { type: "samples", ms: [10], finite: true });
  assertEquals(await made.answer({ do: "measure", ms: 5, least: 3 }), {
    type: "samples",
    ms: [10, 10, 10],
    finite: true,
  });
  const before = clock.steps;
  // Steps that are short against the turn: one more comes first and does not count.
  assertEquals(await made.answer({ do: "measure", ms: 25, least: 1 }), {
    type: "samples",
    ms: [10, 10, 10],
    finite: true,
  });
  assertEquals(clock.steps - before, 4);
});

Deno.test("a responder frees what it prepared, and says what it cannot do", async () => {
  const { made, clock } = responder(NaN);
  assertEquals((await made.answer({ do: "measure", ms: 1, least: 1 })).type, "failed");
  assertEquals((await made.answer({ ...PREPARE, model: "d2l/nothing" })).type, "failed");
  await made.answer(PREPARE);
  assertEquals(await made.answer({ do: "measure", ms: 1, least: 1 }), { type: "samples", ms: [10], finite: false });
  await made.answer(PREPARE);
  assertEquals(clock.disposed, 1);
  assertEquals(await made.answer({ do: "release" }), { type: "released" });
  assertEquals(clock.disposed, 2);
});
