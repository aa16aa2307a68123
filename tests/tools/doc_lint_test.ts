import { assertEquals } from "@std/assert";
import { isFromPackage, parseFindings } from "../../tools/doc_lint.ts";

Deno.test("findings of deno doc --lint are read one by one", () => {
  const text = `error[private-type-ref]: public type 'f' references private type 'LayersModel'
  --> /a/b.ts:6:1

error[missing-jsdoc]: exported symbol is missing JSDoc documentation
  --> /a/c.ts:1:1

error: Found 2 documentation lint errors.`;
  assertEquals(parseFindings(text).map(({ privateType, path }) => ({ privateType, path })), [
    { privateType: "LayersModel", path: "/a/b.ts" },
    { privateType: undefined, path: "/a/c.ts" },
  ]);
});

Deno.test("a type counts as a package's where it is imported from one, by name or as a member", () => {
  const source = `import * as tf from "@tensorflow/tfjs-core";
import { type LayersModel, type Shape as S } from "@tensorflow/tfjs-layers";
import type { Mine } from "./mine.ts";
export function f(model: LayersModel, mine: Mine): tf.serialization.ConfigDict {}`;
  for (const name of ["LayersModel", "ConfigDict"]) assertEquals(isFromPackage(name, source), true, name);
  for (const name of ["Mine", "Other"]) assertEquals(isFromPackage(name, source), false, name);
});
