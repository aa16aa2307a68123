/**
 * Downloads that leave the whole file or nothing: written beside, checked, renamed. Deno only.
 *
 * @module
 */
import { diskFull, isDiskFull } from "./whole_file.ts";

/** How far a download is. */
export interface DownloadProgress {
  /** The file's name. */
  readonly file: string;
  /** Bytes so far, as they travel (compressed). */
  readonly received: number;
  /** Bytes in all, where the server tells. */
  readonly total: number | undefined;
}

/** Options of {@linkcode download}. */
export interface DownloadOptions {
  /** Called for each piece that arrives. */
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  /** Stops the download. */
  readonly signal?: AbortSignal | undefined;
  /** How long nothing may arrive, in milliseconds. @default {30_000} */
  readonly patience?: number | undefined;
}

/** The file cannot be had from there: no network, an error of the server, no place to put it. */
export class DownloadError extends Error {
  /** `DownloadError`. */
  override readonly name = "DownloadError";
}

/** Older parts were left by a process that was killed; younger ones may belong to one that runs. */
const STALE_AFTER_MS = 60 * 60 * 1000;

const message = (error: unknown): string => error instanceof Error ? error.message : String(error);

/**
 * Downloads `url` to `folder/file`, where it appears only once `check` has
 * accepted the content. Gives what `check` gives.
 *
 * @throws {DownloadError} Where the server cannot be reached, answers an error,
 * breaks off or stalls, or `folder` must not be written to.
 * @throws {Error} Where the disk is full, `check` throws or `signal` is aborted.
 */
export async function download<T>(
  { url, folder, file }: { url: string; folder: string; file: string },
  check: (content: Uint8Array<ArrayBuffer>) => Promise<T>,
  options: DownloadOptions = {},
): Promise<T> {
  const part = await makePart(folder, file);
  try {
    await save(url, part, file, options);
    const checked = await check(await Deno.readFile(part));
    await Deno.rename(part, `${folder}/${file}`);
    return checked;
  } catch (error) {
    await Deno.remove(part).catch(() => {});
    throw error;
  }
}

async function makePart(folder: string, file: string): Promise<string> {
  try {
    await Deno.mkdir(folder, { recursive: true });
    await removeStaleParts(folder, file);
    return await Deno.makeTempFile({ dir: folder, prefix: `${file}.`, suffix: ".part" });
  } catch (error) {
    if (isDiskFull(error)) throw diskFull(folder, error);
    throw new DownloadError(`Expected to write to the cache folder ${folder} but found: ${message(error)}`, {
      cause: error,
    });
  }
}

async function removeStaleParts(folder: string, file: string): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.startsWith(`${file}.`) || !name.endsWith(".part")) continue;
    const { mtime } = await Deno.stat(`${folder}/${name}`);
    if (mtime !== null && Date.now() - mtime.getTime() > STALE_AFTER_MS) await Deno.remove(`${folder}/${name}`);
  }
}

async function save(url: string, path: string, file: string, options: DownloadOptions): Promise<void> {
  using output = await Deno.open(path, { write: true });
  let received = 0;
  try {
    for await (const { chunk, total } of receive(url, options)) {
      for (let written = 0; written < chunk.length;) written += await output.write(chunk.subarray(written));
      received += chunk.length;
      options.onProgress?.({ file, received, total });
    }
    // A full disk may show only when the file is flushed.
    await output.sync();
  } catch (error) {
    throw isDiskFull(error) ? diskFull(path, error) : error;
  }
}

async function* receive(
  url: string,
  { signal, patience = 30_000 }: DownloadOptions,
): AsyncGenerator<{ chunk: Uint8Array; total: number | undefined }> {
  const stall = new AbortController();
  const giveUp = () => stall.abort(new Error(`nothing came for ${patience / 1000} s`));
  let timer = setTimeout(giveUp, patience);
  const signals = signal === undefined ? [stall.signal] : [stall.signal, signal];
  try {
    const response = await fetch(url, { signal: AbortSignal.any(signals) });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new Error(`the server answered ${response.status} ${response.statusText}`);
    }
    const length = response.headers.get("content-length");
    const total = length === null || response.headers.has("content-encoding") ? undefined : Number(length);
    for await (const chunk of response.body) {
      clearTimeout(timer);
      timer = setTimeout(giveUp, patience);
      yield { chunk, total };
    }
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new DownloadError(`Expected to download ${url} but found: ${message(error)}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
