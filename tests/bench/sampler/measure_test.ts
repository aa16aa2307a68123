import { assert, assertEquals } from "@std/assert";
import { measure } from "../../../bench/sampler/measure.ts";
import type { Message } from "../../../bench/sampler/messages.ts";
import { STABILITY } from "../../../bench/sampler/stability.ts";

/** A clock, a step that takes what `costs` says of its number, and what was told. */
function fake(costs: (step: number) => number, { samples, value = 1 }: { samples: number; value?: number }) {
  let time = 1000;
  let reads = 0;
  let steps = 0;
  const told: Message[] = [];
  const measurement = {
    step: () => {
      time += costs(steps++);
      return Promise.resolve(value);
    },
    now: () => {
      reads++;
      return time;
    },
    samples,
    tell: (message: Message) => void told.push(message),
  };
  const kept = () => told.flatMap((message) => message.type === "samples" ? message.ms : []);
  return { measurement, told, kept, steps: () => steps, reads: () => reads };
}

Deno.test("the first step stands apart, and the warm-up is no sample", async () => {
  const run = fake((step) => step === 0 ? 900 : step < 4 ? 200 : 100, { samples: 4 });
  await measure(run.measurement);
  assertEquals(run.told[0], { type: "first", ms: 900 });
  const warm = run.told.find((message) => message.type === "warm");
  assert(warm?.stable);
  assertEquals(run.kept(), [100, 100, 100, 100]);
  assertEquals(run.steps(), 1 + warm.steps + 4);
});

Deno.test("raw samples are kept in their order, outliers included", async () => {
  const order = (step: number) => step < 21 ? 50 : [50, 400, 51, 49, 1][step - 21] ?? 50;
  const run = fake(order, { samples: 5 });
  await measure(run.measurement);
  assertEquals(run.kept(), [50, 400, 51, 49, 1]);
});

Deno.test("a warm-up that never becomes stable ends, and is told", async () => {
  const run = fake((step) => 100 * 2 ** step, { samples: 1 });
  await measure(run.measurement);
  assertEquals(run.told.find((message) => message.type === "warm")?.stable, false);
  assertEquals(run.kept().length, 1);
});

Deno.test("a number that is not finite, in whatever step, is told", async () => {
  assertEquals(await measure(fake(() => 100, { samples: 2 }).measurement), true);
  assertEquals(await measure(fake(() => 100, { samples: 2, value: NaN }).measurement), false);
});

Deno.test("each step costs two readings of the clock, and something is told four times a second at most", async () => {
  const samples = 5000;
  const run = fake(() => 1, { samples });
  await measure(run.measurement);
  assertEquals(run.kept(), Array<number>(samples).fill(1));
  // One more reading: when the telling began.
  assertEquals(run.reads(), 2 * run.steps() + 1);
  assert(run.told.length <= run.steps() / 250 + 4, `${run.told.length} messages`);
});

Deno.test("slow steps are told one by one, so that a process that lives is not taken for hung", async () => {
  const run = fake(() => 3000, { samples: 3 });
  await measure({ ...run.measurement, rule: STABILITY });
  const types = run.told.map(({ type }) => type);
  assertEquals(types, ["first", "alive", "alive", "warm", "samples", "samples", "samples"]);
});
