/**
 * What has to be there before anything can be measured: libtensorflow, and a Python
 * environment of its own with PyTorch in it.
 *
 * @module
 */
import { z } from "zod";
import { locateLibrary } from "../../backends/tensorflow/library/locate.ts";
import { withLock } from "../../backends/tensorflow/library/lock.ts";
import { UsageError } from "../../cli/flags.ts";
import { setup } from "../../cli/setup.ts";
import { cacheFolder } from "../../data/folders.ts";
import { writeWhole } from "../../data/whole_file.ts";

/** PyTorch and torchvision, the releases that belong together. */
export const PINS = { torch: "2.15.0", torchvision: "0.29.2" } as const;

/** Something that was set up, or was there. */
export interface SetUp<T> {
  /** What came of it. */
  readonly value: T;
  /** Seconds that it took; null where it was there before. */
  readonly seconds: number | null;
}

async function timed<T>(isThere: () => Promise<T | undefined>, make: () => Promise<T>): Promise<SetUp<T>> {
  const found = await isThere();
  if (found !== undefined) return { value: found, seconds: null };
  const start = performance.now();
  const value = await make();
  return { value, seconds: (performance.now() - start) / 1000 };
}

/**
 * Installs libtensorflow where there is none; gives its version.
 *
 * @throws {Error} Where it cannot be installed.
 */
export async function ensureTensorFlow(): Promise<SetUp<string>> {
  const isThere = async () => {
    try {
      return (await locateLibrary()).version;
    } catch (error) {
      // A file that TF_LIB names and that is none: to install another one would not mend that.
      if (error instanceof RangeError) throw error;
      return undefined;
    }
  };
  return await timed(isThere, async () => {
    await setup([]);
    return (await locateLibrary()).version;
  });
}

/** A Python with PyTorch. */
export interface TorchPython {
  /** The interpreter. */
  readonly python: string;
  /** Versions of Python, torch and torchvision. */
  readonly versions: Readonly<Record<string, string>>;
}

const versionsSchema = z.object({ python: z.string(), torch: z.string(), torchvision: z.string() });

const ASK = `import json, sys
from importlib.metadata import version
print(json.dumps(dict(python=sys.version.split()[0], torch=version("torch"), torchvision=version("torchvision"))))`;

/** What `python` has of PyTorch; undefined where it does not run or lacks one. Nothing is imported: that takes seconds. */
export async function inspectPython(python: string): Promise<TorchPython | undefined> {
  try {
    const { success, stdout } = await new Deno.Command(python, { args: ["-c", ASK], stderr: "null" }).output();
    if (!success) return undefined;
    return { python, versions: versionsSchema.parse(JSON.parse(new TextDecoder().decode(stdout))) };
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    return undefined;
  }
}

/** All of this task's own files lie below it. */
export function peersFolder(cache: string | undefined = cacheFolder()): string {
  if (cache === undefined) {
    throw new Error("Expected CONVBENCH_CACHE, XDG_CACHE_HOME or HOME to name a cache folder but found none set");
  }
  return `${cache}/peers`;
}

/** Runs a program for its effect; what it prints is for people. */
async function run(program: string, args: readonly string[]): Promise<void> {
  const command = new Deno.Command(program, { args: [...args], stdin: "null", stdout: "piped", stderr: "piped" });
  let output: Deno.CommandOutput;
  try {
    output = await command.output();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new Error(`Expected a Python 3 but found no ${program}`);
    throw error;
  }
  if (output.success) return;
  const words = new TextDecoder().decode(output.stderr) || new TextDecoder().decode(output.stdout);
  const lines = words.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const reason = lines.findLast((line) => /^(ERROR|Error)/.test(line)) ?? lines.at(-1) ?? "it says nothing";
  throw new Error(`Expected ${program} ${args.slice(0, 3).join(" ")} … to succeed but found: ${reason}`);
}

/**
 * What pip is asked for; where from is pip's own configuration. Wheels alone: to build PyTorch takes hours.
 */
export function pipArguments(): string[] {
  return [
    ..."-m pip install --quiet --disable-pip-version-check --no-input --only-binary=:all: --retries 1".split(" "),
    ...Object.entries(PINS).map(([name, version]) => `${name}==${version}`),
    // torch says at its import that it would like it, and inductor does not start without it.
    "numpy",
    "setuptools",
  ];
}

/**
 * The environment with PyTorch in this project's cache folder, made where it is not
 * there to its end; one run makes it while others wait.
 *
 * @throws {Error} Where there is no Python, or pip cannot install.
 */
export async function ensureTorch(
  { folder = peersFolder(), base = "python3", notice }: {
    folder?: string;
    base?: string;
    notice: (text: string) => void;
  },
): Promise<SetUp<TorchPython>> {
  const home = `${folder}/torch-${PINS.torch}`;
  const python = Deno.build.os === "windows" ? `${home}/Scripts/python.exe` : `${home}/bin/python`;
  const record = `${home}/installed.json`;
  const isThere = async () => {
    try {
      await Deno.stat(record);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
    return await inspectPython(python);
  };
  return await timed(isThere, async () => {
    await Deno.mkdir(folder, { recursive: true });
    const made = async () => {
      const other = await isThere();
      if (other !== undefined) return other;
      notice(`Installing PyTorch ${PINS.torch} into ${home}: this takes minutes, once`);
      await run(base, ["-m", "venv", "--clear", home]);
      await run(python, pipArguments());
      const found = await inspectPython(python);
      if (found === undefined) throw new Error(`Expected ${python} to have PyTorch but found none`);
      await writeWhole(record, JSON.stringify(found.versions, null, 2));
      return found;
    };
    return await withLock(folder, made, (holder) => notice(`Another run (process ${holder}) installs: waiting for it`));
  });
}

/**
 * The Python that `--python` names.
 *
 * @throws {UsageError} Where it has no PyTorch.
 */
export async function namedTorch(python: string): Promise<TorchPython> {
  const found = await inspectPython(python);
  if (found === undefined) {
    throw new UsageError(`Expected --python to be a Python with torch and torchvision but found ${python}`);
  }
  return found;
}
