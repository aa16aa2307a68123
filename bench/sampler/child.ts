/**
 * The program of the sampler's processes: measures the one job that its argument
 * holds, and tells of it on stdout. It imports nothing from JSR, so that it runs as
 * it is wherever its parent does.
 *
 * @module
 */
import process from "node:process";
import { encodeMessage, type Message, parseJob } from "./messages.ts";
import { reasonOf, runJob } from "./run_job.ts";

const encoder = new TextEncoder();

function tell(message: Message): void {
  const line = encoder.encode(`${encodeMessage(message)}\n`);
  for (let written = 0; written < line.length;) written += Deno.stdout.writeSync(line.subarray(written));
}

/** Bytes of main memory that the process held at most. */
function peakMemory(): number {
  return process.resourceUsage().maxRSS * 1024;
}

if (import.meta.main) {
  // Ctrl-C in a terminal goes to all its processes: the parent decides what ends.
  Deno.addSignalListener("SIGINT", () => {});
  try {
    await runJob(parseJob(Deno.args[0] ?? ""), { tell, peakMemory });
  } catch (error) {
    tell({ type: "failed", reason: reasonOf(error) });
  }
  // A backend's threads, or a listener, must not keep a process that is done.
  Deno.exit(0);
}
