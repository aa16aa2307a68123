/**
 * Real runs of `convbench ab` against a slowdown that is known: a scratch clone gets a
 * commit in which each step waits, busily, for a share of the time that it took.
 * `--slower 0%` makes a commit that changes nothing: A/A.
 *
 *     deno run -A tools/jsr.ts run -A tools/injected_delay.ts -- --slower 10% --repeat 20 \
 *       --models 'd2l/{lenet,bnlenet}' --backend wasm
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import { parseCompareOptions } from "../cli/compare.ts";
import { parseFlags, UsageError } from "../cli/flags.ts";
import type { Comparison } from "../bench/report/compare.ts";
import { change } from "../bench/report/numbers.ts";
import { geometricMean } from "../bench/report/median.ts";
import { runCommand } from "./command.ts";
import { offlineFlags, ROOT } from "./jsr.ts";

/** The file that a step is in, and the line behind the work. */
const WORKLOADS = "bench/workloads.ts";
const BEGIN = "    async step() {\n";
const END = "      result.dispose();\n      return value;\n";

/**
 * The workloads' text with a busy loop behind each step that takes `share` of its time.
 *
 * @throws {Error} Where the text has no step as this knows it.
 */
export function delayed(text: string, share: number): string {
  if (text.split(BEGIN).length !== 2 || text.split(END).length !== 2) {
    throw new Error(`Expected ${WORKLOADS} to have one step that ends by returning its value but found another text`);
  }
  return text
    .replace(BEGIN, `${BEGIN}      const injected = performance.now();\n`)
    .replace(
      END,
      "      result.dispose();\n" +
        `      const until = performance.now() + ${share} * (performance.now() - injected);\n` +
        "      while (performance.now() < until);\n" +
        "      return value;\n",
    );
}

async function git(cwd: string, ...args: string[]): Promise<void> {
  const user = ["-c", "user.name=convbench", "-c", "user.email=convbench@localhost"];
  const { success, stderr } = await new Deno.Command("git", { args: [...user, ...args], cwd }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr).trim());
}

/** A clone of this checkout's last commit at `folder`, with one commit more. */
async function makeClone(folder: string, share: number): Promise<void> {
  await git(ROOT, "clone", "--quiet", "--no-tags", ROOT, folder);
  const path = join(folder, WORKLOADS);
  if (share > 0) await Deno.writeTextFile(path, delayed(await Deno.readTextFile(path), share));
  await git(folder, "commit", "--quiet", "--allow-empty", "-am", "a slower step");
}

/** One run of ab in `folder`; undefined where it came to nothing, which it has said. */
async function ab(folder: string, args: readonly string[]): Promise<Comparison | undefined> {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-check",
      ...await offlineFlags(),
      join(ROOT, "cli.ts"),
      ...["ab", "--base", "HEAD~1", "--head", "HEAD", "--json=-"],
      ...args,
    ],
    cwd: folder,
    stderr: "inherit",
  }).output();
  return code > 1 ? undefined : JSON.parse(new TextDecoder().decode(stdout));
}

/** Counts over runs, a line for each result. */
export function tableOf(runs: readonly Comparison[]): string {
  const names = [...new Set(runs.flatMap(({ rows }) => rows.map(({ name }) => name)))];
  const lines = names.map((name) => {
    const rows = runs.flatMap(({ rows }) => rows.filter((row) => row.name === name));
    const count = (of: (row: typeof rows[number]) => boolean) => `${rows.filter(of).length} of ${rows.length}`;
    const starts = rows.reduce((sum, { base }) => sum + base.summary.processes, 0) / rows.length;
    return `| \`${name}\` | ${change(geometricMean(rows.map(({ ratio }) => ratio)))} | ${
      count(({ regression }) => regression)
    } | ${count(({ verdict }) => verdict === "slower")} | ${count(({ verdict }) => verdict === "faster")} | ${
      starts.toFixed(1)
    } |`;
  });
  return [
    "| result | mean change | regression | slower | faster | processes a side |",
    "| --- | ---: | ---: | ---: | ---: | ---: |",
    ...lines,
  ].join("\n");
}

/** `--slower`, `--repeat`, and all else, which is ab's. */
function parse(args: readonly string[]): { share: number; repeat: number; rest: string[] } {
  const mine: string[] = [];
  const rest: string[] = [];
  for (let i = args[0] === "--" ? 1 : 0; i < args.length; i++) {
    const arg = args[i] ?? "";
    if (!/^--(slower|repeat)(=|$)/.test(arg)) rest.push(arg);
    else mine.push(...arg.includes("=") ? [arg] : [arg, args[++i] ?? ""]);
  }
  const { slower = "10%", repeat } = parseFlags(mine, { strings: ["slower", "repeat"], booleans: [] });
  const count = z.coerce.number().int().positive().safeParse(repeat ?? 1);
  if (!count.success) throw new UsageError(`Expected --repeat to be a positive integer but found ${repeat}`);
  // A percentage, as --fail-above is.
  const { threshold: share } = parseCompareOptions(["base", "head", "--fail-above", slower]);
  return { share, repeat: count.data, rest };
}

async function main(args: readonly string[]): Promise<number> {
  const { share, repeat, rest } = parse(args);
  const folder = await Deno.makeTempDir({ prefix: "convbench-delay-" });
  const runs: Comparison[] = [];
  try {
    await makeClone(join(folder, "clone"), share);
    for (let run = 0; run < repeat; run++) {
      console.error(`Run ${run + 1} of ${repeat}`);
      const comparison = await ab(join(folder, "clone"), rest);
      if (comparison === undefined) return 2;
      runs.push(comparison);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  console.log(`${repeat} runs, each step ${change(1 + share)}\n\n${tableOf(runs)}`);
  return 0;
}

if (import.meta.main) await runCommand(main);
