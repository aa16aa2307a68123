import { assertEquals } from "@std/assert";
import { evalJson } from "./support.ts";

/** What folders.ts finds in a process with `env`. */
async function foldersWith(env: Record<string, string>): Promise<unknown> {
  return await evalJson(
    `import { cacheFolder, packageFolders } from "${new URL("../../data/folders.ts", import.meta.url)}";
     console.log(JSON.stringify([cacheFolder() ?? null, packageFolders("set")]));`,
    env,
  );
}

const places: Partial<Record<typeof Deno.build.os, { cache: string; packages: string[] }>> = {
  windows: { cache: "/local/convbench", packages: [] },
  darwin: { cache: "/me/Library/Caches/convbench", packages: ["/a/datasets/set", "/b/datasets/set"] },
};
const here = places[Deno.build.os] ??
  { cache: "/me/.cache/convbench", packages: ["/a/datasets/set", "/b/datasets/set"] };

const home = { HOME: "/me", LOCALAPPDATA: "/local", XDG_DATA_DIRS: "/a/:/b" };

Deno.test("cacheFolder() and packageFolders() follow the platform's conventions", async () => {
  assertEquals(await foldersWith(home), [here.cache, here.packages]);
});

Deno.test("cacheFolder() prefers CONVBENCH_CACHE to XDG_CACHE_HOME to the platform's folder", async () => {
  const xdg = { ...home, XDG_CACHE_HOME: "/cache" };
  assertEquals(await foldersWith(xdg), ["/cache/convbench", here.packages]);
  assertEquals(await foldersWith({ ...xdg, CONVBENCH_CACHE: "/own" }), ["/own", here.packages]);
});

Deno.test("cacheFolder() is undefined where the environment names no home", async () => {
  assertEquals(await foldersWith({ ...home, HOME: "", LOCALAPPDATA: "" }), [null, here.packages]);
});
