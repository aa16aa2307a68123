/**
 * Where a run was measured, for its report.
 *
 * @module
 */
import type { Finding } from "../../backends/doctor/finding.ts";
import { probeCpu, probeMemory } from "../../backends/doctor/machine.ts";
import { readEnv } from "../../data/folders.ts";
import type { Environment } from "../report/schema.ts";
import type { BackendRecord } from "./messages.ts";

/** What of this machine is asked; tests put another one in. */
export interface EnvironmentReader {
  /** The doctor's findings. */
  readonly cpu: () => Promise<Finding> | Finding;
  /** As {@linkcode EnvironmentReader.cpu}. */
  readonly memory: () => Finding;
  /** The load average over a minute; Windows has none. */
  readonly load: () => number | null;
  /** A variable's value. */
  readonly env: (name: string) => string | undefined;
  /** What `git ARGS` prints; undefined where it fails or is not there. */
  readonly git: (args: readonly string[]) => Promise<string | undefined>;
}

async function git(args: readonly string[]): Promise<string | undefined> {
  try {
    const { success, stdout } = await new Deno.Command("git", { args: [...args], stderr: "null" }).output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}

const HERE: EnvironmentReader = {
  cpu: () => probeCpu(),
  memory: () => probeMemory(),
  load: () => Deno.build.os === "windows" ? null : Math.round(100 * (Deno.loadavg()[0] ?? NaN)) / 100,
  env: readEnv,
  git,
};

/**
 * The commit of the folder that is measured in, with `-dirty` where files differ from
 * it. A run may write deno.lock anew: that alone is no change. CI says it where git does not.
 */
export async function readCommit({ git, env }: Pick<EnvironmentReader, "git" | "env"> = HERE): Promise<string | null> {
  const commit = await git(["rev-parse", "HEAD"]);
  if (commit === undefined) return env("GITHUB_SHA") ?? env("CI_COMMIT_SHA") ?? null;
  const changes = await git([
    "status",
    "--porcelain",
    "--untracked-files=no",
    "--",
    ":/",
    ":(exclude,glob)**/deno.lock",
  ]);
  return changes === "" ? commit : `${commit}-dirty`;
}

/** Variables that change how fast libraries compute. */
const VARIABLES: readonly string[] = [
  "DENO_V8_FLAGS",
  "DNNL_MAX_CPU_ISA",
  "NVIDIA_TF32_OVERRIDE",
  "OMP_NUM_THREADS",
  "ONEDNN_MAX_CPU_ISA",
  "TF_CUDNN_DETERMINISTIC",
  "TF_CUDNN_USE_AUTOTUNE",
  "TF_DETERMINISTIC_OPS",
  "TF_ENABLE_ONEDNN_OPTS",
  "TF_NUM_INTEROP_THREADS",
  "TF_NUM_INTRAOP_THREADS",
  "TF_XLA_FLAGS",
  "XLA_FLAGS",
];

/** Of a backend's features, those that have a place of their own, or that say nothing of how it computes. */
const ELSEWHERE: ReadonlySet<string> = new Set(["gpu", "driver", "threads", "memory", "memoryForTensors", "library"]);

function flagsOf({ name, device, features }: BackendRecord, env: EnvironmentReader["env"], v8: readonly string[]) {
  const variables = VARIABLES.flatMap((name) => {
    const value = env(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(Object.entries(features).filter(([feature]) => !ELSEWHERE.has(feature))),
    // TensorFlow's wheels use it on processors of Intel's and AMD's unless they are told not to.
    ...(name === "tensorflow" && device === "cpu" ? { oneDNN: env("TF_ENABLE_ONEDNN_OPTS") !== "0" } : {}),
    ...(v8.length === 0 ? {} : { v8: v8.join(" ") }),
    ...Object.fromEntries(variables),
  };
}

/** Threads that the backend computes with; TensorFlow takes all cores where it is not told otherwise. */
function threadsOf({ name, device, features }: BackendRecord, cores: number, env: EnvironmentReader["env"]) {
  if (typeof features.threads === "number") return features.threads;
  if (device === "gpu") return null;
  return name === "tensorflow" ? Number(env("TF_NUM_INTRAOP_THREADS")) || cores : 1;
}

const textOf = (value: unknown): string | null => typeof value === "string" && value !== "" ? value : null;

/** What completes an environment at the end of a run: its load, and the backend that it ran on. */
export type FinishEnvironment = (backend: BackendRecord) => Environment;

/** Reads, at the start of a run of processes with the flags `v8`, what may change until its end. */
export async function readEnvironment(
  v8: readonly string[],
  here: EnvironmentReader = HERE,
): Promise<FinishEnvironment> {
  const started = new Date().toISOString();
  const start = here.load();
  const { facts: { model, cores } } = await here.cpu();
  const { facts: { total } } = here.memory();
  const commit = await readCommit(here);
  const processors = Number(cores);
  return (backend) => ({
    cpu: textOf(model) ?? "unknown",
    cores: processors,
    memory: Number(total) || null,
    gpu: textOf(backend.features.gpu),
    driver: textOf(backend.features.driver),
    os: `${Deno.build.os} ${Deno.build.arch}`,
    deno: Deno.version.deno,
    v8: Deno.version.v8,
    tfjs: backend.tfjs,
    libtensorflow: backend.name === "tensorflow" ? backend.version : null,
    threads: threadsOf(backend, processors, here.env),
    flags: flagsOf(backend, here.env, v8),
    load: { start, end: here.load() },
    commit,
    started,
  });
}
