/**
 * A plain file server on the loopback interface, as a visitor's page may come from.
 *
 * @module
 */
import { extname, join } from "node:path";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".wasm": "application/wasm",
};

/** Serves `folder`, with the headers that let a page share memory between threads where it is to be isolated. */
export function serveFolder(folder: string, isolated = false): Deno.HttpServer<Deno.NetAddr> {
  const isolation: Record<string, string> = isolated
    ? { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" }
    : {};
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async ({ url }) => {
    const { pathname } = new URL(url);
    const path = pathname.endsWith("/") ? `${pathname}index.html` : pathname;
    try {
      const body = await Deno.readFile(join(folder, path));
      return new Response(body, { headers: { "Content-Type": TYPES[extname(path)] ?? "text/plain", ...isolation } });
    } catch {
      return new Response(null, { status: 404 });
    }
  });
}
