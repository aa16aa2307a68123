/**
 * Runs the main module in Deno, in Node 22 and in Chromium, the latter two as
 * JSR's npm layer hands it over, and compares what they compute.
 *
 *     deno task test:bundle
 *
 * @module
 */
import { createModel, stateDict, useBackend, writeSafetensors } from "@convbench/convbench";
import { stop } from "esbuild";
import { join } from "node:path";
import { offlineFlags, ROOT } from "../jsr.ts";
import { type Bundle, bundle, openPage, type PageResult } from "./browser.ts";
import { numbersError, relativeError } from "./compare.ts";
import { pack, type Packed, toJavaScript, writeFile } from "./pack.ts";
import { findChromium, findNode, npmInstall, run, runOrThrow } from "./processes.ts";
import { FILE_SEED, MODEL, type Numbers } from "./scenario.ts";

const TOLERANCE = 1e-5;
/** A string of data/fashion_mnist.ts that no other module has. */
const LOADER_MARKER = "Expected four files of Fashion-MNIST";
const ELSEWHERE = /^TypeError: Expected Deno for fashionMnist\(\)/;

let passed = 0;
let failed = 0;

function check(ok: boolean, claim: string, detail: string | number = ""): void {
  if (ok) passed++;
  else failed++;
  console.log(`${ok ? "ok    " : "FAILED"} ${claim}${detail === "" ? "" : ` (${detail})`}`);
}

function checkNone(found: readonly string[], claim: string): void {
  check(found.length === 0, claim, found.join("; "));
}

async function writeWeights(path: string): Promise<Uint8Array<ArrayBuffer>> {
  await useBackend("cpu");
  const model = createModel(MODEL, { seed: FILE_SEED });
  const bytes = writeSafetensors(await stateDict(model));
  model.dispose();
  await Deno.writeFile(path, bytes);
  return bytes;
}

/** An npm package that uses ours: `folder/app`, with the scenario's files. */
async function makeApp(folder: string): Promise<{ app: string; packed: Packed }> {
  const packed = await pack("mod.ts", join(folder, "package"));
  const app = join(folder, "app");
  for (const name of ["scenario", "command_line", "page"]) {
    const source = await Deno.readTextFile(join(ROOT, "tools", "bundle", `${name}.ts`));
    await writeFile(join(app, `${name}.js`), await toJavaScript(source));
  }
  const core = "@tensorflow/tfjs-core";
  const dependencies = { "@convbench/convbench": "file:../package", [core]: packed.dependencies[core] };
  await writeFile(join(app, "package.json"), JSON.stringify({ private: true, type: "module", dependencies }));
  // As a copy: a link's imports would be looked up beside the original.
  await npmInstall(app, "--install-links");
  return { app, packed };
}

async function inDeno(weights: string): Promise<Numbers> {
  const script = join(ROOT, "tools", "bundle", "command_line.ts");
  return JSON.parse(
    await runOrThrow(Deno.execPath(), ["run", "-A", "--no-lock", ...await offlineFlags(), script, weights], ROOT),
  );
}

async function checkImport(): Promise<void> {
  const script = join(ROOT, "tools", "bundle", "import_time.ts");
  const args = [
    "run",
    "--no-prompt",
    "--allow-env=__MINIMATCH_TESTING_PLATFORM__",
    "--no-lock",
    ...await offlineFlags(),
    script,
  ];
  const runs: { ms: number; backend: string; factories: string[] }[] = [];
  for (let i = 0; i < 7; i++) runs.push(JSON.parse(await runOrThrow(Deno.execPath(), args, ROOT)));
  const times = runs.map(({ ms }) => ms).sort((a, b) => a - b);
  console.log(`import of mod.ts: ${times[3]?.toFixed(0)} ms, the median of ${times.length} fresh processes`);
  checkNone(
    [...new Set(runs.flatMap(({ backend, factories }) => [...factories, backend]))].filter(Boolean),
    "mod.ts touches no device when imported",
  );
}

/** What has to hold of every runtime's numbers. */
function checkNumbers(runtime: string, numbers: Numbers, reference: Numbers): void {
  console.log(`${runtime}: ${JSON.stringify(numbers.features)}, ${numbers.ms} ms`);
  for (const backend of ["cpu", "wasm"] as const) {
    const { logits, loaded, expectedLoaded, leaked } = numbers[backend];
    const where = `${runtime}, ${backend}`;
    if (numbers !== reference) {
      const error = numbersError(numbers[backend], reference[backend]);
      check(error <= TOLERANCE, `${where}: logits, loss and a training step as in Deno`, error.toExponential(1));
    }
    const fromFile = relativeError(loaded, expectedLoaded);
    check(fromFile === 0, `${where}: loadWeights() gives the model that the file was written from`, fromFile);
    check(relativeError(logits, loaded) > 0.01, `${where}: the file changed the model`);
    check(leaked === 0, `${where}: no tensor leaks`, leaked);
  }
  const between = numbersError(numbers.wasm, numbers.cpu);
  check(between <= TOLERANCE, `${runtime}: wasm computes what cpu computes`, between.toExponential(1));
  // TensorFlow is Deno's, where it is installed; WebGPU is where there is an adapter.
  const portable = numbers.available.filter((name) =>
    name !== "webgpu" && (runtime !== "Deno" || name !== "tensorflow")
  ).join();
  check(portable === "wasm,cpu", `${runtime}: both backends are available`, numbers.available.join());
}

/** Complaints of a page but for Chromium's own, when it is asked for a WebGPU adapter and has none. */
function ownComplaints({ complaints }: { readonly complaints: readonly string[] }): string[] {
  return complaints.filter((complaint) => complaint !== "warning: No available adapters.");
}

async function checkNode(app: string, weights: string, reference: Numbers): Promise<void> {
  const node = await findNode();
  const version = (await runOrThrow(node, ["--version"], app)).trim();
  const { code, stdout, stderr } = await run(node, ["command_line.js", weights], app);
  check(code === 0 && stderr === "", `Node ${version}: runs without a complaint`, stderr);
  if (code !== 0) return;
  const numbers: Numbers = JSON.parse(stdout);
  console.log(`Node's numbers: ${JSON.stringify(numbers)}`);
  checkNumbers("Node", numbers, reference);
  check(ELSEWHERE.test(numbers.fashionMnist), "Node: fashionMnist() says that it needs Deno", numbers.fashionMnist);
}

function checkPage(browser: string, page: PageResult, reference: Numbers): void {
  const { numbers, pathError } = page;
  checkNumbers(browser, numbers, reference);
  check(
    ELSEWHERE.test(numbers.fashionMnist),
    `${browser}: fashionMnist() says that it needs Deno`,
    numbers.fashionMnist,
  );
  const wanted = "TypeError: Expected weights to be a Blob";
  check(pathError.startsWith(wanted), `${browser}: loadWeights() says that it takes no path`, pathError);
}

async function checkBundle({ code, inputs, minifiedKB, gzipKB }: Bundle): Promise<void> {
  const size = `${minifiedKB.toFixed(0)} KB minified, ${gzipKB.toFixed(0)} KB gzipped`;
  console.log(`bundle: ${(code.length / 1024).toFixed(0)} KB, ${size}`);
  const own = inputs.flatMap((path) => path.split("@convbench/convbench/")[1] ?? []);
  check(own.includes("data/lazy.js"), "the bundle holds the module", `${own.length} files`);
  const loaders = own.filter((path) => /^data\/(fashion_mnist|dataset_files|download|folders)\.js$/.test(path));
  checkNone(loaders, "the bundle leaves the loader of Fashion-MNIST out");
  const marker = await Deno.readTextFile(join(ROOT, "data", "fashion_mnist.ts"));
  check(marker.includes(LOADER_MARKER) && !code.includes(LOADER_MARKER), "and its code is not there by another way");
  checkNone(code.match(/\bDeno\.\w+/g) ?? [], "the bundle has no code for Deno only");
  const imports = code.match(/\b(?:from|import|require)\s*\(?\s*["']node:[\w/]+/g) ?? [];
  checkNone(imports, "the bundle imports nothing of Node's");
  // webpack and Vite take the file named there for an asset of the bundle, and fail where it is not.
  checkNone(code.match(/new URL\(\s*["'`][^)]*import\.meta\.url/g) ?? [], "the bundle names no file beside it");
}

async function checkBrowser(app: string, weights: Uint8Array<ArrayBuffer>, reference: Numbers): Promise<void> {
  const bundled = await bundle(join(app, "page.js"));
  await checkBundle(bundled);
  const wasmFolder = join(app, "node_modules", "@tensorflow", "tfjs-backend-wasm", "dist");
  const site = { script: bundled.code, weights, wasmFolder };
  const chromium = await findChromium();

  const plain = await openPage(chromium, site, "plain");
  checkNone(ownComplaints(plain), `Chromium ${plain.version}: the console stays empty`);
  checkPage("Chromium", plain, reference);

  const isolated = await openPage(chromium, site, "isolated");
  const files = isolated.wasmFiles.join(", ");
  check(files === "tfjs-backend-wasm-threaded-simd.wasm", "Chromium, isolated: loads wasm with threads", files);
  const { threads } = isolated.numbers.features;
  check(threads === 4, "Chromium, isolated: four threads on eight cores", String(threads));
  checkNone(ownComplaints(isolated), "Chromium, isolated: the console stays empty");
  checkPage("Chromium, isolated", isolated, reference);

  const late = await openPage(chromium, site, "late");
  for (const reason of late.missing) {
    check(reason.includes("wasmPath"), "Chromium: where the server has no .wasm file, wasm says so", reason);
  }
  checkPage("Chromium, wasm found late", late, reference);
}

async function main(): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "convbench-bundle-" });
  try {
    await checkImport();
    const weightsPath = join(folder, "weights.safetensors");
    const weights = await writeWeights(weightsPath);
    const { app, packed } = await makeApp(folder);
    console.log(
      `package: ${packed.modules.length} modules, dependencies ${Object.keys(packed.dependencies).join(", ")}`,
    );
    checkNone(packed.foreign, "mod.ts imports its own modules and npm's alone");
    const reference = await inDeno(weightsPath);
    checkNumbers("Deno", reference, reference);
    check(reference.fashionMnist === "1000", "Deno: fashionMnist() loads the sample", reference.fashionMnist);
    await checkNode(app, weightsPath, reference);
    await checkBrowser(app, weights, reference);
  } catch (error) {
    check(false, error instanceof Error ? error.message : String(error));
  } finally {
    await stop();
    await Deno.remove(folder, { recursive: true });
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main());
