/**
 * Where Deno keeps the npm packages that the suites are taken from, and how a bundle
 * gets at the very modules that the backend runs on.
 *
 * @module
 */
// Deno finds only packages that its module graph knows: these imports put them there.
import core from "@tensorflow/tfjs-core/package.json" with { type: "json" };
import node from "@tensorflow/tfjs-node-gpu/package.json" with { type: "json" };
import { createRequire } from "node:module";
import { dirname } from "node:path";

const resolver = createRequire(import.meta.url);

/** The folder of an npm package that deno.json imports, in Deno's cache. */
export function packageFolder(name: string): string {
  return dirname(resolver.resolve(`${name}/package.json`));
}

/** tfjs-core: most of the specs, and the helpers that define them. */
export const CORE: string = core.name;
/** tfjs-node-gpu, whose JavaScript is tfjs-node's own. */
export const NODE: string = node.name;
/** What specs see in place of tfjs-node's index, which wants its own addon. */
export const NODE_INDEX: string = `${NODE}/dist/index`;
/** What specs ask for tfjs-node's addon by. */
export const ADDON = "tfjs-node's addon";
