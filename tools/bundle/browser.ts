/**
 * The packed module in a browser: one bundle, served from this machine to a
 * headless Chromium.
 *
 * @module
 */
import { build, type BuildOptions } from "esbuild";
import { chromium } from "playwright-core";
import { join } from "node:path";
import type { PageNumbers } from "./page.ts";

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

/** How a page is served and opened: alone, sharing memory between threads, or asking for wasm where it is not. */
export type Visit = "plain" | "isolated" | "late";

/** Serves `site` on the loopback interface; tells `onWasm` which file a page loads. */
function serve(site: Site, visit: Visit, onWasm: (file: string) => void): Deno.HttpServer<Deno.NetAddr> {
  const isolation = visit === "isolated"
    ? { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" }
    : {};
  const answer = (body: BodyInit, type: string) =>
    new Response(body, { headers: { "Content-Type": type, ...isolation } });
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async ({ url, method }) => {
    const { pathname } = new URL(url);
    if (pathname === "/") return answer(HTML, "text/html");
    if (pathname === "/page.js") return answer(site.script, "text/javascript");
    if (pathname === "/weights.safetensors") return answer(site.weights, "application/octet-stream");
    const [, file] = /^\/wasm\/([\w-]+\.wasm)$/.exec(pathname) ?? [];
    if (file === undefined) return new Response(null, { status: 404 });
    if (method === "GET") onWasm(file);
    return answer(await Deno.readFile(join(site.wasmFolder, file)), "application/wasm");
  });
}

/** What the page computed and said. */
export interface PageResult extends PageNumbers {
  /** Errors and warnings of the console, uncaught errors, requests that failed. */
  readonly complaints: string[];
  /** The `.wasm` files that the page loaded. */
  readonly wasmFiles: string[];
  /** The browser's. */
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

/** Opens `site` in the browser at `executablePath`, with a new, empty profile. */
export async function openPage(executablePath: string, site: Site, visit: Visit): Promise<PageResult> {
  const wasmFiles: string[] = [];
  const server = serve(site, visit, (file) => wasmFiles.push(file));
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  try {
    const complaints: string[] = [];
    const page = await browser.newPage();
    // tfjs takes a thread for every two cores: with those of a small machine there would be one.
    await page.addInitScript(() => Object.defineProperty(navigator, "hardwareConcurrency", { value: 8 }));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("requestfailed", (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText}`));
    await page.goto(`http://127.0.0.1:${server.addr.port}/#${visit}`);
    const found = await page.evaluate(() => globalThis.page);
    return { ...found, complaints, wasmFiles, version: browser.version() };
  } finally {
    await browser.close();
    await server.shutdown();
  }
}
