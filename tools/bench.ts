/**
 * `deno task bench`: runs `deno bench` file by file, each in a process of its own,
 * and prints throughput, which `deno bench` does not.
 *
 * @module
 */
import { join } from "node:path";
import { type BenchRow, kernelTable, modelTable, operationTable, parseBenchReport } from "../bench/table.ts";
import { parseBenchOptions } from "../bench/options.ts";
import { offlineFlags, ROOT } from "./jsr.ts";

/**
 * V8 (seen in 15.0) inlines what wasm calls through a pointer as it has seen it called
 * so far. XNNPACK calls all its inner loops through one pointer: once a matrix product
 * is hot, convolutions can fall back to unoptimised code and stay there, 2.5 times
 * slower (docs/benchmarks.md). The flag cannot be set once V8 runs.
 */
const V8_FLAGS = "--no-wasm-deopt";

const HELP = `Usage: deno task bench [OPTIONS]

  --models GLOB     networks to measure, 'd2l/*' [a small one of each family, and the kernels]
  --batch N         images in a batch [128, or fewer for large networks]
  --backend NAME    tensorflow, webgpu, wasm or cpu [the best that runs here]
  --device NAME     cpu or gpu; an error where it is not there [gpu where there is one]
  --compiled        run each step as one compiled function of TensorFlow's
  --iterations N    timed iterations of each benchmark [8 of long steps, else at least 10 and half a second]
  --help`;

async function benchFiles(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(join(ROOT, "bench"))) if (name.endsWith("_bench.ts")) names.push(name);
  return names.sort();
}

/** Runs one file; what it prints on stderr passes through. */
async function benchFile(
  name: string,
  flags: readonly string[],
  args: readonly string[],
): Promise<{ success: boolean; output: string }> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["bench", `--v8-flags=${V8_FLAGS}`, "-P", "--json", "--no-check", ...flags, `bench/${name}`, "--", ...args],
    cwd: ROOT,
    stderr: "inherit",
  }).output();
  return { success, output: new TextDecoder().decode(stdout).trim() };
}

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    console.log(HELP);
    return 0;
  }
  try {
    parseBenchOptions(args);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 2;
  }
  const flags = await offlineFlags();
  const rows: BenchRow[] = [];
  const failed: string[] = [];
  let machine = "";
  for (const name of await benchFiles()) {
    console.error(`${name} …`);
    const { success, output } = await benchFile(name, flags, args.filter((arg) => arg !== "--"));
    const report = parseBenchReport(output);
    // A file that breaks before it registers anything gives an empty report.
    if (!success && report.failed.length === 0) failed.push(name);
    rows.push(...report.rows);
    failed.push(...report.failed);
    machine = `${report.cpu}, ${report.runtime}, V8 flags ${V8_FLAGS}`;
  }
  console.log(machine);
  if (rows.some(({ unit }) => unit === "images")) console.log(`\n${modelTable(rows)}`);
  if (rows.some(({ unit }) => unit === "MFLOP")) console.log(`\n${kernelTable(rows)}`);
  if (rows.some(({ unit }) => unit === "ops")) console.log(`\n${operationTable(rows)}`);
  for (const name of failed) console.error(`Failed: ${name}`);
  return failed.length > 0 || rows.length === 0 ? 1 : 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
