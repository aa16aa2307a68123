/**
 * Writes `import_map.json`: deno.json's imports with the JSR packages replaced
 * by the stand-ins beside this file, and the package's own exports by name (a
 * `--import-map` takes the place of all that deno.json maps). A test holds the
 * two together; `deno run --allow-read --allow-write tools/offline/import_map.ts`
 * writes it anew.
 *
 * @module
 */
import { relative } from "node:path/posix";

/** What takes the place of each JSR package and its parts; relative to this folder. */
export const STAND_INS: Readonly<Record<string, string>> = {
  "@std/assert": "./assert.ts",
  "@std/cli": "./cli.ts",
  "@std/cli/parse-args": "./cli.ts",
};

/** The part of deno.json that the import map is made of. */
export interface PackageConfig {
  /** The package's name. */
  readonly name: string;
  /** Its entry points: `.` or `./sub` to a file, relative to the root. */
  readonly exports: Record<string, string>;
  /** Its import map: a name to a `jsr:` or `npm:` specifier or a file, relative to the root. */
  readonly imports: Record<string, string>;
}

/**
 * The import map for work without JSR, as seen from this folder.
 *
 * @param config What deno.json says.
 * @returns The import map.
 * @throws {TypeError} If deno.json imports a JSR package that has no stand-in.
 */
export function offlineImportMap({ name, exports, imports }: PackageConfig): { imports: Record<string, string> } {
  const fromHere = (path: string) => relative("tools/offline", path);
  const mapped: Record<string, string> = {};
  for (const [key, target] of Object.entries(imports)) {
    if (target.startsWith("npm:")) {
      mapped[key] = target;
      // deno.json gives a package's subpaths for free, an import map does not.
      mapped[`${key}/`] = `${target.replace("npm:", "npm:/")}/`;
    } else if (target.startsWith("jsr:")) {
      if (STAND_INS[key] === undefined) {
        throw new TypeError(`Expected a stand-in in tools/offline for ${key} but found none`);
      }
    } else {
      mapped[key] = fromHere(target);
    }
  }
  Object.assign(mapped, STAND_INS);
  for (const [key, path] of Object.entries(exports)) mapped[name + key.slice(1)] = fromHere(path);
  return { imports: Object.fromEntries(Object.entries(mapped).sort(([a], [b]) => a < b ? -1 : 1)) };
}

if (import.meta.main) {
  const config: PackageConfig = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
  const text = JSON.stringify(offlineImportMap(config), null, 2) + "\n";
  await Deno.writeTextFile(new URL("import_map.json", import.meta.url), text);
}
