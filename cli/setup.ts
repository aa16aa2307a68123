/**
 * `convbench setup`: installs libtensorflow. Deno only.
 *
 * @module
 */
import { z } from "zod";
import { command, parseCommand, UsageError } from "./flags.ts";
import { ProgressBar } from "../data/progress_bar.ts";
import { libraryRoot, setFolder } from "../backends/tensorflow/library/cache.ts";
import { removeAll } from "../backends/tensorflow/library/files.ts";
import { inPlaceFile, inspect, libraryFile, recordInPlace } from "../backends/tensorflow/library/in_place.ts";
import {
  freeSpace,
  install,
  type InstallProgress,
  megabytes,
  sizesOf,
  uninstall,
} from "../backends/tensorflow/library/install.ts";
import { type LibrarySet, librarySet } from "../backends/tensorflow/library/library_set.ts";
import { pipDownloader } from "../backends/tensorflow/library/pip.ts";

/** `convbench setup`. */
export const SETUP = command({
  name: "setup",
  about:
    "Installs libtensorflow, which the tensorflow backend runs on, from the wheels of TensorFlow's Python package. " +
    "pip of any Python downloads them; Python is not needed afterwards.",
  args: [],
  flags: {
    gpu: { help: "with CUDA and cuDNN, for NVIDIA GPUs (Linux x64)" },
    "dry-run": { help: "say sizes, licences and free disk, and install nothing" },
    lib: {
      value: "PATH",
      help: "use this libtensorflow_cc (2.15 to 2.21) where it lies",
      schema: z.string().optional(),
      completes: "file",
    },
    python: {
      value: "PATH",
      help: "the Python whose pip downloads",
      schema: z.string().optional(),
      otherwise: "python3, python or py",
      completes: "file",
    },
    remove: { help: "remove all that was installed" },
  },
  notes: "It goes to libtensorflow in CONVBENCH_CACHE, else in the platform's cache folder.\n\n" +
    "Without a network: have the wheels in a folder, PIP_NO_INDEX=1 and PIP_FIND_LINKS=FOLDER.",
  examples: ["convbench setup --dry-run", "convbench setup --gpu"],
});

/**
 * Runs `convbench setup ARGS`; gives the exit code.
 *
 * @throws {UsageError} Where the flags are wrong.
 * @throws {Error} Where it cannot be installed, with what helps.
 */
export async function setup(args: readonly string[]): Promise<number> {
  const { flags } = parseCommand(SETUP, args);
  const given = Object.entries(flags).filter(([, value]) => value !== undefined && value !== false);
  for (const alone of ["remove", "lib"] as const) {
    const other = given.find(([name]) => name !== alone);
    if (given.some(([name]) => name === alone) && other !== undefined) {
      throw new UsageError(`Expected --${alone} alone but found it with --${other[0]}`);
    }
  }
  const root = libraryRoot();
  if (flags.remove) await remove(root);
  else if (flags.lib !== undefined) await useInPlace(root, flags.lib);
  else {
    const set = librarySet(flags.gpu);
    await tell(root, set);
    if (!flags["dry-run"]) await installSet(root, set, flags.python);
  }
  return 0;
}

async function remove(root: string): Promise<void> {
  const bytes = await uninstall(root, waiting);
  console.log(bytes === 0 ? `Nothing is installed in ${root}` : `Removed ${root} (${megabytes(bytes)})`);
}

async function useInPlace(root: string, path: string): Promise<void> {
  const library = await inspect(await libraryFile(path, "--lib"));
  await recordInPlace(root, library);
  console.log(`TensorFlow ${library.version} is used where it lies: ${library.path}`);
}

async function tell(root: string, set: LibrarySet): Promise<void> {
  const { download, installed, room } = sizesOf(set.wheels);
  console.log(`TensorFlow ${set.version} for ${set.name}${set.tested ? "" : ", on which this project is not tested"}`);
  for (const { file, bytes, licence } of set.wheels) {
    console.log(`  ${megabytes(bytes).padStart(8)}  ${file}  (${licence})`);
  }
  console.log(
    `${megabytes(download)} to download, ${megabytes(installed)} installed, ${megabytes(room)} needed meanwhile, ` +
      `${megabytes(await freeSpace(root))} free`,
  );
  console.log(`Folder: ${setFolder(root, set)}`);
}

async function installSet(root: string, set: LibrarySet, python: string | undefined): Promise<void> {
  const bar = new ProgressBar("{step} {file} [{bar}] {percentage}% | {done} of {all}");
  let current = "";
  const onProgress = ({ step, file, done, total }: InstallProgress) => {
    if (current !== `${step} ${file}`) bar.stop();
    current = `${step} ${file}`;
    bar.update(Math.min(done, total), total, { step, file, done: megabytes(done), all: megabytes(total) });
  };
  let taken;
  try {
    const download = pipDownloader(python === undefined ? undefined : [python]);
    taken = await install(set, { root, download, onProgress, onWait: waiting });
  } finally {
    bar.stop();
  }
  // A library that was named before would come first.
  await removeAll(inPlaceFile(root));
  const { version } = await inspect(`${setFolder(root, set)}/${set.library}`);
  const done = taken.length === 0
    ? "All files were there and right"
    : `Installed ${taken.length} ${taken.length === 1 ? "wheel" : "wheels"}`;
  console.log(`${done}; TensorFlow ${version} opens`);
}

function waiting(holder: string): void {
  console.error(`Another setup runs${holder === "" ? "" : ` (process ${holder})`}: waiting for it`);
}
