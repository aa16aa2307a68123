/**
 * NiN (Lin et al. 2013; d2l 8.3): a small network of 1×1 convolutions behind each
 * convolution, and the mean of one map per class where AlexNet and VGG have their
 * linear layers.
 *
 * @module
 */
import { z } from "zod";
import { type Block, named, sequential } from "./block.ts";
import type { CatalogEntry } from "./catalog_entry.ts";
import { parseConfig } from "./errors.ts";
import type { Conv2dConfig } from "./layers/conv2d.ts";
import { adaptiveAvgPool2d, conv2d, dropout, flatten, maxPool2d, relu } from "./nn.ts";

/** Channels of NiN's three blocks before the last, which has as many as there are classes. */
export type NinChannels = [number, number, number];

/** Options of {@linkcode nin}. */
export interface NinConfig {
  /** Length of the output. @default {10} */
  classes?: number | undefined;
  /** Channels of the first three blocks. @default {[96, 256, 384]} */
  channels?: NinChannels | undefined;
  /** Dropout rate before the last block. @default {0.5} */
  dropout?: number | undefined;
}

const size = z.int().positive();

/** The schema of {@linkcode NinConfig}. */
export const ninConfig: z.ZodType<{ classes: number; channels: NinChannels; dropout: number }, NinConfig> = z
  .strictObject({
    classes: size.default(10),
    channels: z.tuple([size, size, size]).default([96, 256, 384]),
    dropout: z.number().min(0).lt(1).default(0.5),
  });

/**
 * The book's `nin_block`: a convolution, then two of 1×1, which are linear layers
 * that every pixel shares, each with its ReLU. `[N, H, W, C]` → `[N, H', W', channels]`.
 *
 * @throws {RangeError} Where the layers are made, if a number does not fit.
 *
 * @example
 * ```ts
 * import { describe, ninBlock } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * const { layers } = describe(ninBlock(96, 11, { stride: 4 }), { inputShape: [224, 224, 1] });
 * assertEquals(layers.map(({ params }) => params), [96 * (121 + 1), 0, 96 * (96 + 1), 0, 96 * (96 + 1), 0]);
 * ```
 */
export function ninBlock(
  channels: number,
  kernelSize: number,
  options: Pick<Conv2dConfig, "stride" | "padding"> = {},
): Block {
  return sequential(
    conv2d(channels, kernelSize, options),
    relu(),
    conv2d(channels, 1),
    relu(),
    conv2d(channels, 1),
    relu(),
  );
}

/**
 * The book's NiN: AlexNet's windows, no linear layer. `[N, 224, 224, 1]` → logits
 * `[N, classes]`.
 *
 * @throws {RangeError} Where an option is out of range.
 * @throws {TypeError} Where an option is of the wrong type or unknown.
 *
 * @example
 * ```ts
 * import { describe, nin } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(describe(nin({ classes: 10 }), { inputShape: [224, 224, 1] }).params, 1_992_166);
 * ```
 */
export function nin(config: NinConfig = {}): Block {
  const { classes, channels: [c1, c2, c3], dropout: rate } = parseConfig(ninConfig, config, "nin()");
  const pool = () => maxPool2d(3, { stride: 2 });
  return named({
    net: sequential(
      ninBlock(c1, 11, { stride: 4 }),
      pool(),
      ninBlock(c2, 5, { padding: 2 }),
      pool(),
      ninBlock(c3, 3, { padding: 1 }),
      pool(),
      dropout(rate),
      ninBlock(classes, 3, { padding: 1 }),
      adaptiveAvgPool2d(),
      flatten(),
    ),
  });
}

/** The catalog's names of this family. */
export type NinName = "d2l/nin";

/** The catalog's entries of this family. */
export const ninEntries: Readonly<Record<NinName, CatalogEntry>> = {
  "d2l/nin": {
    inputShape: [224, 224, 1],
    classes: 10,
    initializer: "xavierUniform",
    block: ({ classes, dropout }) => nin({ classes, dropout }),
  },
};
