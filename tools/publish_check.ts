/**
 * What `deno publish` would say, without publishing.
 *
 *     deno task publish:check
 *
 * `deno publish` takes no import map. Where JSR cannot be reached it runs on a
 * temporary copy of what is published, whose workspace holds the stand-ins of
 * tools/offline as `@std/assert` and `@std/cli`.
 *
 * @module
 */
import { cp } from "node:fs/promises";
import { dirname, join } from "node:path";
import { reachesJsr, ROOT } from "./jsr.ts";
import { STAND_INS } from "./offline/import_map.ts";

interface Config {
  publish: { include: string[] };
  workspace?: string[];
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await Deno.writeTextFile(path, JSON.stringify(value, null, 2));
}

/** Copies what is published, and what the check needs beside it, into `folder`. */
async function copyPackage(folder: string): Promise<void> {
  const config: Config = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
  for (const path of config.publish.include) {
    await Deno.mkdir(dirname(join(folder, path)), { recursive: true });
    await cp(join(ROOT, path), join(folder, path), { recursive: true });
  }
  // A member of the workspace takes the place of the JSR package of its name.
  const members = [...new Set(Object.keys(STAND_INS).map((name) => name.split("/").slice(0, 2).join("/")))];
  for (const name of members) {
    const exports: Record<string, string> = {};
    for (const [key, file] of Object.entries(STAND_INS)) {
      if (key !== name && !key.startsWith(`${name}/`)) continue;
      exports[`.${key.slice(name.length)}`] = file;
      await Deno.mkdir(join(folder, name), { recursive: true });
      await Deno.copyFile(join(ROOT, "tools", "offline", file), join(folder, name, file));
    }
    await writeJson(join(folder, name, "deno.json"), { name, version: "1.0.0", exports, publish: false });
  }
  await writeJson(join(folder, "deno.json"), { ...config, workspace: members.map((name) => `./${name}`) });
}

async function dryRun(folder: string): Promise<number> {
  const args = ["publish", "--dry-run", "--allow-dirty"];
  return (await new Deno.Command(Deno.execPath(), { args, cwd: folder }).spawn().status).code;
}

async function main(): Promise<number> {
  if (await reachesJsr()) return await dryRun(ROOT);
  const folder = await Deno.makeTempDir({ prefix: "convbench-publish-" });
  try {
    await copyPackage(folder);
    return await dryRun(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) Deno.exit(await main());
