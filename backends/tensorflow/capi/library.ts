/**
 * Loads libtensorflow into the process.
 *
 * @module
 */
import { keepLoaded } from "../library/keep_loaded.ts";
import type { TensorFlowLibrary } from "../library/locate.ts";
import { textAt } from "./strings.ts";
import { type CApi, SYMBOLS } from "./symbols.ts";

/** The oldest and the newest minor version of TensorFlow 2 that this binding is tested with. */
export const SUPPORTED = { oldest: 15, newest: 21 } as const;

/** libtensorflow, loaded. */
export interface LoadedLibrary {
  /** Its functions. */
  readonly api: CApi;
  /** As it tells itself: `2.21.0`. */
  readonly version: string;
}

/** What went wrong with `path`, and the way out. */
function explain(path: string, cause: unknown): Error {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof Deno.errors.NotCapable) {
    return new Deno.errors.NotCapable(`Expected permission to load ${path} but found none: run with --allow-ffi`, {
      cause,
    });
  }
  const missing = /(?:^|: )([^\s:]+\.so[.\d]*): cannot open shared object file/.exec(message)?.[1];
  if (missing !== undefined && !path.endsWith(missing)) {
    return new Error(`Expected ${path} to find the libraries it needs but found no ${missing}: run deno task doctor`, {
      cause,
    });
  }
  if (message.includes("Failed to register symbol")) {
    return new TypeError(
      `Expected ${path} to be libtensorflow_cc of TensorFlow 2.${SUPPORTED.oldest} or newer but found a library without its functions (${message})`,
      { cause },
    );
  }
  return new Error(`Expected ${path} to be a library for this machine but found that it does not load: ${message}`, {
    cause,
  });
}

/**
 * Opens CUDA's libraries by their full paths, so that TensorFlow finds them by name
 * wherever they lie (its own search path lacks some of them), then TensorFlow.
 *
 * @throws {Deno.errors.NotCapable} Without permission to load libraries.
 * @throws {TypeError} Where the file is another library, or a version that is not supported.
 * @throws {Error} Where the file or a library that it needs does not load.
 */
export function openLibrary({ path, preload }: Pick<TensorFlowLibrary, "path" | "preload">): LoadedLibrary {
  for (const dependency of preload) {
    try {
      Deno.dlopen(dependency, {});
    } catch (cause) {
      throw explain(dependency, cause);
    }
  }
  let api: CApi;
  try {
    api = Deno.dlopen(path, SYMBOLS).symbols;
    keepLoaded(path);
  } catch (cause) {
    throw explain(path, cause);
  }
  const version = textAt(api.TF_Version());
  const [major, minor = 0] = version.split(".").map(Number);
  if (major !== 2 || minor < SUPPORTED.oldest || minor > SUPPORTED.newest) {
    throw new TypeError(
      `Expected libtensorflow 2.${SUPPORTED.oldest} to 2.${SUPPORTED.newest} but found ${version} at ${path}: deno task setup installs one that fits`,
    );
  }
  return { api, version };
}
