import { assert, assertEquals, assertRejects } from "@std/assert";
import { ab } from "../../../bench/ab/ab.ts";
import type { AbOptions } from "../../../bench/ab/interleaved.ts";
import { together } from "../../../bench/ab/pair.ts";
import type { Entry } from "../../../bench/sampler/sampler.ts";
import { ENVIRONMENT } from "../report/support.ts";
import { BACKEND, type Behaviour, type Fails, fakeSide, type Started } from "./fakes.ts";

const A: Entry = { model: "d2l/lenet", mode: "forward" };
const B: Entry = { model: "d2l/bnlenet", mode: "train" };
const OPTIONS: AbOptions & { threshold: number } = {
  entries: [A, B],
  batch: 64,
  samples: 5,
  precision: "float32",
  budget: Infinity,
  threshold: 0.05,
};

/** Runs ab on two fakes; tells what was started and said. */
async function run(
  base: Behaviour,
  head: Behaviour,
  options: Partial<typeof OPTIONS> = {},
  more: { now?: () => number; signal?: AbortSignal } = {},
) {
  const started: Started[] = [];
  const peaks: string[] = [];
  const said: string[] = [];
  const result = await ab({ ...OPTIONS, ...options }, {
    base: fakeSide("base", base, { started, peaks, backend: { ...BACKEND, tfjs: "4.21.0" } }),
    head: fakeSide("head", head, { started, peaks }),
    signal: new AbortController().signal,
    say: (text) => said.push(text),
    ...more,
  });
  return { ...result, started, peaks, said };
}

const order = (started: readonly Started[], { model }: Entry) =>
  started.filter(({ job }) => job.model === model).map(({ side }) => side === "base" ? "A" : "B").join("");
const same: Behaviour = () => 50;

Deno.test("two sides alike: A B B A in fresh processes, six of each, and no regression", async () => {
  const { comparison, started, failures, first, base, head } = await run(same, same);
  assertEquals(order(started, A), "ABBAABBAABBA");
  assertEquals(order(started, B), "ABBAABBAABBA");
  // Entries turn around as well; the two sides of one stay together.
  assertEquals(started.slice(0, 8).map(({ job }) => job.model === A.model ? "a" : "b").join(""), "bbaaaabb");
  assertEquals(comparison?.rows.map(({ name, verdict }) => [name, verdict]), [
    ["d2l/lenet forward", "~"],
    ["d2l/bnlenet train", "~"],
  ]);
  assertEquals([failures, first], [[], undefined]);
  for (const report of [base, head]) {
    for (const { samplesMs, process, batch } of report.results) {
      assertEquals([samplesMs.length, process.at(-1), batch], [30, 5, 64]);
    }
  }
});

Deno.test("each report names its own commit and versions, and that they differ is said, not refused", async () => {
  const { comparison, base, head } = await run(same, same);
  assertEquals([base.environment.commit, head.environment.commit], ["base", "head"]);
  assertEquals(comparison?.differences, [{ what: "tfjs", base: "4.21.0", head: "4.22.0", machine: false }]);
});

Deno.test("the machine is measured once, by the head's code, and what it chose holds for both sides", async () => {
  const { peaks, started, base, head } = await run(same, same);
  assertEquals(peaks, ["head", "head"]);
  assert(started.every(({ job }) => job.backend === "wasm" && job.device === "cpu"));
  assertEquals(base.limit, head.limit);
  assertEquals(base.limit?.matmul, 1e12);
});

Deno.test("a backend that is set up otherwise by the head's code is compared all the same: it is what is measured", async () => {
  const threads = await ab({ ...OPTIONS, entries: [A] }, {
    base: fakeSide("base", same),
    head: { ...fakeSide("head", same), environment: () => ({ ...ENVIRONMENT, threads: 4 }) },
    signal: new AbortController().signal,
  });
  assertEquals(threads.comparison?.differences, [{ what: "threads", base: "1", head: "4", machine: true }]);
});

Deno.test("how steps run is said where it is not the usual: an older base knows nothing else", async () => {
  const usual = await run(same, same, { entries: [A], compiled: false });
  assert(usual.started.every(({ job }) => job.compiled === undefined && job.precision === undefined));
  const { started, head } = await run(same, same, { entries: [A], compiled: true, precision: "bfloat16" });
  assert(started.every(({ job }) => job.compiled === true && job.precision === "bfloat16"));
  assertEquals(head.results[0]?.name, "d2l/lenet forward bfloat16");
});

Deno.test("a slower head is measured anew and called a regression; the first run is kept", async () => {
  const { comparison, started, first, head, said } = await run(same, ({ model }) => model === A.model ? 56 : 50);
  assertEquals(comparison?.rows.map(({ regression }) => regression), [true, false]);
  // Six rounds, and six again.
  assertEquals(order(started, A), "ABBAABBAABBA".repeat(2));
  assertEquals(order(started, B).length, 12);
  assertEquals(first?.head.results.map(({ samplesMs }) => samplesMs.length), [30, 30]);
  const [slow] = head.results;
  assertEquals(slow?.samplesMs.length, 30);
  assert(slow?.notes?.at(-1)?.startsWith("looked like a regression at first, +12.0 %"), String(slow?.notes));
  assert(said.some((text) => text.startsWith("d2l/lenet forward looks like a regression, +12.0 %")), said.join("\n"));
});

Deno.test("a head that was slow for the first six processes only is no regression", async () => {
  const slowAtFirst: Behaviour = (_job, nth) => nth <= 6 ? 60 : 50;
  const { comparison, first } = await run(same, slowAtFirst, { entries: [A] });
  assertEquals(comparison?.rows.map(({ verdict, regression }) => [verdict, regression]), [["~", false]]);
  assert(first !== undefined);
});

for (const [side, sides] of [["base", [true, false]], ["head", [false, true]]] as const) {
  for (const ending of ["died", "hung", "failed"] as const) {
    Deno.test(`a process of the ${side} that ${ending} is named, the other networks go on`, async () => {
      const fails: Behaviour = ({ model }) => model === A.model ? { ending, reason: "said so" } : 50;
      const { comparison, failures, started, base, head } = await run(
        sides[0] ? fails : same,
        sides[1] ? fails : same,
      );
      const reason = ending === "failed" ? "process 1 failed: said so" : "process 1 said so";
      assertEquals(failures, [{ name: "d2l/lenet forward", side, reason }]);
      assertEquals(comparison?.rows.map(({ name }) => name), ["d2l/bnlenet train"]);
      assertEquals(comparison?.unmatched, [{
        name: "d2l/lenet forward",
        reason: `not measured in the ${side}: ${reason}`,
      }]);
      assertEquals(order(started, A), side === "base" ? "A" : "AB");
      const failed = [base, head].map(({ failures }) => failures);
      assertEquals(failed[side === "base" ? 0 : 1], [{ name: "d2l/lenet forward", reason }]);
      assertEquals(failed[side === "base" ? 1 : 0], undefined);
    });
  }
}

Deno.test("where nothing can be measured there is no comparison", async () => {
  const { comparison, failures } = await run(() => ({ ending: "died", reason: "ended by SIGSEGV" }), same);
  assertEquals([comparison, failures.length], [undefined, 2]);
});

Deno.test("a batch that fits one side only is made smaller for both, which begin anew", async () => {
  const tight: Behaviour = ({ batch }) => batch > 48 ? { ending: "memory", reason: "no room" } satisfies Fails : 50;
  const { base, head, started, comparison } = await run(same, tight, { entries: [A] });
  assertEquals([base, head].map(({ results: [result] }) => [result?.batch, result?.samplesMs.length]), [
    [48, 30],
    [48, 30],
  ]);
  // 64 in both, 48 by the sampler to see whether it fits, then six rounds.
  assertEquals(order(started, A), "ABB" + "ABBAABBAABBA");
  assertEquals(head.results[0]?.notes, ["memory did not suffice for a batch of 64 in the head: now 48"]);
  assertEquals(comparison?.unmatched, []);
});

Deno.test("quick steps are taken more often, and slow ones ten times", async () => {
  for (const [ms, samples] of [[2, 50], [12.3, 25], [100, 10]] as const) {
    const { started, base } = await run(() => ms, () => ms, { entries: [A], samples: undefined });
    assertEquals(started.at(-1)?.job.samples, samples);
    assertEquals(base.results[0]?.samplesMs.length, 6 * samples);
  }
});

Deno.test("with the budget spent, what is unclear is not measured beyond the first look", async () => {
  const noisy: Behaviour = (_job, nth) => 50 * (1 + 0.3 * Math.sin(nth));
  let clock = 0;
  const { started, said } = await run(noisy, noisy, { entries: [A], budget: 1 }, { now: () => clock++ });
  assertEquals(started.length, 12);
  assert(said.some((text) => text.includes("more than the budget of 0 s")), said.join("\n"));
  const patient = await run(noisy, noisy, { entries: [A] });
  assertEquals(patient.started.length, 48);
});

Deno.test("a third of the budget is kept for what has to be confirmed", async () => {
  // Slow at first, noisy when it is measured anew; each process takes a tick of the clock.
  const head: Behaviour = (_job, nth) => nth <= 6 ? 60 : 50 * (1 + 0.3 * Math.sin(nth));
  const startsWith = async (budget: number) => {
    let clock = 0;
    const tick = (behave: Behaviour): Behaviour => (job, nth) => {
      clock++;
      return behave(job, nth);
    };
    const { started } = await run(tick(same), tick(head), { entries: [A], budget }, { now: () => clock });
    return started.length;
  };
  // Of 18 ticks the first run's 12 are two thirds; the second one has its first look after 12 more.
  assertEquals(await startsWith(18), 24);
  // Of 30 the second run may use what is left: beyond its first look, to the round that passes them.
  assertEquals(await startsWith(30), 30);
});

Deno.test("notes that say the same of several processes are one", () => {
  const notes = ["not stable after 5 steps", "batch of 4", "not stable after 7 steps", "not stable after 9 steps"];
  assertEquals(together(notes), ["not stable after 5 steps (and 2 more like it)", "batch of 4"]);
});

Deno.test("the signal ends it", async () => {
  const stop = new AbortController();
  const head: Behaviour = (_job, nth) => {
    if (nth === 3) stop.abort();
    return 50;
  };
  const error = await assertRejects(() => run(same, head, {}, { signal: stop.signal }), DOMException);
  assertEquals(error.name, "AbortError");
});
