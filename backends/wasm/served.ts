/**
 * Whether a page's server has tfjs' `.wasm` files.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** The file that upstream asks for, of the three it ships. */
async function wasmFile(): Promise<string> {
  const simd = await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT");
  const threads = await tf.env().getAsync("WASM_HAS_MULTITHREAD_SUPPORT");
  return `tfjs-backend-wasm${simd ? threads ? "-threaded-simd" : "-simd" : ""}.wasm`;
}

/**
 * Throws where the page's server does not have the file that upstream's backend
 * will ask for in `folder`, a URL that ends in a slash. Upstream takes no other
 * folder after a start that failed (`setWasmPaths()` throws from then on): without
 * this, one call with a wrong path or none would leave the page without wasm.
 *
 * @throws {Error} Names the address and what to do.
 */
export async function checkServed(folder: string): Promise<void> {
  const url = folder + await wasmFile();
  const response = await fetch(url, { method: "HEAD" });
  // Empty, but Chromium calls a request aborted whose body nobody read.
  await response.arrayBuffer();
  const { ok, status, headers } = response;
  const type = headers.get("Content-Type") ?? "";
  // A server that knows no HEAD says 405; one that serves an application answers any path with its page.
  const found = (ok || status === 405) && !type.startsWith("text/html");
  if (found) return;
  throw new Error(
    `Expected ${url} to be served but found ${ok ? type : `status ${status}`}: ` +
      "serve the .wasm files of @tensorflow/tfjs-backend-wasm and name their folder in wasmPath",
  );
}
