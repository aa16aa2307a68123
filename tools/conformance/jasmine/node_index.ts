/**
 * What tfjs-node's specs may `require`: the modules that the backend is made of, and
 * stand-ins for what is made of the addon.
 *
 * @module
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { ADDON, CORE, NODE, NODE_INDEX, packageFolder } from "./packages.ts";

type Module = Record<string, unknown>;

interface Union extends Module {
  readonly version: Module;
  readonly io: Module;
  backend(): { readonly binding: unknown };
  registerCallbackConstructor(verbosity: number, constructor: unknown): void;
}

/** What tfjs-node's index exports once it has its addon. */
function nodeIndex(require: (path: string) => unknown): Module {
  const tf = require("@tensorflow/tfjs") as Union;
  const { version } = require(`${NODE}/dist/version`) as Module;
  const { ProgbarLogger } = require(`${NODE}/dist/callbacks`) as Module;
  tf.registerCallbackConstructor(1, ProgbarLogger);
  return {
    ...tf,
    ...require(`${NODE}/dist/node`) as Module,
    version: { ...tf.version, "tfjs-node": version },
    io: { ...tf.io, ...require(`${NODE}/dist/io/index`) as Module },
  };
}

/** The `require` of the bundled specs; those that ask for temporary folders get them in `scratch`. */
export function specRequire(scratch: string): (path: string) => unknown {
  const [node, core] = [NODE, CORE].map((name) => createRequire(join(packageFolder(name), "dist", "index.js")));
  if (node === undefined || core === undefined) throw new Error("unreachable");
  let index: Module | undefined;
  const require = (path: string): unknown => {
    if (path === NODE_INDEX) return index ??= nodeIndex(require);
    if (path === ADDON) return (node("@tensorflow/tfjs") as Union).backend().binding;
    // Of this package, which Deno would have to fetch for one spec, it uses one function.
    if (path === "tmp") return { dirSync: () => ({ name: Deno.makeTempDirSync({ dir: scratch }) }) };
    if (path === "node-fetch") return core(path);
    return node(path.startsWith(`${NODE}/`) ? join(packageFolder(NODE), path.slice(NODE.length)) : path);
  };
  return require;
}
