/**
 * Files that are written whole or not at all. Deno only.
 *
 * @module
 */

/** Writes the whole content or nothing: beside `path`, and renamed. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const beside = `${path}.${Deno.pid}.part`;
  try {
    await (typeof content === "string" ? Deno.writeTextFile(beside, content) : Deno.writeFile(beside, content));
    await Deno.rename(beside, path);
  } catch (error) {
    await Deno.remove(beside).catch(() => {});
    throw isDiskFull(error) ? diskFull(path, error) : error;
  }
}

/** Whether a write failed for want of room. */
export function isDiskFull(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOSPC" || code === "EDQUOT";
}

/** The error for a disk without room for `path`. */
export function diskFull(path: string, cause?: unknown): Error {
  return new Error(
    `Expected room for ${path} but found the disk full: free some, or choose another folder with CONVBENCH_CACHE`,
    { cause },
  );
}
