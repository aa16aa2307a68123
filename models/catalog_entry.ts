/**
 * What the catalog says of a network.
 *
 * @module
 */
import type { Block } from "./block.ts";
import type { InitialScheme } from "./initial_values.ts";

/** What a network takes that is built by name. */
export interface NetworkOptions {
  /** Length of the output. */
  readonly classes: number;
  /** Dropout rate, where the network has dropout; its own where it is left out. */
  readonly dropout?: number | undefined;
  /** Rate of stochastic depth in the last block, where the network has it; its own where it is left out. */
  readonly stochasticDepth?: number | undefined;
}

/** An entry of the catalog. */
export interface CatalogEntry {
  /** [height, width, channels] of one image. */
  readonly inputShape: readonly [number, number, number];
  /** Length of the output. */
  readonly classes: number;
  /** How its source starts the weights. */
  readonly initializer: InitialScheme;
  /** The network, as a block. */
  readonly block: (options: NetworkOptions) => Block;
}
