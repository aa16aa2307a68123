/**
 * The page's program: asks for backends, runs what is asked for, shows what came of it.
 *
 * @module
 */
import { median } from "../report/median.ts";
import { digits } from "../report/numbers.ts";
import { duration, Estimate, nameOf } from "../sampler/estimate.ts";
import type { SamplerEvent } from "../sampler/sampler.ts";
import { type BackendChoice, backendChoices } from "./backends.ts";
import { byId, create, page } from "./dom.ts";
import { browserEnvironment, type BrowserFacts } from "./environment.ts";
import { readForm, showBackends, wireModels } from "./form.ts";
import { guardLeaving, Results, sightWatch } from "./results.ts";
import { measureBackend, samplerOptions, type Settings } from "./run.ts";
import { askBackends, type WorkerLike, workerStarter } from "./starts.ts";

/** The commit that the page was built from; the build puts it here. */
declare const CONVBENCH_COMMIT: string | null;

/** A worker may be silent for as long as one large step takes in plain JavaScript. */
const PATIENCE_MS = 600_000;

const workers = {
  create: () => new Worker(new URL("worker.js", page.baseURI), { type: "module" }) as WorkerLike,
  wasmPath: new URL("wasm/", page.baseURI).href,
  patience: PATIENCE_MS,
};

const say = (text: string): void => {
  byId("status").textContent = text;
};

/** Adds a line to the log, and keeps its end in sight. */
function log(text: string): void {
  const list = byId("log");
  list.append(create("li", {}, text));
  list.scrollTop = list.scrollHeight;
}

/** Tells how far a run is; `done` backends of `all` are measured. */
function watcher(
  { label }: BackendChoice,
  { estimate, starts, done, all }: { estimate: Estimate; starts: number; done: number; all: number },
): (event: SamplerEvent) => void {
  return (event) => {
    estimate.watch(event);
    const eta = estimate.eta === undefined ? "" : `, about ${duration(estimate.eta)} more on ${label}`;
    if (event.type === "note") log(`${label}: ${event.text}`);
    if (event.type === "started") {
      byId("now").textContent = `${label}: ${event.what}, start ${event.round + 1} of ${starts}${eta}`;
    }
    if (event.type === "measured") {
      const { tally, round } = event;
      const mine = tally.samplesMs.filter((_, i) => tally.process[i] === round);
      if (mine.length > 0) {
        const ms = digits(median(mine));
        log(`${label}: ${nameOf(tally)}: ${ms} ms a step of ${tally.batch}, start ${round + 1} of ${starts}`);
      }
      byId("progress").value = (done + estimate.share) / all;
    }
  };
}

/** One run: all chosen backends, one after the other. */
async function run(
  { settings, backends }: { settings: Settings; backends: readonly BackendChoice[] },
  { signal, clockMs, results }: { signal: AbortSignal; clockMs: number; results: Results },
): Promise<void> {
  const navigator = globalThis.navigator as unknown as BrowserFacts;
  const wasHidden = sightWatch();
  for (const [done, choice] of backends.entries()) {
    if (signal.aborted) return;
    say(`Measuring on ${choice.label}`);
    const options = samplerOptions(settings, choice);
    const started = new Date().toISOString();
    try {
      const report = await measureBackend(choice, settings, {
        start: workerStarter(workers),
        signal,
        watch: watcher(choice, {
          estimate: new Estimate(options),
          starts: options.processes,
          done,
          all: backends.length,
        }),
        clockMs,
        environment: (backend) =>
          browserEnvironment(navigator, {
            clockMs,
            isolated: (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated === true,
            commit: CONVBENCH_COMMIT,
            started,
          }, backend),
        wasHidden,
      });
      if (report !== undefined) await results.add({ label: choice.label, report });
    } catch (error) {
      log(`${choice.label}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** Wakes the page. */
async function boot(): Promise<void> {
  byId("asleep").hidden = true;
  wireModels();
  const results = new Results();
  let running: AbortController | undefined;
  guardLeaving(() => running !== undefined);
  const { backends, clockMs } = await askBackends(workers);
  const choices = backendChoices(backends);
  showBackends(choices);
  const settingsFields = [...byId("settings").querySelectorAll("fieldset")];

  const setRunning = (controller: AbortController | undefined) => {
    running = controller;
    for (const field of settingsFields) field.disabled = running !== undefined;
    const [off, on] = running === undefined ? [byId("stop"), byId("start")] : [byId("start"), byId("stop")];
    on.disabled = false;
    // Who used the one button finds the other under the same fingers.
    if (page.activeElement === off) on.focus();
    off.disabled = true;
  };

  byId("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    if (running !== undefined) return;
    const asked = readForm(choices);
    byId("trouble").textContent = typeof asked === "string" ? asked : "";
    if (typeof asked === "string") return;
    byId("log").replaceChildren();
    byId("progress").value = 0;
    const controller = new AbortController();
    setRunning(controller);
    try {
      await run(asked, { signal: controller.signal, clockMs, results });
    } finally {
      say(controller.signal.aborted ? "Stopped; what was measured is below." : "Done.");
      byId("now").textContent = "";
      setRunning(undefined);
    }
  });
  byId("stop").addEventListener("click", () => running?.abort());
  byId("start").disabled = false;
}

boot().catch((error) => {
  byId("trouble").textContent = `This browser cannot run the page: ${error instanceof Error ? error.message : error}`;
});
