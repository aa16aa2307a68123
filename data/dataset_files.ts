/**
 * The files of a data set: found on the machine or downloaded, and trusted by
 * their content alone. Deno only.
 *
 * @module
 */
import { download, DownloadError, type DownloadOptions } from "./download.ts";
import { decompress } from "./idx.ts";
import type { NamedFile } from "./image_set.ts";

/** A file that a data set consists of. */
export interface DatasetFile {
  /** Its usual name, without `.gz`. */
  readonly name: string;
  /** Other names that it goes by, without `.gz`. */
  readonly aliases: readonly string[];
  /** Of the uncompressed content, in hexadecimal: mirrors compress anew. */
  readonly sha256: string;
}

/** Where to look, in this order. */
export interface Places {
  /** The only place, where it is given: it has to hold every file. */
  readonly folder: string | undefined;
  /** Used where they hold every file. */
  readonly packages: readonly string[];
  /** Files that are missing or damaged here are downloaded into it. */
  readonly cache: string | undefined;
  /** Ends in a slash: file names with `.gz` are appended. */
  readonly url: string;
}

/** Files in the order in which they were asked for. */
export interface LoadedFiles {
  /** Uncompressed, with their paths. */
  readonly files: readonly NamedFile[];
  /** The folder that they lie in. */
  readonly folder: string;
}

/**
 * Every one of `files`, from the first of the `places` that has them all.
 *
 * @throws {RangeError} Where the named folder lacks one, or a content is not the one expected.
 * @throws {DownloadError} Where one is to be downloaded and cannot.
 */
export async function loadDatasetFiles(
  files: readonly DatasetFile[],
  { folder, packages, cache, url }: Places,
  options: DownloadOptions = {},
): Promise<LoadedFiles> {
  if (folder !== undefined) {
    const paths = await findAll(folder, files);
    const missing = files.filter((_, i) => paths[i] === undefined).map(({ name }) => name);
    if (missing.length > 0) {
      throw new RangeError(
        `Expected ${folder} to hold ${missing.join(", ")} (plain or .gz) but found no such file that can be read`,
      );
    }
    return await readAll(folder, files, paths);
  }
  for (const place of packages) {
    const paths = await findAll(place, files);
    if (!paths.includes(undefined)) return await readAll(place, files, paths);
  }
  if (cache === undefined) {
    throw new DownloadError(
      "Expected CONVBENCH_CACHE, XDG_CACHE_HOME or HOME to name a cache folder but found none set",
    );
  }
  const loaded: NamedFile[] = [];
  for (const file of files) loaded.push(await fromCache(cache, file) ?? await intoCache(cache, file, url, options));
  return { files: loaded, folder: cache };
}

async function findAll(folder: string, files: readonly DatasetFile[]): Promise<(string | undefined)[]> {
  return await Promise.all(files.map((file) => find(folder, file)));
}

async function find(folder: string, { name, aliases }: DatasetFile): Promise<string | undefined> {
  for (const candidate of [name, ...aliases].flatMap((name) => [`${folder}/${name}.gz`, `${folder}/${name}`])) {
    try {
      if ((await Deno.stat(candidate)).isFile) return candidate;
    } catch (error) {
      // A place that must not be read is as good as an empty one.
      const { NotCapable, NotADirectory, NotFound, PermissionDenied } = Deno.errors;
      if (![NotCapable, NotADirectory, NotFound, PermissionDenied].some((type) => error instanceof type)) throw error;
    }
  }
  return undefined;
}

async function readAll(
  folder: string,
  files: readonly DatasetFile[],
  paths: readonly (string | undefined)[],
): Promise<LoadedFiles> {
  const reads = files.map(async (file, i) => {
    const path = paths[i] ?? `${folder}/${file.name}`;
    return await verify(await Deno.readFile(path), file, path);
  });
  return { files: await Promise.all(reads), folder };
}

/** What the cache holds; undefined where it holds nothing, or nothing that can be trusted. */
async function fromCache(cache: string, file: DatasetFile): Promise<NamedFile | undefined> {
  const path = await find(cache, file);
  if (path === undefined) return undefined;
  try {
    return await verify(await Deno.readFile(path), file, path);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

async function intoCache(cache: string, file: DatasetFile, url: string, options: DownloadOptions): Promise<NamedFile> {
  const address = `${url}${file.name}.gz`;
  const check = (content: Uint8Array<ArrayBuffer>) => verify(content, file, address);
  return await download({ url: address, folder: cache, file: `${file.name}.gz` }, check, options);
}

async function verify(content: Uint8Array<ArrayBuffer>, { sha256 }: DatasetFile, name: string): Promise<NamedFile> {
  const bytes = await decompress(content, name);
  const found = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  if (found !== sha256) {
    throw new RangeError(
      `Expected ${name} to have the sha256 ${sha256}, uncompressed, but found ${found} (${bytes.length} bytes)`,
    );
  }
  return { name, bytes };
}
