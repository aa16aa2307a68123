/**
 * Repositories made up for tests, whose program tells times without measuring.
 *
 * @module
 */
import { dirname, join } from "node:path";

/** Runs git in `folder`; gives what it printed. */
export async function git(folder: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("git", {
    args: ["-c", "user.name=test", "-c", "user.email=test@localhost", ...args],
    cwd: folder,
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim();
}

/** Writes files and commits them; gives the commit. */
export async function commit(folder: string, files: Readonly<Record<string, string>>): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    await Deno.mkdir(join(folder, dirname(path)), { recursive: true });
    await Deno.writeTextFile(join(folder, path), text);
  }
  await git(folder, "add", "--all");
  await git(folder, "commit", "--quiet", "--allow-empty", "-m", "a commit");
  return await git(folder, "rev-parse", "HEAD");
}

/** Runs `use` in a new repository, which is removed after. */
export async function withRepository(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "convbench-repository-" }));
  try {
    await git(folder, "init", "--quiet", "--initial-branch=main");
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Where the program of a checkout lies. */
export const PROGRAM = "bench/sampler/child.ts";

/** A program that says its steps take `ms` milliseconds, give or take a percent; `before` runs first. */
export function program(ms: number, before = ""): string {
  return `
    const job = JSON.parse(Deno.args[0]);
    const tell = (message) => console.log("\\u0002convbench " + JSON.stringify(message));
    const features = { simd: true, threads: 1 };
    tell({ type: "backend", backend: { name: "wasm", device: "cpu", version: "4.22.0", features, tfjs: "4.22.0" } });
    if (job.kind === "peak") {
      for (const of of ["matmul", "convolution", "copy"]) tell({ type: "peak", of, perSecond: 1e12 });
    } else {
      ${before}
      tell({ type: "first", ms: 500 });
      tell({ type: "warm", steps: 7, ms: 900, stable: true });
      tell({ type: "samples", ms: Array.from({ length: job.samples }, () => ${ms} * (0.995 + 0.01 * Math.random())) });
    }
    tell({ type: "end", peakMemory: 1e8, finite: true });
  `;
}
