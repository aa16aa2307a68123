/**
 * Every network by name: whose definition it is, a slash, and what it is called
 * there.
 *
 * @module
 */
import { alexNet } from "./alexnet.ts";
import type { Block } from "./block.ts";
import type { InitialScheme } from "./initial_values.ts";
import { batchNormLeNet, leNet } from "./lenet.ts";

/** What a network takes that is built by name. */
export interface NetworkOptions {
  /** Length of the output. */
  readonly classes: number;
  /** Dropout rate, where the network has dropout; its own where it is left out. */
  readonly dropout?: number | undefined;
}

/** An entry of the catalog. */
export interface CatalogEntry {
  /** [height, width, channels] of one image. */
  readonly inputShape: readonly [number, number, number];
  readonly classes: number;
  /** How its source starts the weights. */
  readonly initializer: InitialScheme;
  readonly block: (options: NetworkOptions) => Block;
}

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
