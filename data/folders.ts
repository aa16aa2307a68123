/**
 * Where data sets lie on a machine. Deno only.
 *
 * @module
 */

/** The variable's value; undefined where it is unset, empty or not allowed to be read. */
export function readEnv(name: string): string | undefined {
  try {
    return Deno.env.get(name) || undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}

/**
 * Where system packages put the data set `name`: `datasets/NAME` in each of
 * `XDG_DATA_DIRS`, as Debian's `dataset-…` packages do.
 */
export function packageFolders(name: string): string[] {
  if (Deno.build.os === "windows") return [];
  const prefixes = readEnv("XDG_DATA_DIRS") ?? "/usr/local/share:/usr/share";
  return prefixes.split(":").filter((prefix) => prefix !== "").map((prefix) =>
    `${prefix.replace(/\/+$/, "")}/datasets/${name}`
  );
}

/**
 * This project's cache folder: `CONVBENCH_CACHE`, else `convbench` in the
 * platform's cache folder (`XDG_CACHE_HOME`, `~/.cache`, `~/Library/Caches` on
 * macOS, `%LOCALAPPDATA%` on Windows). Undefined where none of these is known.
 */
export function cacheFolder(): string | undefined {
  const own = readEnv("CONVBENCH_CACHE");
  if (own !== undefined) return own;
  const home = readEnv("HOME");
  const inHome = (path: string) => home === undefined ? undefined : `${home}/${path}`;
  const fallback = Deno.build.os === "windows"
    ? readEnv("LOCALAPPDATA")
    : inHome(Deno.build.os === "darwin" ? "Library/Caches" : ".cache");
  const platform = readEnv("XDG_CACHE_HOME") ?? fallback;
  return platform === undefined ? undefined : `${platform}/convbench`;
}
