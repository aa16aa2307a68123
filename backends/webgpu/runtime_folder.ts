/**
 * A runtime folder for Mesa, which complains on stderr where Linux has none, as servers
 * and containers do. Deno only, and loaded when it is asked for.
 *
 * @module
 */

const RUNTIME_FOLDER = "XDG_RUNTIME_DIR";

/** Runs `ask` with one, where there is none and the environment may be changed. */
export async function withRuntimeFolder<T>(ask: () => Promise<T>): Promise<T> {
  const settable = Deno.build.os === "linux" &&
    Deno.permissions.querySync({ name: "env", variable: RUNTIME_FOLDER }).state === "granted" &&
    Deno.env.get(RUNTIME_FOLDER) === undefined;
  if (!settable) return await ask();
  Deno.env.set(RUNTIME_FOLDER, "/tmp");
  try {
    return await ask();
  } finally {
    Deno.env.delete(RUNTIME_FOLDER);
  }
}
