/**
 * Where libtensorflow lies on this machine. Deno only.
 *
 * @module
 */
import { readEnv } from "../../../data/folders.ts";
import { isInstalled, libraryRoot, setFolder, setupCommand, verifyInstalled } from "./cache.ts";
import { inPlace, inspect, type Inspected, libraryFile } from "./in_place.ts";
import { type LibrarySet, librarySet } from "./library_set.ts";
import { LIBRARY_SETS } from "./pins.ts";

/** A libtensorflow that can be loaded. */
export interface TensorFlowLibrary {
  /** Of `libtensorflow_cc.so.2`. */
  readonly path: string;
  /** As TensorFlow tells it: `2.21.0`. */
  readonly version: string;
  /** What named it. */
  readonly origin: "option" | "TF_LIB" | "setup";
  /** CUDA's libraries by full path, in the order in which to open them before TensorFlow; none on the CPU. */
  readonly preload: readonly string[];
  /** Whether it was built for GPUs. */
  readonly gpu: boolean;
}

/**
 * The libtensorflow that `lib` names, or the environment's `TF_LIB`, or that `setup`
 * installed: the one with CUDA where both are. What `setup` installed is verified;
 * a file whose content is not the one pinned is never given.
 *
 * @throws {RangeError} Where the file named is no libtensorflow, or none of 2.15 to 2.21.
 * @throws {Error} Where none is installed or one is damaged, with the command that mends it.
 *
 * @example What the backend would load
 * ```ts ignore
 * import { locateLibrary } from "@convbench/convbench/tensorflow";
 *
 * const { path, version, gpu } = await locateLibrary();
 * console.log(`${path}: TensorFlow ${version}, ${gpu ? "with" : "without"} CUDA`);
 * ```
 */
export async function locateLibrary(options: { lib?: string } = {}): Promise<TensorFlowLibrary> {
  return await locateHere(options, {});
}

/** What tests put in the place of this machine. */
export interface LocateHere {
  /** Where `setup` installs to. */
  readonly root?: () => string;
  readonly sets?: readonly LibrarySet[];
  readonly env?: (name: string) => string | undefined;
  /** Opens a library that is named by its path. */
  readonly inspect?: (path: string) => Promise<Inspected>;
}

/** {@linkcode locateLibrary} on a machine of which `here` may say otherwise. */
export async function locateHere(
  { lib }: { lib?: string },
  { root = libraryRoot, sets = LIBRARY_SETS, env = readEnv, inspect: open = inspect }: LocateHere,
): Promise<TensorFlowLibrary> {
  if (lib !== undefined) return { ...await open(await libraryFile(lib, "lib")), origin: "option" };
  const named = env("TF_LIB");
  if (named !== undefined) return { ...await open(await libraryFile(named, "TF_LIB")), origin: "TF_LIB" };
  const folder = root();
  const chosen = await inPlace(folder);
  if (chosen !== undefined) return { ...chosen, origin: "setup" };
  for (const gpu of [true, false]) {
    const set = sets.find(({ name }) => name === `${Deno.build.os}-${Deno.build.arch}-${gpu ? "gpu" : "cpu"}`);
    if (set !== undefined && await isInstalled(folder, set)) return await fromSet(folder, set);
  }
  // Says what is missing where there is nothing that could be installed.
  librarySet(false, Deno.build, sets);
  throw new Error(
    `Expected libtensorflow but found none installed: run ${setupCommand()}, or name one that is there with TF_LIB`,
  );
}

async function fromSet(root: string, set: LibrarySet): Promise<TensorFlowLibrary> {
  await verifyInstalled(root, set);
  const folder = setFolder(root, set);
  return {
    path: `${folder}/${set.library}`,
    version: set.version,
    origin: "setup",
    preload: set.preload.map((path) => `${folder}/${path}`),
    gpu: set.gpu,
  };
}
