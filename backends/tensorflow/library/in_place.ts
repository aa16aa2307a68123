/**
 * A libtensorflow that somebody else installed, used where it lies. Deno only.
 *
 * @module
 */
import { dirname } from "node:path";
import { z } from "zod";
import { writeWhole } from "../../../data/whole_file.ts";
import { setupCommand } from "./cache.ts";
import { isUnchanged, sha256File, type Stamp, stampOf, stampSchema } from "./files.ts";
import { keepLoaded } from "./keep_loaded.ts";

/** What is known of a library that was opened. */
export interface Inspected {
  readonly path: string;
  readonly version: string;
  readonly gpu: boolean;
  readonly preload: readonly string[];
}

/** The name of the file that holds the C API. */
const LIBRARY_NAME = Deno.build.os === "darwin" ? "libtensorflow_cc.2.dylib" : "libtensorflow_cc.so.2";
const FIRST = 15;
const LAST = 21;

/** CUDA's libraries as their wheels lay them out beside TensorFlow's, each after those that it needs. */
const CUDA: readonly { folder: string; library: RegExp }[] = [
  { folder: "cuda_runtime", library: /^libcudart\.so\.\d+$/ },
  { folder: "cuda_nvrtc", library: /^libnvrtc-builtins\.so\.[\d.]+$/ },
  { folder: "cuda_nvrtc", library: /^libnvrtc\.so\.\d+$/ },
  { folder: "nvjitlink", library: /^libnvJitLink\.so\.\d+$/ },
  { folder: "cublas", library: /^libcublasLt\.so\.\d+$/ },
  { folder: "cublas", library: /^libcublas\.so\.\d+$/ },
  { folder: "cufft", library: /^libcufft\.so\.\d+$/ },
  { folder: "cusparse", library: /^libcusparse\.so\.\d+$/ },
  { folder: "cusolver", library: /^libcusolver\.so\.\d+$/ },
  { folder: "cudnn", library: /^libcudnn\.so\.\d+$/ },
];

/** The library that `path`, a file or the folder of TensorFlow's package, means. */
export async function libraryFile(path: string, name: string): Promise<string> {
  try {
    const { isDirectory } = await Deno.stat(path);
    const file = isDirectory ? `${path}/${LIBRARY_NAME}` : path;
    return await Deno.realPath(file);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new RangeError(`Expected ${name} to be the path of ${LIBRARY_NAME} but found no such file at ${path}`, {
      cause,
    });
  }
}

/**
 * Opens the library, which stays open, and asks it for its version.
 *
 * @throws {RangeError} Where it is no libtensorflow, or none that is supported.
 * @throws {Error} Where it must not be opened.
 */
export async function inspect(path: string): Promise<Inspected> {
  const { version, gpu } = open(path);
  expectSupported(version, path);
  return { path, version, gpu, preload: gpu ? await cudaBeside(path) : [] };
}

/** @throws {RangeError} Where this project is not made for that version of TensorFlow. */
export function expectSupported(version: string, path: string): void {
  const [major, minor] = version.split(".").map(Number);
  if (major !== 2 || minor === undefined || minor < FIRST || minor > LAST) {
    throw new RangeError(
      `Expected a libtensorflow of 2.${FIRST} to 2.${LAST} but found ${version} at ${path}; ` +
        `${setupCommand()} installs one`,
    );
  }
}

function open(path: string): { version: string; gpu: boolean } {
  try {
    const { symbols } = Deno.dlopen(path, {
      TF_Version: { parameters: [], result: "pointer" },
      // C++'s tensorflow::IsGoogleCudaEnabled(): the C API has nothing that says it.
      _ZN10tensorflow19IsGoogleCudaEnabledEv: { parameters: [], result: "bool", optional: true },
    });
    keepLoaded(path);
    const text = symbols.TF_Version();
    const version = text === null ? "" : Deno.UnsafePointerView.getCString(text);
    return { version, gpu: symbols._ZN10tensorflow19IsGoogleCudaEnabledEv?.() ?? false };
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) {
      throw new Error("Expected the permission to open libraries but found none: run with --allow-ffi", { cause });
    }
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new RangeError(
      `Expected ${path} to be a libtensorflow_cc but found: ${found}; ${setupCommand()} installs one`,
      { cause },
    );
  }
}

/** As `pip install tensorflow[and-cuda]` puts them; none where CUDA is the system's, whose linker finds it. */
async function cudaBeside(library: string): Promise<string[]> {
  const root = `${dirname(dirname(library))}/nvidia`;
  const found: string[] = [];
  for (const { folder, library } of CUDA) {
    const place = `${root}/${folder}/lib`;
    try {
      for await (const { name } of Deno.readDir(place)) if (library.test(name)) found.push(`${place}/${name}`);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return found;
}

/** What `setup --lib` noted. */
interface InPlace extends Inspected {
  readonly sha256: string;
  readonly stamp: Stamp;
}

const schema: z.ZodType<InPlace> = z.strictObject({
  path: z.string(),
  version: z.string(),
  gpu: z.boolean(),
  preload: z.array(z.string()),
  sha256: z.string(),
  stamp: stampSchema,
});

/** Where {@linkcode recordInPlace} notes it. */
export const inPlaceFile = (root: string): string => `${root}/in_place.json`;

/** Notes that `library` is the one to be used. */
export async function recordInPlace(root: string, library: Inspected): Promise<void> {
  const stamp = await stampOf(library.path);
  if (stamp === undefined) throw new RangeError(`Expected a file at ${library.path} but found none`);
  const record: InPlace = { ...library, sha256: await sha256File(library.path), stamp };
  await Deno.mkdir(root, { recursive: true });
  await writeWhole(inPlaceFile(root), JSON.stringify(record, null, 2));
}

/**
 * The library that `setup --lib` noted; undefined where it noted none.
 *
 * @throws {Error} Where it is not what it was then.
 */
export async function inPlace(root: string): Promise<Inspected | undefined> {
  let text: string;
  try {
    text = await Deno.readTextFile(inPlaceFile(root));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  const again = setupCommand("--lib PATH");
  let record: InPlace;
  try {
    record = schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error(`Expected ${inPlaceFile(root)} to say where libtensorflow lies but found it damaged: ${again}`, {
      cause,
    });
  }
  const { sha256, stamp, ...library } = record;
  const now = await stampOf(library.path);
  if (!isUnchanged(now, stamp)) {
    const found = now === undefined ? "no such file" : await sha256File(library.path);
    if (found !== sha256) {
      throw new Error(
        `Expected ${library.path} to have the sha256 ${sha256} that it was set up with but found ${found}: ` +
          `${again} takes it as it is now`,
      );
    }
  }
  return library;
}
