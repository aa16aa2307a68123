/**
 * What a libtensorflow consists of, and which one this machine takes.
 *
 * @module
 */
import { LIBRARY_SETS } from "./pins.ts";

/** A file of a wheel that is taken out of it. */
export interface Member {
  /** In the wheel, and below the folder that it is taken into. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** A Python wheel. Its name says what pip has to be asked for. */
export interface Wheel {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly licence: string;
  /** Libraries and licences. */
  readonly members: readonly Member[];
}

/** What is installed together. */
export interface LibrarySet {
  /** `linux-x86_64-gpu`. */
  readonly name: string;
  /** Of TensorFlow. */
  readonly version: string;
  readonly gpu: boolean;
  /** Whether this project's tests have run on it. */
  readonly tested: boolean;
  readonly wheels: readonly Wheel[];
  /** The member that holds TensorFlow's C API. */
  readonly library: string;
  /** The members that are opened before it, each after those that it needs. */
  readonly preload: readonly string[];
}

/** Whether a member is code, which is loaded only where its hash is right. */
export const isLibrary = ({ path }: Member): boolean => /\.so\.|\.dylib$/.test(path);

/** What is missing where there is no set. */
const MISSING: Partial<Record<string, string>> = {
  "windows-x86_64-cpu":
    "TensorFlow's wheel for Windows has the C API in a library that needs Python's own: use Linux, or WSL",
  "linux-aarch64-gpu":
    "TensorFlow publishes no wheel with CUDA for Linux on arm64: leave out --gpu, or build one and name it with --lib",
  "darwin-aarch64-gpu": "TensorFlow's wheel for macOS has no GPU: leave out --gpu",
  "darwin-x86_64-cpu":
    "TensorFlow has no wheels for Macs with Intel since 2.17: name an older one (2.15 or 2.16) with --lib",
};

/**
 * The set for this machine.
 *
 * @throws {RangeError} Where there is none, with what is missing.
 */
export function librarySet(
  gpu: boolean,
  { os, arch }: Pick<typeof Deno.build, "os" | "arch"> = Deno.build,
  sets: readonly LibrarySet[] = LIBRARY_SETS,
): LibrarySet {
  const name = `${os}-${arch}-${gpu ? "gpu" : "cpu"}`;
  const set = sets.find((set) => set.name === name);
  if (set !== undefined) return set;
  const reason = MISSING[name] ?? MISSING[`${os}-${arch}-cpu`] ??
    "nobody has looked for one: name a libtensorflow_cc of TensorFlow 2.15 to 2.21 with --lib";
  throw new RangeError(`Expected a libtensorflow for ${name} but found none pinned: ${reason}`);
}
