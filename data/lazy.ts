/**
 * Fashion-MNIST for the main module, which also runs where there is no Deno: the
 * loader is read when it is called for, and bundles leave it out.
 *
 * @module
 */
import type { FashionMnist, FashionMnistOptions } from "./fashion_mnist.ts";

/**
 * Loads Fashion-MNIST as `fashionMnist()` of this module's `./data` does; in Deno
 * only. `{ source: "sample" }` gives the small set that ships with this module.
 *
 * @throws {TypeError} Outside Deno.
 *
 * @example
 * ```ts
 * import { fashionMnist } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * const { train, classes } = await fashionMnist({ source: "sample" });
 * assertEquals([train.count, train.height, train.width, classes.length], [1000, 28, 28, 10]);
 * ```
 */
export async function fashionMnist(options?: FashionMnistOptions): Promise<FashionMnist> {
  if (!("Deno" in globalThis)) {
    throw new TypeError(
      "Expected Deno for fashionMnist() but found another runtime: read the files and use parseImageSet()",
    );
  }
  // Bundlers would follow a literal, and webpack fails on a `new URL()` of a file that npm's layer does not have.
  const loader = import.meta.url.replace(/lazy(\.\w+)$/, "fashion_mnist$1");
  const { fashionMnist: load } = await import(
    /* webpackIgnore: true */ /* @vite-ignore */ loader
  ) as typeof import("./fashion_mnist.ts");
  return await load(options);
}
