/**
 * Paths, from node: the tools need them before they know whether JSR is there.
 *
 * @module
 */
export { fileURLToPath as fromFileUrl } from "node:url";
export { basename, dirname, join } from "node:path";
