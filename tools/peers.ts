/**
 * `deno task bench:peers`: this project beside PyTorch and stock tfjs, in one run.
 * docs/peers.md says how it is fair.
 *
 * @module
 */
import { readEnvironment } from "../bench/sampler/environment.ts";
import type { BackendRecord } from "../bench/sampler/messages.ts";
import { duration } from "../bench/sampler/progress.ts";
import { processStarter } from "../bench/sampler/processes.ts";
import type { Limit } from "../bench/report/schema.ts";
import { median } from "../bench/report/median.ts";
import { digits } from "../bench/report/numbers.ts";
import { UsageError } from "../cli/flags.ts";
import { readEnv } from "../data/folders.ts";
import { writeWhole } from "../data/whole_file.ts";
import { runCommand } from "./command.ts";
import { commandsOf } from "./peers/commands.ts";
import { HELP, parsePeersOptions, type PeersOptions } from "./peers/options.ts";
import { AMOUNTS, VARIANTS, worksOf } from "./peers/plan.ts";
import { figuresOf } from "./peers/report.ts";
import { type Cell, type Measured, measurePeers } from "./peers/run.ts";
import { type PeersReport, peersReportSchema } from "./peers/schema.ts";
import { ensureTensorFlow, ensureTorch, namedTorch, type SetUp, type TorchPython } from "./peers/setup.ts";
import { reportText } from "./peers/table.ts";
import { loadWarning, warningsOf } from "./peers/warnings.ts";
import { startWorker } from "./peers/worker.ts";

/** Silence of a process that measures the machine itself. */
const PEAK_PATIENCE = 120_000;

const notice = (text: string): void => console.error(text);

/** What is set up, or why it is not: the other side is measured all the same. */
async function attempt<T>(what: string, ensure: () => Promise<SetUp<T>>): Promise<SetUp<T> | { reason: string }> {
  try {
    const done = await ensure();
    if (done.seconds !== null) notice(`${what} was set up in ${duration(1000 * done.seconds)}`);
    return done;
  } catch (error) {
    if (error instanceof UsageError || !(error instanceof Error)) throw error;
    notice(`${what} could not be set up: ${error.message}`);
    return { reason: error.message };
  }
}

/** The better of what the machine reaches and what it was known to reach; the backend that says so. */
async function measureLimit(
  known: Limit,
  signal: AbortSignal,
): Promise<{ limit: Limit; backend: BackendRecord | undefined }> {
  let [limit, backend]: [Limit, BackendRecord | undefined] = [known, undefined];
  try {
    const start = processStarter({ patience: PEAK_PATIENCE, v8Flags: [] });
    for await (const message of start({ kind: "peak", backend: "tensorflow", device: "cpu" }, signal)) {
      if (message.type === "backend") backend = message.backend;
      if (message.type === "peak") {
        limit = { ...limit, [message.of]: Math.max(limit[message.of] ?? 0, message.perSecond) };
      }
    }
  } catch (error) {
    if (!signal.aborted) notice(`The machine's own peak could not be measured: ${error}`);
  }
  return { limit, backend };
}

function progressLine(cells: readonly Cell[], started: number): string {
  const [first] = cells;
  const speeds = cells.map((cell) => `${cell.variant} ${digits(1000 * cell.batch / median(cell.samplesMs))}`);
  const what = first === undefined ? "nothing" : `${first.model} ${first.mode} ${first.precision}`;
  return `${duration(performance.now() - started)}  ${what}: ${speeds.join(", ")} images/s`;
}

/** What each side said of itself. */
function versionsOf({ ready }: Measured): Pick<PeersReport["environment"], "versions" | "threads"> {
  const all = VARIANTS.flatMap((variant) => {
    const said = ready.get(variant);
    return said === undefined ? [] : [[variant, said] as const];
  });
  return {
    versions: Object.assign({}, ...all.map(([, { versions }]) => versions)),
    threads: Object.fromEntries(all.map(([variant, { threads }]) => [variant, threads])),
  };
}

async function run(options: PeersOptions, signal: AbortSignal): Promise<{ report: PeersReport; interrupted: boolean }> {
  const { networks, columns, named, size, python } = options;
  const tensorflow = await attempt("libtensorflow", ensureTensorFlow);
  const torch = await attempt(
    "PyTorch",
    async (): Promise<SetUp<TorchPython>> =>
      python === undefined ? await ensureTorch({ notice }) : { value: await namedTorch(python), seconds: null },
  );

  const cores = navigator.hardwareConcurrency;
  const finish = await readEnvironment([]);
  const load = Deno.build.os === "windows" ? null : Deno.loadavg()[0] ?? null;
  const disturbed = loadWarning(load, cores);
  if (disturbed !== undefined) notice(`Warning: ${disturbed}`);

  const started = performance.now();
  const nothing: Limit = { convolution: null, matmul: null, copy: null };
  const before = await measureLimit(nothing, signal);
  const measured = await measurePeers({
    networks,
    works: worksOf(columns),
    size,
    amount: AMOUNTS[size],
    forceBfloat16: named,
  }, {
    commandOf: commandsOf({
      tensorflow: "reason" in tensorflow ? tensorflow.reason : undefined,
      torch: "reason" in torch ? torch : torch.value,
      threads: Number(readEnv("TF_NUM_INTRAOP_THREADS")) || cores,
    }),
    start: startWorker,
    signal,
    notice,
    watch: (cells) => notice(progressLine(cells, started)),
  });
  const { limit, backend = before.backend } = await measureLimit(before.limit, signal);

  const environment = finish(
    backend ?? { name: "tensorflow", device: "cpu", version: "", features: {}, tfjs: "" },
  );
  const { cpu, memory, os, flags, commit, started: date } = environment;
  const report: PeersReport = {
    schema: 1,
    environment: {
      cpu,
      cores,
      memory,
      os,
      ...versionsOf(measured),
      flags: { ...flags },
      load: { ...environment.load },
      commit,
      started: date ?? new Date().toISOString(),
    },
    settings: { size, ...AMOUNTS[size], columns: [...columns] },
    setup: {
      libtensorflow: "seconds" in tensorflow ? tensorflow.seconds : null,
      pytorch: "seconds" in torch ? torch.seconds : null,
    },
    seconds: (performance.now() - started) / 1000,
    limit,
    ...figuresOf(measured, columns, limit),
    warnings: warningsOf(measured, { load, cores }),
  };
  return { report: peersReportSchema.parse(report), interrupted: measured.interrupted };
}

async function main(args: readonly string[]): Promise<number> {
  const options = parsePeersOptions(args);
  if (options === undefined) {
    console.log(HELP);
    return 0;
  }
  const controller = new AbortController();
  const stop = () => controller.abort();
  Deno.addSignalListener("SIGINT", stop);
  try {
    const { report, interrupted } = await run(options, controller.signal);
    if (options.json !== undefined) await writeWhole(options.json, JSON.stringify(report, null, 2) + "\n");
    console.log(reportText(report));
    if (interrupted) return 130;
    return report.results.length === 0 ? 1 : 0;
  } finally {
    Deno.removeSignalListener("SIGINT", stop);
  }
}

if (import.meta.main) await runCommand(main, HELP);
