/**
 * Runs Deno on this project, with or without JSR.
 *
 *     deno run -A tools/jsr.ts SUBCOMMAND [FLAGS] [-- ARGS]
 *
 * A task is `… SUBCOMMAND FLAGS --`, so what follows the first `--` is what its user
 * typed; another `--` there, as in `deno task test -- FILE`, means nothing.
 *
 * Where JSR cannot be reached, one file that imports `@std/assert` would fail the
 * whole run: an import map then puts the stand-ins of tools/offline in its place.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { canLoad } from "../backends/doctor/jsr.ts";

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

/** Whether the JSR packages that deno.json imports can be loaded. */
export async function reachesJsr(): Promise<boolean> {
  const { imports } = await readConfig();
  const answers = Object.values(imports).filter((target) => target.startsWith("jsr:")).map((target) =>
    canLoad(target, { cwd: ROOT })
  );
  return (await Promise.all(answers)).every(Boolean);
}

/**
 * The flags that make Deno do without JSR; none where it is reachable. The run gets a
 * copy of deno.lock: versions stay pinned and verified, and the committed file as it is.
 */
export async function offlineFlags(): Promise<string[]> {
  if (await reachesJsr()) return [];
  const folder = join(ROOT, ".cache");
  await Deno.mkdir(folder, { recursive: true });
  const lock = join(folder, "offline_deno.lock");
  // Written beside and renamed: another run may be reading it.
  await Deno.copyFile(join(ROOT, "deno.lock"), `${lock}.${Deno.pid}`);
  await Deno.rename(`${lock}.${Deno.pid}`, lock);
  return [`--import-map=${join(ROOT, "tools", "offline", "import_map.json")}`, `--lock=${lock}`];
}

/**
 * Takes apart what a task hands on: its own flags, `--`, and what its user typed, with
 * a leading `--` of their own or without.
 *
 * @throws {RangeError} If there is no subcommand.
 */
export function commandLine(argv: readonly string[]): { subcommand: string; args: string[] } {
  const [subcommand, ...rest] = argv;
  if (subcommand === undefined || subcommand.startsWith("-")) {
    throw new RangeError(`Expected a subcommand of deno but found ${subcommand ?? "nothing"}`);
  }
  const end = rest.indexOf("--");
  if (end < 0) return { subcommand, args: rest };
  const typed = rest.slice(end + 1);
  return { subcommand, args: [...rest.slice(0, end), ...(typed[0] === "--" ? typed.slice(1) : typed)] };
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
  try {
    const { subcommand, args } = commandLine(Deno.args);
    Deno.exit(await runDeno(subcommand, args));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    console.error(`${error.message}\nUsage: tools/jsr.ts SUBCOMMAND [FLAGS] [-- ARGS]`);
    Deno.exit(2);
  }
}
