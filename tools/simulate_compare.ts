/**
 * How often `convbench compare` is wrong: many pairs of runs made from noise, with and
 * without a slowdown, for the table of docs/measuring.md.
 *
 *     deno run -A tools/jsr.ts run -A tools/simulate_compare.ts [--trials 10000] [--from REPORT.json]
 *
 * With --from the noise is a recorded one: each trial draws both sides from the same
 * result's processes, and in them from their samples, in runs of neighbours, since
 * steps that follow one another are alike. Without it noise is log-normal, of a
 * standard deviation between processes and within them.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { byProcess, type Random, type Sample, seededRandom } from "../bench/report/bootstrap.ts";
import { compareReports } from "../bench/report/compare.ts";
import { readReport } from "../bench/report/read.ts";
import type { Environment, Report, Result } from "../bench/report/schema.ts";
import { hashSeed, normalValues } from "../models/random.ts";

/** Makes one side's samples. */
type Source = (random: Random) => Sample;

const [PROCESSES, SAMPLES] = [3, 10];
/** Neighbours that are drawn together. */
const BLOCK = 5;

function logNormal(between: number, within: number, processes: number, samples: number): Source {
  return (random) => {
    const seed = Math.floor(random() * 2 ** 32);
    const offsets = normalValues(processes, between, hashSeed(seed, "processes"));
    const noises = normalValues(processes * samples, within, hashSeed(seed, "samples"));
    const process = [...noises.keys()].map((i) => Math.floor(i / samples));
    return {
      samplesMs: [...noises].map((noise, i) => 20 * Math.exp(noise + (offsets[process[i] ?? 0] ?? 0))),
      process,
    };
  };
}

/** Draws processes of a recorded result, and blocks of neighbours within them. */
function recorded(result: Result, processes: number, samples: number): Source {
  const groups = byProcess(result);
  return (random) => {
    const pick = (below: number) => Math.floor(random() * below);
    const drawn = Array.from({ length: processes }, () => {
      const group = groups[pick(groups.length)] ?? [];
      const block = Math.min(BLOCK, group.length);
      return Array.from({ length: Math.ceil(samples / block) }, () => {
        const start = pick(group.length - block + 1);
        return group.slice(start, start + block);
      }).flat().slice(0, samples);
    });
    return { samplesMs: drawn.flat(), process: drawn.flatMap((group, i) => group.map(() => i)) };
  };
}

const environment: Environment = {
  cpu: "simulated",
  cores: 1,
  memory: null,
  gpu: null,
  driver: null,
  os: "none",
  deno: null,
  v8: null,
  tfjs: null,
  libtensorflow: null,
  threads: null,
  flags: {},
  load: { start: null, end: null },
  commit: null,
  started: null,
};

function report({ samplesMs, process }: Sample, slower: number): Report {
  const result: Result = {
    name: "simulated",
    model: "simulated",
    mode: "forward",
    backend: "none",
    precision: "float32",
    batch: 1,
    samplesMs: samplesMs.map((ms) => slower * ms),
    process,
    median: 1,
    confidenceInterval: null,
    imagesPerSecond: 1,
    firstStepMs: null,
    peakMemory: null,
    params: null,
    macs: null,
    utilisation: null,
  };
  return { schema: 1, environment, results: [result] };
}

/** Shares of the trials that were called slower, and regressions. */
function simulate(source: Source, slower: number, trials: number): { slower: number; regression: number } {
  const random = seededRandom(hashSeed(trials, String(slower)));
  const found = { slower: 0, regression: 0 };
  for (let trial = 0; trial < trials; trial++) {
    const [row] = compareReports(report(source(random), 1), report(source(random), slower)).rows;
    if (row?.verdict === "slower") found.slower++;
    if (row?.regression) found.regression++;
  }
  return { slower: found.slower / trials, regression: found.regression / trials };
}

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;

if (import.meta.main) {
  const flags = parseArgs(Deno.args, { string: ["trials", "from", "processes", "samples"] });
  const trials = Number(flags.trials ?? 10_000);
  const processes = Number(flags.processes ?? PROCESSES);
  const samples = Number(flags.samples ?? SAMPLES);
  if (![trials, processes, samples].every((count) => Number.isInteger(count) && count > 0)) {
    console.error("Expected --trials, --processes and --samples to be positive integers");
    Deno.exit(2);
  }
  const sources: [string, Source][] = flags.from === undefined
    ? [[0, 0.01], [0, 0.03], [0.005, 0.01], [0.01, 0.02], [0.02, 0.02]].map(([between = 0, within = 0]) => [
      `${percent(between)} between, ${percent(within)} within`,
      logNormal(between, within, processes, samples),
    ])
    : (await readReport(flags.from)).results.map((result) => [result.name, recorded(result, processes, samples)]);
  console.log(`${processes} processes of ${samples} samples a side, ${trials} trials\n`);
  console.log("| noise | A/A: regression | A/A: slower | 5 %: slower | 10 %: regression |");
  console.log("| --- | ---: | ---: | ---: | ---: |");
  for (const [name, source] of sources) {
    const same = simulate(source, 1, trials);
    const [five, ten] = [simulate(source, 1.05, trials / 10), simulate(source, 1.1, trials / 10)];
    console.log(
      `| ${name} | ${percent(same.regression)} | ${percent(same.slower)} | ${percent(five.slower)} | ${
        percent(ten.regression)
      } |`,
    );
  }
}
