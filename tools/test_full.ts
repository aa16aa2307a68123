/**
 * `deno task test:full`: what is too large for each run of the tests. The networks of
 * the catalog at their own size, and PyTorch's numbers, on TensorFlow.
 *
 * @module
 */
import { UsageError } from "../cli/flags.ts";
import { parseFullTestOptions } from "../tests/full/options.ts";
import { runDeno } from "./jsr.ts";

const HELP = `Usage: deno task test:full [OPTIONS]

  --models GLOB   networks to test, 'torchvision/*'; golden files are tested only without it
  --help`;

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    console.log(HELP);
    return 0;
  }
  try {
    parseFullTestOptions(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    return 2;
  }
  // Without TensorFlow they fail, instead of being ignored as in `deno task test`.
  Deno.env.set("CONVBENCH_TEST_TENSORFLOW", "required");
  const files = ["tests/full/goldens.ts", "tests/full/networks.ts"];
  return await runDeno("test", ["-P", ...files, "--", ...args.filter((arg) => arg !== "--")]);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
