/**
 * Small stand-ins for libtensorflow's wheels, and who hands them out.
 *
 * @module
 */
import { dirname } from "node:path";
import { zipSync } from "fflate";
import type { LibrarySet, Wheel } from "../../../../backends/tensorflow/library/library_set.ts";
import type { Downloader } from "../../../../backends/tensorflow/library/pip.ts";
import { sha256 } from "../../../data/support.ts";

/** `bytes` bytes that hardly compress, the same for the same `seed`. */
export function content(bytes: number, seed: number): Uint8Array<ArrayBuffer> {
  let state = seed + 1;
  return Uint8Array.from({ length: bytes }, () => (state = (state * 48_271) % 2_147_483_647) & 255);
}

/** Writes a wheel of `files` into `folder`; `members` are those that setup takes. */
export async function makeWheel(
  folder: string,
  file: string,
  files: Record<string, Uint8Array<ArrayBuffer>>,
  members: readonly string[] = Object.keys(files),
): Promise<Wheel> {
  const zip = new Uint8Array(zipSync(files, { level: 1 }));
  await Deno.writeFile(`${folder}/${file}`, zip);
  return {
    file,
    bytes: zip.length,
    sha256: await sha256(zip),
    licence: "none",
    members: await Promise.all(members.map(async (path) => {
      const bytes = files[path] ?? new Uint8Array();
      return { path, bytes: bytes.length, sha256: await sha256(bytes) };
    })),
  };
}

export const CORE = "tensorflow/libtensorflow_cc.so.2";
export const FRAMEWORK = "tensorflow/libtensorflow_framework.so.2";
export const CUDART = "nvidia/cuda_runtime/lib/libcudart.so.12";
export const NOTICES = "tensorflow/NOTICES.txt";

/** A set for this machine of two wheels that lie in `folder`. */
export async function makeSet(folder: string, { gpu = false, bytes = 100_000 } = {}): Promise<LibrarySet> {
  const seed = gpu ? 10 : 0;
  const wheels = [
    await makeWheel(folder, `fake${seed}-1.0-cp312-cp312-any.whl`, {
      "tensorflow/python/ignored.py": content(1000, 1),
      [CORE]: content(bytes, seed + 2),
      [FRAMEWORK]: content(bytes / 2, seed + 3),
      [NOTICES]: new TextEncoder().encode("a licence"),
    }, [CORE, FRAMEWORK, NOTICES]),
    await makeWheel(folder, `fake_cuda${seed}-1.0-py3-none-any.whl`, { [CUDART]: content(bytes / 2, seed + 4) }),
  ];
  const name = `${Deno.build.os}-${Deno.build.arch}-${gpu ? "gpu" : "cpu"}`;
  return { name, version: "2.21.0", gpu, tested: true, wheels, library: CORE, preload: gpu ? [CUDART] : [] };
}

/** Hands out the wheels of `folder`; `taken` gets their names. */
export function downloaderFrom(folder: string, taken: string[] = []): Downloader {
  return async ({ file }, to) => {
    taken.push(file);
    await Deno.copyFile(`${folder}/${file}`, `${to}/${file}`);
  };
}

/** All files below `folder` with their sha256; the lock is left out. */
export async function tree(folder: string, prefix = ""): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for await (const { name, isDirectory } of Deno.readDir(`${folder}/${prefix}`)) {
    const path = `${prefix}${name}`;
    if (isDirectory) Object.assign(files, await tree(folder, `${path}/`));
    else if (name !== "setup.lock") files[path] = await sha256(await Deno.readFile(`${folder}/${path}`));
  }
  return files;
}

/** What {@linkcode tree} is of a folder where `sets` are installed, and nothing else; records may say what they will. */
export function installedTree(sets: readonly LibrarySet[], found: Record<string, string>): Record<string, string> {
  const files: Record<string, string> = {};
  for (const { version, name, wheels } of sets) {
    const folder = `${version}-${name}`;
    for (const { path, sha256 } of wheels.flatMap(({ members }) => members)) files[`${folder}/${path}`] = sha256;
    files[`${folder}/installed.json`] = found[`${folder}/installed.json`] ?? "missing";
  }
  return files;
}

/** Overwrites a file below `folder`. */
export async function overwrite(folder: string, path: string, bytes: Uint8Array | string): Promise<void> {
  await Deno.mkdir(dirname(`${folder}/${path}`), { recursive: true });
  await (typeof bytes === "string"
    ? Deno.writeTextFile(`${folder}/${path}`, bytes)
    : Deno.writeFile(`${folder}/${path}`, bytes));
}
