/**
 * One setup at a time.
 *
 * @module
 */
import { stampOf } from "./files.ts";

/**
 * Runs `use` while no other process that asks for `folder`'s lock does. The lock is
 * the operating system's: it ends with its process, however that ends, so there is no
 * stale one to be recognised.
 *
 * `onWait` gets what the process that holds it wrote down, its id.
 */
export async function withLock<T>(
  folder: string,
  use: () => Promise<T>,
  onWait?: (holder: string) => void,
): Promise<T> {
  using file = await acquire(`${folder}/setup.lock`, onWait);
  await file.truncate();
  await file.write(new TextEncoder().encode(String(Deno.pid)));
  return await use();
}

async function acquire(path: string, onWait?: (holder: string) => void): Promise<Deno.FsFile> {
  while (true) {
    const file = await Deno.open(path, { create: true, write: true });
    try {
      if (!await file.tryLock(true)) {
        onWait?.(await Deno.readTextFile(path).catch(() => ""));
        await file.lock(true);
      }
      // Whoever held it may have removed it (`setup --remove`): it would guard nothing then.
      if ((await file.stat()).ino === (await stampOf(path))?.inode) return file;
    } catch (error) {
      file.close();
      throw error;
    }
    file.close();
  }
}
