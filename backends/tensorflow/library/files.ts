/**
 * Files that are trusted by their content.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { z } from "zod";

/** What changes with a file's content, and when it was looked at. Times are in milliseconds. */
export interface Stamp {
  readonly size: number;
  readonly mtime: number;
  readonly ctime: number;
  readonly inode: number;
  readonly seen: number;
}

/** Of a {@linkcode Stamp} in a file of ours. */
export const stampSchema: z.ZodType<Stamp> = z.strictObject({
  size: z.number(),
  mtime: z.number(),
  ctime: z.number(),
  inode: z.number(),
  seen: z.number(),
});

/** Deno tells ctime in whole seconds: what changed shortly before it was looked at could change again unseen. */
const SETTLED_MS = 2000;

/** The file's stamp; undefined where there is no such file. */
export async function stampOf(path: string): Promise<Stamp | undefined> {
  try {
    const seen = Date.now();
    const { isFile, size, mtime, ctime, ino } = await Deno.stat(path);
    if (!isFile) return undefined;
    return { size, mtime: mtime?.getTime() ?? 0, ctime: ctime?.getTime() ?? 0, inode: ino ?? 0, seen };
  } catch (error) {
    const { NotADirectory, NotFound } = Deno.errors;
    if ([NotADirectory, NotFound].some((type) => error instanceof type)) return undefined;
    throw error;
  }
}

/** Whether a file still has the content that it had when `then` was taken, as far as stamps can tell. */
export function isUnchanged(now: Stamp | undefined, then: Stamp | undefined): boolean {
  if (now === undefined || then === undefined || then.seen - then.ctime < SETTLED_MS) return false;
  return now.size === then.size && now.mtime === then.mtime && now.ctime === then.ctime && now.inode === then.inode;
}

/** In hexadecimal, piece by piece: a library does not have to fit into memory. `onBytes` gets each piece's length. */
export async function sha256File(path: string, onBytes?: (bytes: number) => void): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  const buffer = new Uint8Array(1 << 20);
  for (let read; (read = await file.read(buffer)) !== null;) {
    hash.update(buffer.subarray(0, read));
    onBytes?.(read);
  }
  return hash.digest("hex");
}

/** Whether the file is there and its content is the one expected. */
export async function isIntact(
  path: string,
  { bytes, sha256 }: { bytes: number; sha256: string },
  onBytes?: (bytes: number) => void,
): Promise<boolean> {
  const stamp = await stampOf(path);
  return stamp?.size === bytes && await sha256File(path, onBytes) === sha256;
}

/** Removes a file or folder, if it is there. */
export async function removeAll(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
