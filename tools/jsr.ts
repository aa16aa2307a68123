/**
 * Runs Deno on this project, with or without JSR.
 *
 * Where JSR cannot be reached, one file that imports `@std/assert` would fail the
 * whole run: an import map then puts the stand-ins of tools/offline in its place.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the checkout. */
export const ROOT: string = fileURLToPath(new URL("..", import.meta.url));

interface Config {
  readonly name: string;
  readonly exports: Record<string, string>;
  readonly imports: Record<string, string>;
}

/** deno.json, as far as it is needed here. */
export async function readConfig(): Promise<Config> {
  return JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
}

/** Whether Deno can load `jsr:@std/assert`, from the network or from its cache. */
export async function reachesJsr(): Promise<boolean> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--no-lock", "jsr:@std/assert@1"],
    stderr: "null",
  }).output();
  const { modules = [] } = JSON.parse(new TextDecoder().decode(stdout) || "{}") as { modules?: { error?: string }[] };
  return modules.length > 0 && modules.every(({ error }) => error === undefined);
}

/** The flags that make Deno do without JSR; none where it is reachable. */
export async function offlineFlags(): Promise<string[]> {
  return await reachesJsr() ? [] : [`--import-map=${join(ROOT, "tools", "offline", "import_map.json")}`];
}

/** Runs `deno SUBCOMMAND [offline flags] ARGS` in the checkout's root; gives its exit code. */
export async function runDeno(subcommand: string, args: readonly string[]): Promise<number> {
  const flags = await offlineFlags();
  // Ctrl-C reaches the child too, which may have a checkpoint to write: it decides when to end.
  const wait = () => {};
  Deno.addSignalListener("SIGINT", wait);
  try {
    const command = new Deno.Command(Deno.execPath(), {
      args: [subcommand, ...flags, ...args],
      cwd: ROOT,
      stdin: "inherit",
    });
    return (await command.spawn().status).code;
  } finally {
    Deno.removeSignalListener("SIGINT", wait);
  }
}

if (import.meta.main) {
  const [subcommand, ...args] = Deno.args;
  if (subcommand === undefined) {
    console.error("Usage: tools/jsr.ts SUBCOMMAND [ARGS]");
    Deno.exit(2);
  }
  Deno.exit(await runDeno(subcommand, args));
}
