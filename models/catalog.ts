/**
 * Every network by name: whose definition it is, a slash, and what it is called
 * there.
 *
 * @module
 */
import { alexNet } from "./alexnet.ts";
import type { CatalogEntry } from "./catalog_entry.ts";
import { batchNormLeNet, leNet } from "./lenet.ts";

const book = (
  inputShape: CatalogEntry["inputShape"],
  block: CatalogEntry["block"],
): CatalogEntry => ({ inputShape, classes: 10, initializer: "xavierUniform", block });

/** A name of the catalog, `d2l/bnlenet`. */
export type ModelName = "d2l/lenet" | "d2l/bnlenet" | "d2l/bnlenet_scratch" | "d2l/alexnet";

/** All networks by name, frozen. */
export const catalog: Readonly<Record<ModelName, CatalogEntry>> = Object.freeze({
  "d2l/lenet": book([28, 28, 1], ({ classes }) => leNet({ classes })),
  "d2l/bnlenet": book([28, 28, 1], ({ classes }) => batchNormLeNet({ classes })),
  "d2l/bnlenet_scratch": book([28, 28, 1], ({ classes }) => batchNormLeNet({ classes, definition: "book" })),
  "d2l/alexnet": book([224, 224, 1], ({ classes, dropout }) => alexNet({ classes, dropout })),
});
