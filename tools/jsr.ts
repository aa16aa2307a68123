/**
 * Runs Deno on this project, with or without JSR.
 *
 * Where JSR cannot be reached, one file that imports `@std/assert` would fail the
 * whole run: an import map then puts the stand-ins of tools/offline in its place.
 *
 * @module
 */
import { fromFileUrl, join } from "./paths.ts";

/** The root of the checkout. */
export const ROOT: string = fromFileUrl(new URL("..", import.meta.url));

interface Config {
  readonly name: string;
  readonly exports: Record<string, string>;
  readonly imports: Record<string, string>;
}

/** deno.json, as far as it is needed here. */
export async function readConfig(): Promise<Config> {
  return JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
}

const STAND_INS: Record<string, string> = {
  "@std/assert": "tools/offline/assert.ts",
  "@std/cli/parse-args": "tools/offline/parse_args.ts",
};

/** Whether Deno can load `jsr:@std/assert`, from the network or from its cache. */
export async function reachesJsr(): Promise<boolean> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--no-lock", "jsr:@std/assert@1"],
    stderr: "null",
  }).output();
  const { modules = [] } = JSON.parse(new TextDecoder().decode(stdout) || "{}") as { modules?: { error?: string }[] };
  return modules.length > 0 && modules.every(({ error }) => error === undefined);
}

/** The imports of deno.json with the stand-ins in the place of `@std/*`; locations are relative to `root`. */
export function offlineImports({ name, exports, imports }: Config, root: URL): Record<string, string> {
  const entries = Object.entries(imports).flatMap(([key, target]): [string, string][] =>
    target.startsWith("jsr:")
      ? []
      // deno.json adds the entry for a package's parts by itself, an import map does not.
      : [[key, target], [`${key}/`, `npm:/${target.slice("npm:".length)}/`]]
  );
  const standIns = Object.entries(STAND_INS).map(([key, path]) => [key, new URL(path, root).href]);
  const own = Object.entries(exports).map((
    [key, path],
  ) => [key === "." ? name : `${name}${key.slice(1)}`, new URL(path, root).href]);
  return Object.fromEntries([...entries, ...standIns, ...own]);
}

/** The flags that make Deno do without JSR; none where it is reachable. */
export async function offlineFlags(): Promise<string[]> {
  if (await reachesJsr()) return [];
  const imports = offlineImports(await readConfig(), new URL("..", import.meta.url));
  const folder = join(ROOT, ".cache");
  await Deno.mkdir(folder, { recursive: true });
  const path = join(folder, "offline_import_map.json");
  const beside = `${path}.${Deno.pid}`;
  await Deno.writeTextFile(beside, JSON.stringify({ imports }, null, 2));
  await Deno.rename(beside, path);
  return [`--import-map=${path}`];
}

/** Runs `deno SUBCOMMAND [offline flags] ARGS` in the checkout's root; gives its exit code. */
export async function runDeno(subcommand: string, args: readonly string[]): Promise<number> {
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: [subcommand, ...await offlineFlags(), ...args],
    cwd: ROOT,
    stdin: "inherit",
  }).spawn().status;
  return code;
}

if (import.meta.main) {
  const [subcommand, ...args] = Deno.args;
  if (subcommand === undefined) {
    console.error("Usage: tools/jsr.ts SUBCOMMAND [ARGS]");
    Deno.exit(2);
  }
  Deno.exit(await runDeno(subcommand, args));
}
