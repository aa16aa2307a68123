/**
 * `convbench bench`: measures networks, and keeps the raw samples. Deno only.
 *
 * @module
 */
import { closest } from "fastest-levenshtein";
import { z } from "zod";
import { BACKEND_NAMES } from "../backends/source.ts";
import { SMALL_MODELS } from "../bench/families.ts";
import { rankingPage } from "../bench/report/page.ts";
import { rankReport } from "../bench/report/rank.ts";
import type { Report } from "../bench/report/schema.ts";
import { terminalPage } from "../bench/report/terminal.ts";
import { readEnvironment } from "../bench/sampler/environment.ts";
import { type Precision, PRECISIONS } from "../bench/sampler/messages.ts";
import { processStarter, V8_FLAGS } from "../bench/sampler/processes.ts";
import { Progress } from "../bench/sampler/progress.ts";
import { beyondLimit, reportOf } from "../bench/sampler/report.ts";
import { sample, type SamplerEvent, type SamplerOptions } from "../bench/sampler/sampler.ts";
import { MODES } from "../bench/workloads.ts";
import { writeWhole } from "../data/whole_file.ts";
import { show } from "../models/errors.ts";
import { listModels } from "../models/registry.ts";
import { command, parseCommand, UsageError } from "./flags.ts";
import { interruptible } from "./interruptible.ts";
import { checkWritable } from "./writable.ts";

const positive = z.coerce.number<string | undefined>().int().positive();
const batch = z.string().default("auto").transform((text) => text === "auto" ? undefined : text)
  .pipe(positive.optional());
const modes = z.string().default(MODES.join(",")).transform((text) => [...new Set(text.split(","))])
  .pipe(z.array(z.enum(MODES)));

/** `convbench bench`. */
export const BENCH = command({
  name: "bench",
  about: "Measures steps of networks: forward (evaluation, the main output) and train (forward and the gradients of " +
    "all weights). Each network runs in fresh processes, in an order that turns around from one round to the next; " +
    "what the machine itself can do is measured in the same run. Ctrl-C ends it and keeps what is measured.",
  args: [],
  flags: {
    models: {
      value: "GLOB",
      help: "networks, by a glob over their names",
      schema: z.string().optional(),
      otherwise: "a small one of each family",
      completes: "model",
    },
    backend: {
      value: "NAME",
      help: "what computes; auto is the best that runs here",
      schema: z.enum(["auto", ...BACKEND_NAMES]).default("auto"),
    },
    device: {
      value: "DEVICE",
      help: "an error where it is not there",
      schema: z.enum(["cpu", "gpu"]).optional(),
      otherwise: "the best that runs here",
    },
    batch: {
      value: "N",
      help: "images in a step",
      schema: batch,
      otherwise: "auto: 128, or fewer for large networks",
    },
    modes: { value: "MODES", help: "forward, train, or both with a comma", schema: modes },
    compiled: { help: "run each step as one compiled function of TensorFlow's" },
    precision: {
      value: "TYPE",
      help: "what products are computed in; others than float32 with --compiled",
      schema: z.enum(PRECISIONS).default("float32"),
    },
    samples: { value: "N", help: "samples of each result, over all of its processes", schema: positive.default(30) },
    processes: { value: "N", help: "processes that they are spread over", schema: positive.default(3) },
    timeout: {
      value: "S",
      help: "seconds of silence after which a process is ended as hung",
      schema: z.coerce.number().positive().max(86_400).default(600),
    },
    json: {
      value: "FILE",
      help: "where the report goes, with all samples; - is stdout, in the place of the table",
      schema: z.string().optional(),
      completes: "file",
    },
  },
  notes: "Where memory does not suffice the batch is made smaller, and the result says so.\n\n" +
    "Exit codes: 0 fine; 1 a network could not be measured, or a result is beyond the machine's own limit; 2 a usage " +
    "error; 130 after Ctrl-C.",
  examples: [
    "convbench bench --models 'd2l/*' --json out.json",
    "convbench bench --models '{torchvision/resnet50,timm/seresnet50}' --modes train --batch 16 --samples 60",
  ],
});

/** What `convbench bench` was asked. */
export interface BenchRun extends SamplerOptions {
  /** What is computed in. */
  readonly precision: Precision;
  /** Milliseconds of silence after which a process is ended. */
  readonly patience: number;
  /** Where the report goes; `-` is stdout. */
  readonly json: string | undefined;
  /** Whether errors are all that is said on stderr. */
  readonly quiet: boolean;
}

/**
 * The options of `convbench bench ARGS`.
 *
 * @throws {UsageError} Where a flag is unknown, a value is out of range, or no network is meant.
 */
export function parseBenchRun(args: readonly string[]): BenchRun {
  const { flags, quiet } = parseCommand(BENCH, args);
  const glob = flags.models;
  const models = glob === undefined ? SMALL_MODELS : listModels(glob);
  if (models.length === 0) {
    const nearest = show(closest(glob ?? "", listModels()));
    throw new UsageError(
      `Expected --models to match a network of listModels() but found ${show(glob)}: is it ${nearest}`,
    );
  }
  const { backend, compiled, precision } = flags;
  if (precision !== "float32" && !compiled) {
    throw new UsageError(`Expected --precision ${precision} with --compiled but found it without`);
  }
  return {
    entries: models.flatMap((model) => flags.modes.map((mode) => ({ model, mode }))),
    backend: backend === "auto" ? undefined : backend,
    device: flags.device,
    batch: flags.batch,
    samples: flags.samples,
    // Each process takes one sample at least.
    processes: Math.min(flags.processes, flags.samples),
    compiled,
    precision,
    patience: flags.timeout * 1000,
    json: flags.json,
    quiet,
  };
}

/** Writes the report where it was asked for. What was measured is not lost to a full disk: stdout gets it then. */
async function deliver(report: Report, { json, quiet }: BenchRun): Promise<boolean> {
  const text = `${JSON.stringify(report, null, 2)}\n`;
  if (json === "-") {
    console.log(text.trimEnd());
    return true;
  }
  const colour = !Deno.noColor && Deno.stdout.isTerminal();
  if (report.results.length > 0) console.log(terminalPage(rankingPage(rankReport(report), report), colour));
  if (json === undefined) return true;
  try {
    await writeWhole(json, text);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}: the report follows on stdout`);
    console.log(text.trimEnd());
    return false;
  }
  if (!quiet) console.error(`Wrote ${json}`);
  return true;
}

async function run(options: BenchRun): Promise<number> {
  const { json, patience, precision, quiet, samples } = options;
  if (json !== undefined && json !== "-") await checkWritable("json", json);
  const finishEnvironment = await readEnvironment(V8_FLAGS);
  const progress = quiet ? undefined : new Progress(options);
  const sampled = await interruptible((signal) =>
    sample(options, {
      start: processStarter({ patience, v8Flags: V8_FLAGS }),
      signal,
      watch: (event: SamplerEvent) => progress?.watch(event),
    })
  );
  progress?.stop();
  const { backend, interrupted } = sampled;
  if (backend === undefined) {
    console.error("Interrupted before anything was measured");
    return 130;
  }
  const report = reportOf(sampled, { environment: finishEnvironment(backend), precision, samples });
  const delivered = await deliver(report, options);
  const beyond = report.results.flatMap((result) => {
    const reason = beyondLimit(result);
    return reason === undefined ? [] : [`${result.name}: ${reason}`];
  });
  for (const { name, reason } of report.failures ?? []) console.error(`Not measured: ${name}: ${reason}`);
  for (const reason of beyond) console.error(`Not to be believed: ${reason}`);
  if (interrupted) return 130;
  return delivered && beyond.length === 0 && report.failures === undefined ? 0 : 1;
}

/** Runs `convbench bench ARGS`; gives the exit code. */
export async function benchCommand(args: readonly string[]): Promise<number> {
  return await run(parseBenchRun(args));
}
