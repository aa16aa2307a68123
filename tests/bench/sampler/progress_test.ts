import { assert, assertEquals } from "@std/assert";
import { costOfProcess, duration, Progress } from "../../../bench/sampler/progress.ts";
import type { Entry, SamplerEvent, Tally } from "../../../bench/sampler/sampler.ts";

const A: Entry = { model: "d2l/lenet", mode: "forward" };
const B: Entry = { model: "d2l/lenet", mode: "train" };
const options = { entries: [A, B], samples: 4, processes: 2 };

const tally = (entry: Entry, samplesMs: number[], process: number[]): Tally => ({
  ...entry,
  batch: 128,
  samplesMs,
  process,
  firstStepsMs: [],
  deviceMs: [],
  peakMemory: 0,
  notes: [],
});

function watched() {
  let time = 0;
  const lines: string[] = [];
  const progress = new Progress(options, {
    print: (line: string) => lines.push(line),
    terminal: false,
    now: () => time,
  });
  const at = (seconds: number, event: SamplerEvent) => {
    time = seconds * 1000;
    progress.watch(event);
  };
  return { progress, lines, at };
}

Deno.test("durations are told in two units at most", () => {
  assertEquals([400, 8000, 59_400, 60_000, 200_000, 7_500_000].map(duration), [
    "0 s",
    "8 s",
    "59 s",
    "1 min 00 s",
    "3 min 20 s",
    "2 h 05 min",
  ]);
});

Deno.test("larger networks, training, larger batches and more samples weigh more", () => {
  const base = costOfProcess(A, options);
  assert(costOfProcess(B, options) > base);
  assert(costOfProcess({ ...A, model: "d2l/alexnet" }, options) > base);
  assert(costOfProcess(A, { ...options, batch: 1024 }) > base);
  assert(costOfProcess(A, { ...options, samples: 400 }) > base);
});

Deno.test("each process is a line with its median, its number and what is left", () => {
  const { lines, at } = watched();
  at(0, { type: "started", what: "the machine's own limit", round: 0 });
  at(5, { type: "started", what: "d2l/lenet forward", round: 0 });
  at(9, { type: "measured", tally: tally(A, [10, 12, 99], [0, 0, 1]), round: 0 });
  const [line = ""] = lines;
  assert(line.startsWith("d2l/lenet forward: 11.0 ms a step of 128, process 1 of 2, ETA "), line);
});

Deno.test("what is left follows from what has been done, in proportion to its cost, without the limit's time", () => {
  const { progress, at } = watched();
  assertEquals(progress.eta, undefined);
  at(5, { type: "started", what: "d2l/lenet forward", round: 0 });
  at(9, { type: "measured", tally: tally(A, [10], [0]), round: 0 });
  const [a, b] = [costOfProcess(A, options), costOfProcess(B, options)];
  // Four seconds for one of two processes of A; both of B and one of A are left.
  assert(Math.abs((progress.eta ?? NaN) - 4000 * (a + 2 * b) / a) < 1);
  at(20, { type: "measured", tally: tally(B, [10], [0]), round: 0 });
  at(30, { type: "measured", tally: tally(B, [10, 10], [0, 1]), round: 1 });
  at(40, { type: "measured", tally: tally(A, [10, 10], [0, 1]), round: 1 });
  assert(Math.abs(progress.eta ?? NaN) < 1e-6);
});

Deno.test("notes are lines, and what measured nothing is none", () => {
  const { lines, at } = watched();
  at(1, { type: "note", text: "d2l/lenet forward: process 1 failed: no room" });
  at(2, { type: "measured", tally: tally(A, [], []), round: 0 });
  assertEquals(lines, ["d2l/lenet forward: process 1 failed: no room"]);
});
