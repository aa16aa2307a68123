/**
 * What the tests of data/ share: a loopback server, a fresh folder, gzip, a process of their own.
 *
 * @module
 */

/** `bytes` as gzip. */
export async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** In hexadecimal. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** Runs `use` with an empty folder that is removed afterwards. */
export async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "convbench_data_" });
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs `use` with the address, ending in a slash, of a server on loopback; `handle` gets the file's name. */
export async function withServer(
  handle: (file: string) => Response | Promise<Response>,
  use: (url: string) => Promise<void>,
): Promise<void> {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {}, onError: () => new Response(null, { status: 500 }) },
    (request) => handle(new URL(request.url).pathname.slice(1)),
  );
  try {
    await use(`http://127.0.0.1:${server.addr.port}/`);
  } finally {
    await server.shutdown();
  }
}

/** An address on loopback where nothing listens. */
export function unreachable(): string {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return `http://127.0.0.1:${listener.addr.port}/`;
}

/** The names in `folder`, sorted; none where there is no such folder. */
export async function list(folder: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** A process that runs `code`, in the repository and with `env`: the environment belongs to all tests at once. */
export function evalCommand(code: string, env: Record<string, string> = {}): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-lock", code],
    cwd: new URL("../../", import.meta.url),
    env: {
      CONVBENCH_CACHE: "",
      CONVBENCH_DATA: "",
      CONVBENCH_DATA_URL: "",
      XDG_CACHE_HOME: "",
      NO_COLOR: "1",
      ...env,
    },
    stdout: "piped",
    stderr: "piped",
  });
}

/** What `code` prints, parsed as JSON. */
export async function evalJson(code: string, env: Record<string, string> = {}): Promise<unknown> {
  const { success, stdout, stderr } = await evalCommand(code, env).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}
