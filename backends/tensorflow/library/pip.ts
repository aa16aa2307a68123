/**
 * pip, of any Python, as what downloads: it knows its index, its mirrors, proxies and
 * certificates, and so does its user's configuration.
 *
 * @module
 */
import { DownloadError } from "../../../data/download.ts";
import { diskFull } from "../../../data/whole_file.ts";
import { removeAll } from "./files.ts";
import type { Wheel } from "./library_set.ts";

/** Options of a {@linkcode Downloader}. */
export interface WheelDownloadOptions {
  /** Called with the bytes so far. */
  readonly onProgress?: ((received: number) => void) | undefined;
  /** Stops the download. */
  readonly signal?: AbortSignal | undefined;
}

/** Puts `wheel.file` into the empty `folder`. */
export type Downloader = (wheel: Wheel, folder: string, options: WheelDownloadOptions) => Promise<void>;

/** What pip is asked for, by the tags in the name of the wheel (PEP 427). */
export function pipArguments({ file, sha256 }: Wheel): { requirement: string; flags: string[] } {
  const [name = "", version, , abi = "none", platform = ""] = file.replace(/\.whl$/, "").split("-");
  return {
    requirement: `${name.replaceAll("_", "-")}==${version} --hash=sha256:${sha256}\n`,
    flags: [
      "--platform",
      platform,
      // Of libraries alone it does not matter which Python they were packed for.
      "--python-version",
      "3.12",
      "--implementation",
      "cp",
      ...(abi === "none" ? [] : ["--abi", abi]),
    ],
  };
}

/** The first of `candidates` that runs pip. */
export async function findPip(candidates: readonly string[] = ["python3", "python", "py"]): Promise<string> {
  const reasons: string[] = [];
  for (const python of candidates) {
    try {
      const { success } = await new Deno.Command(python, { args: ["-m", "pip", "--version"], stderr: "null" }).output();
      if (success) return python;
      reasons.push(`${python} has no pip`);
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw error;
      reasons.push(`no ${python}`);
    }
  }
  throw new DownloadError(
    `Expected a Python with pip, which downloads TensorFlow's wheel, but found ${reasons.join(", ")}: ` +
      "install one, name one with --python, or name a libtensorflow_cc that is there with --lib",
  );
}

/**
 * The downloader that asks pip.
 *
 * @throws {DownloadError} Where there is no pip, or it cannot download.
 */
export function pipDownloader(candidates?: readonly string[]): Downloader {
  let found: Promise<string> | undefined;
  return async (wheel, folder, options) => {
    found ??= findPip(candidates);
    await downloadWithPip(await found, wheel, folder, options);
  };
}

async function downloadWithPip(
  python: string,
  wheel: Wheel,
  folder: string,
  { onProgress, signal }: WheelDownloadOptions,
): Promise<void> {
  const { requirement, flags } = pipArguments(wheel);
  const requirements = `${folder}/requirements.txt`;
  // pip's own temporary files lie here too: one place to have room in, and to be tidied.
  const temporary = `${folder}/pip`;
  await Deno.mkdir(temporary, { recursive: true });
  await Deno.writeTextFile(requirements, requirement);
  const args = ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input", "--no-cache-dir"];
  args.push("--no-deps", "--only-binary=:all:", "--require-hashes", "--dest", folder, "-r", requirements, ...flags);
  const child = new Deno.Command(python, {
    args,
    env: { TMPDIR: temporary, TEMP: temporary, TMP: temporary, NO_COLOR: "1", PIP_PROGRESS_BAR: "off" },
    stdout: "null",
    stderr: "piped",
    ...(signal === undefined ? {} : { signal }),
  }).spawn();
  // No version of pip tells a program how far it is; its files do.
  const watch = setInterval(async () => onProgress?.(await sizeOf(folder).catch(() => 0)), 200);
  try {
    const { success, stderr } = await child.output();
    signal?.throwIfAborted();
    if (!success) throw explain(wheel, folder, new TextDecoder().decode(stderr));
  } finally {
    clearInterval(watch);
    await removeAll(temporary);
    await removeAll(requirements);
  }
}

/** Bytes in a folder and those below. */
async function sizeOf(folder: string): Promise<number> {
  let size = 0;
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    size += isDirectory ? await sizeOf(path) : (await Deno.stat(path)).size;
  }
  return size;
}

function explain({ file }: Wheel, folder: string, stderr: string): Error {
  if (/No space left|Errno 28|Errno 122|Disk quota/i.test(stderr)) return diskFull(`${folder}/${file}`);
  if (/DO NOT MATCH THE HASHES/.test(stderr)) {
    return new DownloadError(
      `Expected pip to download ${file} but found another content than the one pinned: nothing of it was kept`,
    );
  }
  const lines = stderr.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const reason = lines.findLast((line) => line.startsWith("ERROR")) ?? lines.at(-1) ?? "it says nothing";
  return new DownloadError(
    `Expected pip to download ${file} but found: ${reason.replace(/^ERROR:\s*/, "")} ` +
      "(pip's own settings, PIP_INDEX_URL or PIP_FIND_LINKS among them, say where from)",
  );
}
