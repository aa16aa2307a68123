/**
 * Whether a file can be written, asked before hours of measuring. Deno only.
 *
 * @module
 */
import { show } from "../models/errors.ts";
import { UsageError } from "./flags.ts";

/**
 * Nothing where `path`, the value of `--flag`, can be written.
 *
 * @throws {UsageError} Where it cannot.
 */
export async function checkWritable(flag: string, path: string): Promise<void> {
  try {
    const beside = `${path}.${Deno.pid}.part`;
    await Deno.writeTextFile(beside, "");
    await Deno.remove(beside);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`Expected --${flag} to be a path that can be written but found ${show(path)}: ${reason}`, {
      cause,
    });
  }
}
