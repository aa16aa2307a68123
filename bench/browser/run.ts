/**
 * A run in the browser: the command line's own sampler, with workers for processes.
 *
 * @module
 */
import { version_core } from "@tensorflow/tfjs-core";
import type { ModelName } from "../../models/catalog.ts";
import type { Environment, Report, Result } from "../report/schema.ts";
import type { StartProcess } from "../sampler/ending.ts";
import type { BackendRecord } from "../sampler/messages.ts";
import { beyondLimit, reportOf } from "../sampler/report.ts";
import { sample, type SamplerEvent, type SamplerOptions, type Tally } from "../sampler/sampler.ts";
import type { Mode } from "../workloads.ts";
import { adapterName, type BackendChoice, isSoftwareAdapter } from "./backends.ts";
import { judgeClock } from "./clock.ts";

/** What a person asks for. */
export interface Settings {
  /** The networks. */
  readonly models: readonly ModelName[];
  /** What of them is measured. */
  readonly modes: readonly Mode[];
  /** Images in a step; each network's own where it is left out. */
  readonly batch?: number | undefined;
  /** Samples of each result, over all of its starts. */
  readonly samples: number;
  /** Fresh workers of each result. */
  readonly starts: number;
  /** Whether the machine's own limit is measured too. */
  readonly limit: boolean;
}

/** Where a run takes place; tests put their own in. */
export interface RunHere {
  /** Starts a worker. */
  readonly start: StartProcess;
  /** Ends the run early; what is measured is kept. */
  readonly signal: AbortSignal;
  /** Is told what happens. */
  readonly watch: (event: SamplerEvent) => void;
  /** Milliseconds that the clock can tell. */
  readonly clockMs: number;
  /** Where it is measured. */
  readonly environment: (backend: BackendRecord) => Environment;
  /** Whether nobody saw the page at some time since it was asked last. */
  readonly wasHidden: () => boolean;
}

/** What the sampler is asked for. */
export function samplerOptions(
  { models, modes, batch, samples, starts, limit }: Settings,
  { name, device }: Pick<BackendChoice, "name" | "device">,
): SamplerOptions {
  return {
    entries: models.flatMap((model) => modes.map((mode) => ({ model, mode }))),
    backend: name,
    device,
    batch,
    samples,
    // Each start takes one sample at least.
    processes: Math.min(starts, samples),
    limit,
  };
}

/** What a reader has to know beyond what the sampler says. */
function judge(tally: Tally, hidden: ReadonlySet<string>, { info }: BackendChoice, clockMs: number): Tally {
  const notes = [
    ...isSoftwareAdapter(info)
      ? [`software: ${adapterName(info)} computes on the CPU, and tells nothing about a GPU`]
      : [],
    ...tally.notes,
    ...hidden.has(keyOf(tally)) ? ["the page was out of sight meanwhile: browsers may slow down what nobody sees"] : [],
  ];
  return judgeClock({ ...tally, notes }, clockMs);
}

const keyOf = ({ model, mode }: Pick<Tally, "model" | "mode">): string => `${model} ${mode}`;

/**
 * Measures all networks on one backend; gives the report, also of a run that was
 * stopped, and undefined where nothing was measured and nothing failed.
 */
export async function measureBackend(
  choice: BackendChoice,
  settings: Settings,
  { start, signal, watch, clockMs, environment, wasHidden }: RunHere,
): Promise<Report | undefined> {
  const hidden = new Set<string>();
  wasHidden();
  const { tallies, ...rest } = await sample(samplerOptions(settings, choice), {
    start,
    signal,
    watch(event) {
      if (event.type === "started") wasHidden();
      if (event.type === "measured" && wasHidden()) hidden.add(keyOf(event.tally));
      watch(event);
    },
  });
  const { name, device, version, features } = choice.info;
  const backend = rest.backend ?? { name, device, version, features, tfjs: version_core };
  const judged = tallies.map((tally) => judge(tally, hidden, choice, clockMs));
  if (judged.every(({ samplesMs, failure }) => samplesMs.length === 0 && failure === undefined)) return undefined;
  const report = reportOf({ ...rest, backend, tallies: judged }, {
    environment: environment(backend),
    precision: "float32",
    samples: settings.samples,
  });
  return { ...report, results: report.results.map(doubt) };
}

/** Says of a result that it is beyond the machine's own limit; the command line fails there. */
function doubt(result: Result): Result {
  const reason = beyondLimit(result);
  return reason === undefined ? result : { ...result, notes: [...result.notes ?? [], `not to be believed: ${reason}`] };
}
