/**
 * Keeps a shared library in the process until its end.
 *
 * @module
 */

/** From `<dlfcn.h>`: lazily, only what is loaded already, and never to be unloaded. */
const FLAGS: Partial<Record<typeof Deno.build.os, { libc: string; flags: number }>> = {
  linux: { libc: "libc.so.6", flags: 0x1 | 0x4 | 0x1000 },
  darwin: { libc: "libSystem.B.dylib", flags: 0x1 | 0x10 | 0x80 },
};

/**
 * Pins `path`, which is open already. Deno unloads what it opened when it ends;
 * libtensorflow's exit handlers then lie in memory that is gone, and a process that
 * made no TFE_Context ends with a segmentation fault (2.21.0, Deno 2.9.6).
 *
 * Gives whether it could: where it could not, all but the process's end is as before.
 */
export function keepLoaded(path: string): boolean {
  const here = FLAGS[Deno.build.os];
  if (here === undefined) return false;
  try {
    const libc = Deno.dlopen(here.libc, { dlopen: { parameters: ["buffer", "i32"], result: "pointer" } });
    const handle = libc.symbols.dlopen(new TextEncoder().encode(`${path}\0`), here.flags);
    libc.close();
    return handle !== null;
  } catch {
    // Another C library: there is no other way to pin.
    return false;
  }
}
