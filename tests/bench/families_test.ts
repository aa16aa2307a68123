import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { FAMILIES, SMALL_MODELS } from "../../bench/families.ts";
import { listModels } from "../../models/registry.ts";
import { ROOT } from "../../tools/jsr.ts";

Deno.test("each network of the catalog is in exactly one family", () => {
  const members = Object.values(FAMILIES).flatMap(({ members }) => members);
  assertEquals(members.toSorted(), listModels().toSorted());
});

Deno.test("each family has a small network of its own, and a benchmark that measures it", async () => {
  for (const [family, { members, small }] of Object.entries(FAMILIES)) {
    assert(small.length > 0);
    assert(small.every((name) => members.includes(name)), family);
    const file = await Deno.readTextFile(join(ROOT, "bench", `${family}_bench.ts`));
    assertEquals(file.match(/benchFamily\("(\w+)"\)/)?.[1], family);
  }
  assertEquals(new Set(SMALL_MODELS).size, SMALL_MODELS.length);
});
