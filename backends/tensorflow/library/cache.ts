/**
 * The folder that `setup` installs into. Deno only.
 *
 * @module
 */
import { z } from "zod";
import { cacheFolder } from "../../../data/folders.ts";
import { writeWhole } from "../../../data/whole_file.ts";
import { isUnchanged, sha256File, type Stamp, stampOf, stampSchema } from "./files.ts";
import { isLibrary, type LibrarySet } from "./library_set.ts";

/**
 * All of `setup` lies below it: `libtensorflow` in this project's cache folder.
 *
 * @throws {Error} Where the environment names no cache folder.
 */
export function libraryRoot(): string {
  const cache = cacheFolder();
  if (cache === undefined) {
    throw new Error("Expected CONVBENCH_CACHE, XDG_CACHE_HOME or HOME to name a cache folder but found none set");
  }
  return `${cache}/libtensorflow`;
}

/** Where a set lies, whole or in part. */
export const setFolder = (root: string, { version, name }: LibrarySet): string => `${root}/${version}-${name}`;

/** The command line that installs, for whoever runs from a checkout or from a registry. */
export function setupCommand(flags = ""): string {
  const command = import.meta.url.startsWith("file:")
    ? "deno task setup"
    : `deno run -A ${new URL("../../../cli.ts", import.meta.url)} setup`;
  return flags === "" ? command : `${command} ${flags}`;
}

/** By path: the stamp that a file had when its content was last seen to be the one pinned. */
type Stamps = Record<string, Stamp>;
const stampsSchema: z.ZodType<Stamps> = z.record(z.string(), stampSchema);

const recordOf = (folder: string) => `${folder}/installed.json`;

/** Whether the set was installed to its end. It may have been damaged since. */
export async function isInstalled(root: string, set: LibrarySet): Promise<boolean> {
  return await stampOf(recordOf(setFolder(root, set))) !== undefined;
}

/** Notes that all of the set is in place: every file was just seen to be right. */
export async function recordInstalled(root: string, set: LibrarySet): Promise<void> {
  const folder = setFolder(root, set);
  const stamps: Stamps = {};
  for (const { path } of librariesOf(set)) {
    const stamp = await stampOf(`${folder}/${path}`);
    if (stamp !== undefined) stamps[path] = stamp;
  }
  await writeRecord(folder, stamps);
}

async function writeRecord(folder: string, stamps: Stamps): Promise<void> {
  await writeWhole(recordOf(folder), JSON.stringify(stamps, null, 2));
}

const librariesOf = (set: LibrarySet) => set.wheels.flatMap(({ members }) => members).filter(isLibrary);

async function readStamps(folder: string): Promise<Stamps> {
  try {
    return stampsSchema.parse(JSON.parse(await Deno.readTextFile(recordOf(folder))));
  } catch (error) {
    // Without stamps every file is hashed again: a damaged record costs a second.
    if (error instanceof SyntaxError || error instanceof z.ZodError) return {};
    throw error;
  }
}

/**
 * Sees to it that every library of an installed set is the one pinned, before any
 * is loaded. Files are hashed where they changed since they last were.
 *
 * @throws {Error} Where one is missing or of another content, with the command that mends it.
 */
export async function verifyInstalled(root: string, set: LibrarySet): Promise<void> {
  const folder = setFolder(root, set);
  const known = await readStamps(folder);
  // Taken before a file is read: a change while it is read shows the next time.
  const stamps: Stamps = {};
  let changed = false;
  for (const { path, sha256 } of librariesOf(set)) {
    const file = `${folder}/${path}`;
    const stamp = await stampOf(file);
    if (stamp !== undefined) stamps[path] = stamp;
    if (isUnchanged(stamp, known[path])) continue;
    const found = stamp === undefined ? "no such file" : await sha256File(file);
    if (found !== sha256) {
      const mend = setupCommand(set.gpu ? "--gpu" : "");
      throw new Error(`Expected ${file} to have the sha256 ${sha256} but found ${found}: mend it with ${mend}`);
    }
    changed = true;
  }
  if (changed) await refreshRecord(folder, stamps);
}

/** A cache that must not be written to is verified anew each time. */
async function refreshRecord(folder: string, stamps: Stamps): Promise<void> {
  const { state } = await Deno.permissions.query({ name: "write", path: folder });
  if (state !== "granted") return;
  try {
    await writeRecord(folder, stamps);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "EACCES" && code !== "EPERM" && code !== "EROFS") throw error;
  }
}
