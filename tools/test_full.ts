/**
 * `deno task test:full`: what is too large for each run of the tests. The networks of
 * the catalog at their own size, and PyTorch's numbers, on TensorFlow.
 *
 * @module
 */
import { UsageError } from "../cli/flags.ts";
import { type FullTestOptions, parseFullTestOptions } from "../tests/full/options.ts";
import { offlineFlags, ROOT } from "./jsr.ts";

const HELP = `Usage: deno task test:full [OPTIONS]

  --models GLOB   networks to test, 'torchvision/*'; golden files are tested only without it
  --help`;

function parseOptions(args: readonly string[]): FullTestOptions | undefined {
  try {
    return parseFullTestOptions(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
  }
}

/** Runs the tests of one file; whether they passed. */
async function test(args: readonly string[], flags: readonly string[]): Promise<boolean> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "-P", ...flags, ...args],
    cwd: ROOT,
    // Without TensorFlow they fail, instead of being ignored as in `deno task test`.
    env: { CONVBENCH_TEST_TENSORFLOW: "required" },
  }).spawn().status;
  return success;
}

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    console.log(HELP);
    return 0;
  }
  const options = parseOptions(args);
  if (options === undefined) return 2;
  const { models, isNarrowed } = options;
  const flags = await offlineFlags();
  const failed: string[] = [];
  if (!isNarrowed && !await test(["tests/full/goldens.ts"], flags)) failed.push("golden files");
  // A process each: an allocator keeps what a large network needed, long after it is freed.
  for (const [i, name] of models.entries()) {
    console.log(`${name} (${i + 1} of ${models.length})`);
    const checked = i === 0 ? [] : ["--no-check"];
    if (!await test([...checked, "tests/full/networks.ts", "--", "--models", name], flags)) failed.push(name);
  }
  for (const name of failed) console.error(`Failed: ${name}`);
  return failed.length > 0 ? 1 : 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
