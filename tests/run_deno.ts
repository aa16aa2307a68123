/**
 * Runs one of this project's scripts in a process of its own.
 *
 * @module
 */
import { offlineFlags, ROOT } from "../tools/jsr.ts";

/** What a process came to. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

let found: Promise<string[]> | undefined;

/** Found once: whether JSR answers takes processes of its own to tell, and tests may run several at a time. */
function flags(): Promise<string[]> {
  return found ??= offlineFlags();
}

/** Runs `deno run -A ARGS` in the checkout's root; `onLine` sees each line of stdout as it comes, `env` is added to the environment. */
export async function runDeno(
  args: readonly string[],
  onLine?: (line: string, child: Deno.ChildProcess) => void,
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", ...await flags(), ...args],
    cwd: ROOT,
    env,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const read = async () => {
    let [text, rest] = ["", ""];
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) onLine?.(line, child);
    }
    return text;
  };
  const [stdout, stderr, { code }] = await Promise.all([read(), new Response(child.stderr).text(), child.status]);
  return { code, stdout, stderr };
}
