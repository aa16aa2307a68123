/**
 * tfjs-core's and tfjs-node's own specs on a backend of this project.
 *
 * They run in a process of their own. Where a spec ends that process or hangs, it is
 * reported by its name, and another process goes on behind it.
 *
 * @module
 */
import { join } from "node:path";
import { offlineFlags, ROOT } from "../../jsr.ts";
import { bundleSpecs } from "./bundle.ts";
import type { Job, Line, SpecResult } from "./protocol.ts";

/** What is run. */
export interface SuiteOptions {
  /** Part of the name of each spec to run. */
  readonly grep?: string;
  /** The folder `tfjs-node` of a checkout of tfjs, for specs that read its `test_objects`. */
  readonly fixtures?: string;
}

/** What a run came to. */
export interface SuiteRun {
  readonly results: readonly SpecResult[];
  /** What failed outside of any spec. */
  readonly strays: readonly string[];
  /** Without the making of the bundle. */
  readonly seconds: number;
}

/** A spec gets 20 s from jasmine; one that never comes back to the event loop is ended after this. */
const SILENCE_MS = 60_000;
/** So much of what a process said at its end is shown. */
const LAST_WORDS = 400;

/** What became of a process. */
export interface Ended {
  /** What it said. */
  readonly lines: readonly Line[];
  /** What it died of; undefined where it came to its end. */
  readonly death?: string;
}

/**
 * Runs `deno run ARGS` in `folder` until it ends, dies, or says nothing for `patienceMs`.
 */
export async function listen(args: readonly string[], folder: string, patienceMs: number): Promise<Ended> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", ...args],
    cwd: folder,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stderr = new Response(child.stderr).text();
  const lines: Line[] = [];
  let silent = false;
  const giveUp = () => {
    silent = true;
    child.kill("SIGKILL");
  };
  let timer = setTimeout(giveUp, patienceMs);
  let rest = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    clearTimeout(timer);
    timer = setTimeout(giveUp, patienceMs);
    const parts = (rest + chunk).split("\n");
    rest = parts.pop() ?? "";
    // What the library prints by itself comes between.
    for (const part of parts) if (part.startsWith('{"kind":')) lines.push(JSON.parse(part));
  }
  clearTimeout(timer);
  const { code, signal } = await child.status;
  if (lines.at(-1)?.kind === "ends") return { lines };
  const cause = silent
    ? `said nothing for ${patienceMs / 1000} s`
    : signal === null
    ? `ended with exit code ${code}`
    : `ended by ${signal}`;
  return { lines, death: `the process ${cause}: ${(await stderr).trim().slice(-LAST_WORDS)}` };
}

/** The spec that had started and was not done when its process ended. */
export function unfinished(lines: readonly Line[]): { id: string; name: string; ignored: boolean } | undefined {
  const last = lines.findLast((line) => line.kind === "started");
  const isDone = lines.some((line) => line.kind === "done" && line.result.id === last?.id);
  return last === undefined || isDone ? undefined : last;
}

/**
 * Calls `run` with the ids of the specs that are through, until a process comes to its end.
 *
 * @throws {Error} Where a process ends outside of any spec: the backend does not start, or a module does not load.
 */
export async function collect(
  run: (skip: readonly string[]) => Promise<Ended>,
): Promise<Pick<SuiteRun, "results" | "strays">> {
  const results: SpecResult[] = [];
  const strays: string[] = [];
  for (;;) {
    const { lines, death } = await run(results.map(({ id }) => id));
    for (const line of lines) {
      if (line.kind === "done") results.push(line.result);
      if (line.kind === "stray") strays.push(`${line.name}: ${line.message}`);
    }
    if (death === undefined) return { results, strays };
    const spec = unfinished(lines);
    if (spec === undefined) throw new Error(`Expected the specs to run but ${death}`);
    const { id, name, ignored } = spec;
    results.push({ id, name, ignored, status: "crashed", message: death });
  }
}

/** Bundles the specs and runs them on `backend`, in as many processes as it takes. */
export async function runSuite(backend: Job["backend"], { grep = "", fixtures }: SuiteOptions = {}): Promise<SuiteRun> {
  const scratch = await Deno.makeTempDir({ prefix: "convbench-conformance-" });
  try {
    const bundle = join(scratch, "specs.mjs");
    await bundleSpecs(backend, bundle);
    const script = join(ROOT, "tools", "conformance", "jasmine", "specs.ts");
    // The specs' folder is not this project's.
    const flags = ["--config", join(ROOT, "deno.json"), ...await offlineFlags()];
    const start = performance.now();
    const collected = await collect((skip) => {
      const job: Job = { backend, bundle, scratch, grep, skip };
      return listen([...flags, script, JSON.stringify(job)], fixtures ?? scratch, SILENCE_MS);
    });
    return { ...collected, seconds: (performance.now() - start) / 1000 };
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}
