/**
 * The programs that the check needs beside Deno: npm, Node 22 and Chromium. One
 * that is missing is an error with the command that installs it.
 *
 * @module
 */
import { delimiter, join } from "node:path";
import { ROOT } from "../jsr.ts";

/** What a finished program left. */
export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. */
export async function run(program: string, args: readonly string[], cwd: string): Promise<Output> {
  const { code, stdout, stderr } = await new Deno.Command(program, { args: [...args], cwd, stdin: "null" }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** The same, for programs that have to succeed; gives what they print. */
export async function runOrThrow(program: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, cwd);
  if (code !== 0) {
    throw new Error(`Expected ${program} ${args[0]} to exit with 0 but found ${code}\n${stderr}${stdout}`);
  }
  return stdout;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}

/** Where the first of `names` lies on PATH. */
async function onPath(...names: string[]): Promise<string | undefined> {
  const suffixes = Deno.build.os === "windows" ? [".exe", ".cmd"] : [""];
  for (const name of names) {
    for (const folder of (Deno.env.get("PATH") ?? "").split(delimiter)) {
      for (const suffix of suffixes) {
        const path = join(folder, name + suffix);
        if (folder !== "" && await isFile(path)) return path;
      }
    }
  }
  return undefined;
}

/** Runs `npm install` in `folder`; leaves no lock file and runs no script of a package. */
export async function npmInstall(folder: string, ...args: string[]): Promise<void> {
  const npm = await onPath("npm");
  if (npm === undefined) {
    throw new Error("Expected npm on PATH but found none: install Node 22, for instance with `nvm install 22`");
  }
  const quiet = ["--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  await runOrThrow(npm, ["install", ...quiet, ...args], folder);
}

/** The oldest Node that the module is for. */
const NODE_MAJOR = 22;

async function nodeMajor(path: string): Promise<number> {
  return Number(/^v(\d+)/.exec((await run(path, ["--version"], ROOT)).stdout)?.[1] ?? 0);
}

/** Node 22 or later: PATH's, else npm's, which is kept in .cache. */
export async function findNode(): Promise<string> {
  const own = await onPath("node");
  if (own !== undefined && await nodeMajor(own) >= NODE_MAJOR) return own;
  const os = Deno.build.os === "windows" ? "win" : Deno.build.os;
  const name = `node-${os}-${Deno.build.arch === "aarch64" ? "arm64" : "x64"}`;
  const folder = join(ROOT, ".cache", `node-${NODE_MAJOR}`);
  const path = join(folder, "node_modules", name, "bin", Deno.build.os === "windows" ? "node.exe" : "node");
  if (!await isFile(path)) {
    await Deno.mkdir(folder, { recursive: true });
    await npmInstall(folder, "--prefix", folder, `${name}@${NODE_MAJOR}`);
  }
  if (await nodeMajor(path) < NODE_MAJOR) {
    throw new Error(
      `Expected Node ${NODE_MAJOR} but found none that runs: install it with \`nvm install ${NODE_MAJOR}\``,
    );
  }
  return path;
}

const CHROMIUMS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge"];
const APPLICATIONS = [
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/** An installed Chromium or Chrome; CHROMIUM names another. */
export async function findChromium(): Promise<string> {
  const named = Deno.env.get("CHROMIUM");
  if (named !== undefined) {
    if (await isFile(named)) return named;
    throw new Error(`Expected CHROMIUM to be an executable but found ${named}`);
  }
  const found = await onPath(...CHROMIUMS);
  if (found !== undefined) return found;
  for (const path of APPLICATIONS) if (await isFile(path)) return path;
  throw new Error(
    "Expected Chromium or Chrome but found none: install it, for instance with `sudo apt-get install chromium`, " +
      "or name it in CHROMIUM",
  );
}
