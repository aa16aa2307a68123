/**
 * Installs a libtensorflow, wheel by wheel: killed at any moment, the next one goes on. Deno only.
 *
 * @module
 */
import { statfs } from "node:fs/promises";
import { recordInstalled, setFolder } from "./cache.ts";
import { extract } from "./extract.ts";
import { isIntact, removeAll, stampOf } from "./files.ts";
import { isLibrary, type LibrarySet, type Wheel } from "./library_set.ts";
import { withLock } from "./lock.ts";
import type { Downloader } from "./pip.ts";

/** How far an installation is. */
export interface InstallProgress {
  /** What is done with `file`. */
  readonly step: "check" | "download" | "extract";
  readonly file: string;
  readonly done: number;
  /** In bytes, as `done`. */
  readonly total: number;
}

/** Options of {@linkcode install}. */
export interface InstallOptions {
  /** The folder that all sets lie below. */
  readonly root: string;
  readonly download: Downloader;
  readonly onProgress?: ((progress: InstallProgress) => void) | undefined;
  /** Called where another setup runs, which is waited for, with its process id. */
  readonly onWait?: ((holder: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const sum = (items: readonly { bytes: number }[]) => items.reduce((total, { bytes }) => total + bytes, 0);

/** What a set takes: to download, installed, and of room while it is installed. */
export function sizesOf(wheels: readonly Wheel[]): { download: number; installed: number; room: number } {
  const installed = sum(wheels.flatMap(({ members }) => members));
  // A wheel is removed before the next one comes.
  const largest = Math.max(0, ...wheels.map(({ bytes }) => bytes));
  return { download: sum(wheels), installed, room: installed + largest };
}

/** Bytes free for this user where `path`, or the nearest folder above that exists, lies. */
export async function freeSpace(path: string): Promise<number> {
  for (let at = path;; at = at.replace(/\/?[^/\\]*[/\\]?$/, "") || "/") {
    try {
      const { bavail, bsize } = await statfs(at);
      return bavail * bsize;
    } catch (error) {
      if (at === "/" || !(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    }
  }
}

/**
 * Sees to it that every file of `set` is in place and right: those that are stay.
 * Gives the wheels that had to be taken.
 *
 * @throws {DownloadError} Where one cannot be downloaded.
 * @throws {Error} Where there is no room, or another content came than the one pinned.
 */
export async function install(set: LibrarySet, options: InstallOptions): Promise<readonly Wheel[]> {
  await Deno.mkdir(options.root, { recursive: true });
  return await withLock(options.root, async () => {
    const folder = setFolder(options.root, set);
    const missing: Wheel[] = [];
    for (const wheel of set.wheels) if (!await isComplete(wheel, folder, options)) missing.push(wheel);
    await removeParts(options.root, set, missing);
    await expectRoom(options.root, missing);
    for (const wheel of missing) await installWheel(wheel, folder, options);
    await removeAll(downloads(options.root));
    await recordInstalled(options.root, set);
    return missing;
  }, options.onWait);
}

const downloads = (root: string) => `${root}/downloads`;

async function isComplete(
  { members }: Wheel,
  folder: string,
  { onProgress, signal }: InstallOptions,
): Promise<boolean> {
  for (const member of members) {
    let done = 0;
    const report = (bytes: number) => {
      signal?.throwIfAborted();
      onProgress?.({ step: "check", file: member.path, done: done += bytes, total: member.bytes });
    };
    if (!await isIntact(`${folder}/${member.path}`, member, isLibrary(member) ? report : undefined)) return false;
  }
  return true;
}

/** What a killed setup leaves: halves of downloads and of members. Whole wheels that are still wanted stay. */
async function removeParts(root: string, set: LibrarySet, missing: readonly Wheel[]): Promise<void> {
  const kept = new Set(missing.map(({ file }) => file));
  if (await exists(downloads(root))) {
    for await (const { name } of Deno.readDir(downloads(root))) {
      if (!kept.has(name)) await removeAll(`${downloads(root)}/${name}`);
    }
  }
  for (const { path } of set.wheels.flatMap(({ members }) => members)) {
    await removeAll(`${setFolder(root, set)}/${path}.part`);
  }
}

async function exists(folder: string): Promise<boolean> {
  try {
    return (await Deno.stat(folder)).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function expectRoom(root: string, missing: readonly Wheel[]): Promise<void> {
  if (missing.length === 0) return;
  const free = await freeSpace(root);
  const { room } = sizesOf(missing);
  let present = 0;
  for (const { file } of missing) present += (await stampOf(`${downloads(root)}/${file}`))?.size ?? 0;
  if (free >= room - present) return;
  throw new Error(
    `Expected ${megabytes(room - present)} free in ${root} but found ${megabytes(free)}: ` +
      "free some, or choose another folder with CONVBENCH_CACHE",
  );
}

/** `274 MB`, as packagers count: millions of bytes. */
export const megabytes = (bytes: number): string =>
  `${(bytes / 1e6).toLocaleString("en", { maximumFractionDigits: 0 })} MB`;

async function installWheel(wheel: Wheel, folder: string, options: InstallOptions): Promise<void> {
  const path = await fetchWheel(wheel, options);
  let done = 0;
  const total = sum(wheel.members);
  await extract(path, wheel.members, folder, (bytes) => {
    options.signal?.throwIfAborted();
    options.onProgress?.({ step: "extract", file: wheel.file, done: done += bytes, total });
  });
  await Deno.remove(path);
}

/** The wheel's path, once its content has proved right. */
async function fetchWheel(wheel: Wheel, { root, download, onProgress, signal }: InstallOptions): Promise<string> {
  const folder = downloads(root);
  const path = `${folder}/${wheel.file}`;
  if (await isIntact(path, wheel)) return path;
  await Deno.mkdir(folder, { recursive: true });
  // A folder of its own: a pip whose setup was killed may still write into another one.
  const own = await Deno.makeTempDir({ dir: folder, prefix: "part." });
  try {
    await download(wheel, own, {
      signal,
      onProgress: (done) => onProgress?.({ step: "download", file: wheel.file, done, total: wheel.bytes }),
    });
    const came = `${own}/${wheel.file}`;
    if (!await isIntact(came, wheel)) {
      const found = (await stampOf(came)) === undefined ? "no such file" : "another content";
      throw new Error(
        `Expected ${wheel.file} with the sha256 ${wheel.sha256} but found ${found}: nothing of it was kept`,
      );
    }
    await Deno.rename(came, path);
    return path;
  } finally {
    await removeAll(own);
  }
}

/** Removes all that setups have installed or begun; gives the bytes that it took. */
export async function uninstall(root: string, onWait?: (holder: string) => void): Promise<number> {
  if (!await exists(root)) return 0;
  return await withLock(root, async () => {
    const size = await folderSize(root);
    await Deno.remove(root, { recursive: true });
    return size;
  }, onWait);
}

/** Bytes of the files in a folder and those below. */
export async function folderSize(folder: string): Promise<number> {
  let size = 0;
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    size += isDirectory ? await folderSize(path) : (await stampOf(path))?.size ?? 0;
  }
  return size;
}
