/**
 * How the tools end.
 *
 * @module
 */
import { UsageError } from "../cli/flags.ts";

/** Runs `main` and ends with its code; with 2 and the message, above `help`, where it was called the wrong way. */
export async function runCommand(main: (args: readonly string[]) => Promise<number>, help?: string): Promise<never> {
  try {
    Deno.exit(await main(Deno.args));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(help === undefined ? error.message : `${error.message}\n\n${help}`);
    Deno.exit(2);
  }
}
