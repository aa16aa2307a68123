import { assertEquals, assertThrows } from "@std/assert";
import { offlineImportMap } from "../../tools/offline/import_map.ts";

async function readJson(path: string) {
  return JSON.parse(await Deno.readTextFile(new URL(`../../${path}`, import.meta.url)));
}

Deno.test("tools/offline/import_map.json says what deno.json says", async () => {
  assertEquals(
    await readJson("tools/offline/import_map.json"),
    offlineImportMap(await readJson("deno.json")),
    "run `deno task offline:map`",
  );
});

Deno.test("offlineImportMap() maps packages with their parts, files, exports and stand-ins", () => {
  const { imports } = offlineImportMap({
    name: "@a/b",
    exports: { ".": "./mod.ts", "./data": "./data/mod.ts" },
    imports: { "@std/assert": "jsr:@std/assert@1", zod: "npm:zod@^4", "@n/x": "npm:@n/x@1.2.3", "#m": "./m.ts" },
  });
  assertEquals(imports, {
    "#m": "../../m.ts",
    "@a/b": "../../mod.ts",
    "@a/b/data": "../../data/mod.ts",
    "@n/x": "npm:@n/x@1.2.3",
    "@n/x/": "npm:/@n/x@1.2.3/",
    "@std/assert": "./assert.ts",
    "@std/cli": "./cli.ts",
    "@std/cli/parse-args": "./cli.ts",
    zod: "npm:zod@^4",
    "zod/": "npm:/zod@^4/",
  });
});

Deno.test("offlineImportMap() throws on a JSR package without a stand-in", () => {
  assertThrows(
    () => offlineImportMap({ name: "@a/b", exports: {}, imports: { "@std/path": "jsr:@std/path@1" } }),
    TypeError,
    "Expected a stand-in in tools/offline for @std/path but found none",
  );
});
