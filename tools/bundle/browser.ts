/**
 * The packed module in a browser: one bundle, served from this machine to a
 * headless Chromium.
 *
 * @module
 */
import { build, type BuildOptions } from "npm:esbuild@^0.28.2";
import { chromium } from "npm:playwright-core@^1.65.1";
import { join } from "node:path";
import type { Numbers } from "./scenario.ts";

/** A bundle for a browser. */
export interface Bundle {
  /** As served. */
  readonly code: string;
  /** The files that went into it. */
  readonly inputs: string[];
  /** In KB, minified. */
  readonly minifiedKB: number;
  /** In KB, minified and compressed by gzip. */
  readonly gzipKB: number;
}

async function gzipSize(bytes: Uint8Array<ArrayBuffer>): Promise<number> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).arrayBuffer()).byteLength;
}

/** Bundles `entry` for a browser, with no help from plugins. */
export async function bundle(entry: string): Promise<Bundle> {
  const options = {
    entryPoints: [entry],
    bundle: true,
    platform: "browser",
    format: "esm",
    write: false,
    metafile: true,
  } satisfies BuildOptions;
  const { outputFiles: [plain], metafile } = await build(options);
  const { outputFiles: [minified] } = await build({ ...options, minify: true });
  const bytes = new Uint8Array(minified?.contents ?? []);
  return {
    code: plain?.text ?? "",
    inputs: Object.keys(metafile.inputs),
    minifiedKB: bytes.length / 1024,
    gzipKB: await gzipSize(bytes) / 1024,
  };
}

/** What the server has to give. */
export interface Site {
  /** The page's script. */
  readonly script: string;
  /** A safetensors file. */
  readonly weights: Uint8Array<ArrayBuffer>;
  /** Where the `.wasm` files lie. */
  readonly wasmFolder: string;
}

const HTML =
  `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>`;

/** Serves `site` on the loopback interface. `isolated` lets pages share memory between threads. */
function serve(site: Site, isolated: boolean): Deno.HttpServer<Deno.NetAddr> {
  const isolation = isolated
    ? { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" }
    : {};
  const answer = (body: BodyInit, type: string) =>
    new Response(body, { headers: { "Content-Type": type, ...isolation } });
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/") return answer(HTML, "text/html");
    if (pathname === "/page.js") return answer(site.script, "text/javascript");
    if (pathname === "/weights.safetensors") return answer(site.weights, "application/octet-stream");
    const [, wasm] = /^\/wasm\/([\w-]+\.wasm)$/.exec(pathname) ?? [];
    if (wasm !== undefined) return answer(await Deno.readFile(join(site.wasmFolder, wasm)), "application/wasm");
    return new Response(null, { status: 404 });
  });
}

/** What the page computed and said. */
export interface PageResult {
  readonly numbers: Numbers;
  /** What `loadWeights()` says to a path. */
  readonly pathError: string;
  /** Errors and warnings of the console, uncaught errors, requests that failed. */
  readonly complaints: string[];
  readonly version: string;
}

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Opens `site` in the browser at `executablePath`, with a profile of its own. */
export async function openPage(executablePath: string, site: Site, isolated = false): Promise<PageResult> {
  const server = serve(site, isolated);
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  try {
    const complaints: string[] = [];
    const page = await browser.newPage();
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("requestfailed", (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText}`));
    await page.goto(`http://127.0.0.1:${server.addr.port}/`);
    const numbers = await page.evaluate(() => globalThis.numbers);
    const pathError = await page.evaluate(() => globalThis.pathError);
    return { numbers, pathError, complaints, version: browser.version() };
  } finally {
    await browser.close();
    await server.shutdown();
  }
}
