/**
 * Runs the processes of the proof, each of them to its end.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { offlineFlags, ROOT } from "../jsr.ts";
import type { Outcome, Task } from "./worker.ts";

const WORKER = fileURLToPath(new URL("worker.ts", import.meta.url));

/** `count` ports of this machine's loopback that nobody listens on. */
export function freePorts(count: number): number[] {
  // All are held at once, so that none comes twice.
  const listeners = Array.from({ length: count }, () => Deno.listen({ hostname: "127.0.0.1", port: 0 }));
  const ports = listeners.map(({ addr }) => (addr as Deno.NetAddr).port);
  for (const listener of listeners) listener.close();
  return ports;
}

/**
 * Runs a process for each of `tasks` at once; all that still run when the one at `until` is over, or after `limitMs`,
 * are killed. Gives what each came to: nothing where it was killed.
 *
 * @throws {Error} Where one of them fails; the message is what it wrote to stderr.
 */
export async function runTasks(
  tasks: readonly Task[],
  { until, limitMs = 120_000 }: { until?: number; limitMs?: number } = {},
): Promise<(Outcome | undefined)[]> {
  const flags = await offlineFlags();
  const children = tasks.map((task) =>
    new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", ...flags, WORKER, JSON.stringify(task)],
      cwd: ROOT,
      stdout: "piped",
      stderr: "piped",
    }).spawn()
  );
  const killAll = () => {
    for (const child of children) {
      try {
        child.kill("SIGKILL");
      } catch (error) {
        // It has ended.
        if (!(error instanceof TypeError)) throw error;
      }
    }
  };
  const timer = setTimeout(killAll, limitMs);
  try {
    const outputs = children.map((child) => child.output());
    if (until !== undefined) {
      await outputs[until];
      killAll();
    }
    return (await Promise.all(outputs)).map(({ signal, success, stdout, stderr }) => {
      if (signal !== null) return undefined;
      if (!success) throw new Error(new TextDecoder().decode(stderr));
      return JSON.parse(new TextDecoder().decode(stdout)) as Outcome;
    });
  } finally {
    clearTimeout(timer);
  }
}
