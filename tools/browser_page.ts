/**
 * Builds the page that benchmarks in a visitor's browser: a folder of files for any file
 * server.
 *
 *     deno run -A tools/jsr.ts run -A tools/browser_page.ts -- [--out FOLDER]
 *
 * @module
 */
import { build, stop } from "esbuild";
import { dirname, join, resolve } from "node:path";
import { skeleton } from "../bench/browser/skeleton.tsx";
import { PAGE_STYLE } from "../bench/browser/style.ts";
import { readCommit } from "../bench/sampler/environment.ts";
import { listModels } from "../models/registry.ts";
import { readConfig, ROOT } from "./jsr.ts";

/** Where the page goes if nobody says. */
const OUT = join(ROOT, "dist", "browser");

/** The packages that the page and its workers are made of. */
const PACKAGES = [
  "@tensorflow/tfjs-backend-cpu",
  "@tensorflow/tfjs-backend-wasm",
  "@tensorflow/tfjs-backend-webgpu",
  "@tensorflow/tfjs-core",
  "@tensorflow/tfjs-layers",
  "echarts",
  "fastest-levenshtein",
  "fflate",
  "hono",
  "jstat",
  "minimatch",
  "pure-rand",
  "simple-statistics",
  "zod",
] as const;

/** zod would ask whether it may compile code, which the page's policy forbids and browsers complain of. */
const BANNER = "globalThis.__zod_globalConfig ??= { jitless: true };";

/** What was built. */
export interface Built {
  /** Its files, relative to the folder. */
  readonly files: string[];
  /** The bytes of all of them. */
  readonly bytes: number;
}

/** Has Deno lay out the packages, in the versions of deno.lock, as esbuild looks for them; gives their folder. */
async function installPackages(folder: string): Promise<string> {
  const { imports } = await readConfig();
  const needed = Object.fromEntries(PACKAGES.map((name) => [name, imports[name]]));
  await Deno.writeTextFile(join(folder, "deno.json"), JSON.stringify({ imports: needed, nodeModulesDir: "auto" }));
  await Deno.copyFile(join(ROOT, "deno.lock"), join(folder, "deno.lock"));
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args: ["install"], cwd: folder }).output();
  if (!success) throw new Error(`Expected deno install to succeed but found ${new TextDecoder().decode(stderr)}`);
  return join(folder, "node_modules");
}

/** Writes the scripts, each with the parts that both have in files of their own. */
async function writeScripts(packages: string, folder: string): Promise<void> {
  try {
    await build({
      entryPoints: ["page", "worker"].map((name) => join(ROOT, "bench", "browser", `${name}.ts`)),
      nodePaths: [packages],
      bundle: true,
      splitting: true,
      minify: true,
      format: "esm",
      platform: "browser",
      target: "es2022",
      banner: { js: BANNER },
      define: { CONVBENCH_COMMIT: JSON.stringify(await readCommit()) },
      chunkNames: "part-[hash]",
      legalComments: "linked",
      outdir: folder,
      logLevel: "error",
    });
  } finally {
    await stop();
  }
}

/** Whether `folder` may be replaced: it is not there, it is empty, or it is such a page. */
async function checkReplaceable(folder: string): Promise<void> {
  let names: string[];
  try {
    names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  if (names.length === 0 || (names.includes("page.js") && names.includes("worker.js"))) return;
  throw new RangeError(`Expected out to be a new folder or an earlier page but found other files in ${folder}`);
}

/**
 * Builds the page into `out`. An earlier page there is replaced once the new one is whole.
 *
 * @throws {RangeError} Where other files are there.
 */
export async function buildPage(out: string): Promise<Built> {
  const target = resolve(out);
  await checkReplaceable(target);
  await Deno.mkdir(dirname(target), { recursive: true });
  const work = await Deno.makeTempDir();
  // Beside the target, so that it can be renamed.
  const folder = await Deno.makeTempDir({ dir: dirname(target), prefix: ".page" });
  try {
    const packages = await installPackages(work);
    await writeScripts(packages, folder);
    await Deno.writeTextFile(join(folder, "index.html"), skeleton(listModels()));
    await Deno.writeTextFile(join(folder, "style.css"), PAGE_STYLE);
    const wasm = join(packages, "@tensorflow", "tfjs-backend-wasm", "dist");
    await Deno.mkdir(join(folder, "wasm"));
    for await (const { name } of Deno.readDir(wasm)) {
      if (name.endsWith(".wasm")) await Deno.copyFile(join(wasm, name), join(folder, "wasm", name));
    }
    // A folder for a server, which may be another user.
    if (Deno.build.os !== "windows") await Deno.chmod(folder, 0o755);
    await Deno.remove(target, { recursive: true }).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
    await Deno.rename(folder, target);
  } catch (error) {
    await Deno.remove(folder, { recursive: true });
    throw error;
  } finally {
    await Deno.remove(work, { recursive: true });
  }
  return await describeFolder(target);
}

async function describeFolder(folder: string): Promise<Built> {
  const files: string[] = [];
  let bytes = 0;
  for (const path of ["", "wasm"]) {
    for await (const { name, isFile } of Deno.readDir(join(folder, path))) {
      if (!isFile) continue;
      files.push(path === "" ? name : `${path}/${name}`);
      bytes += (await Deno.stat(join(folder, path, name))).size;
    }
  }
  return { files: files.sort(), bytes };
}

const USAGE = "Usage: deno task browser [--out FOLDER]";

if (import.meta.main) {
  const [flag, out, ...more] = Deno.args;
  const named = flag === "--out" && out !== undefined && more.length === 0;
  if (flag !== undefined && !named) {
    console.error(USAGE);
    Deno.exit(flag === "--help" ? 0 : 2);
  }
  const folder = out ?? OUT;
  try {
    const { files, bytes } = await buildPage(folder);
    console.log(`Wrote ${files.length} files, ${(bytes / 2 ** 20).toFixed(1)} MiB, into ${folder}`);
    console.log("Any file server shows it, for instance `npx serve` in that folder.");
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    console.error(error.message);
    Deno.exit(2);
  }
}
