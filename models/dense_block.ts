/**
 * Dense blocks (Huang et al. 2016, figure 1; d2l 8.7.2): every layer sees the maps
 * of all layers before it.
 *
 * @module
 */
import { z } from "zod";
import { type Block, named, sequential } from "./block.ts";
import { parseConfig } from "./errors.ts";
import { joinPath } from "./module_tree.ts";
import { avgPool2d, batchNorm, concat, conv2d, relu } from "./nn.ts";

const size = z.int().positive();

/**
 * A dense block: what comes in and what every layer made of it, side by side. The
 * layers are given by the names below the block; `[N, H, W, C]` → `[N, H, W, C + Σ]`.
 *
 * @example Two layers of ten channels, and the three that came in
 * ```ts
 * import { denselyConnected, describe, nn } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * const convolution = () => nn.conv2d(10, 3, { padding: 1 });
 * const block = denselyConnected({ first: convolution(), second: convolution() });
 * assertEquals(describe(block, { inputShape: [8, 8, 3] }).outputShape, [null, 8, 8, 3 + 10 + 10]);
 * ```
 */
export function denselyConnected(layers: Record<string, Block>): Block {
  return (x, path) =>
    Object.entries(layers).reduce((features, [name, layer], i) => {
      const made = layer(features, joinPath(path, name));
      return concat(joinPath(path, `concat${i + 1}`), features, made);
    }, x);
}

/** `count` times the same layer, by name. */
export function repeated(count: number, name: (i: number) => string, layer: () => Block): Record<string, Block> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [name(i), layer()]));
}

/**
 * The book's `DenseBlock`: `layers` times BatchNorm, ReLU and a 3×3 convolution,
 * each of everything before it. `[N, H, W, C]` → `[N, H, W, C + layers · growthRate]`.
 *
 * @throws {RangeError} Where a number is not a positive integer.
 *
 * @example
 * ```ts
 * import { denseBlock, describe } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(describe(denseBlock(2, 10), { inputShape: [8, 8, 3] }).outputShape, [null, 8, 8, 23]);
 * ```
 */
export function denseBlock(layers: number, growthRate: number): Block {
  parseConfig(z.strictObject({ layers: size, growthRate: size }), { layers, growthRate }, "denseBlock()");
  const layer = () => sequential(batchNorm(), relu(), conv2d(growthRate, 3, { padding: 1 }));
  return named({ net: denselyConnected(repeated(layers, String, layer)) });
}

/**
 * The book's `transition_block`: fewer channels by a 1×1 convolution, half the height
 * and width by a pool. `[N, H, W, C]` → `[N, H/2, W/2, channels]`.
 *
 * @throws {RangeError} Where the layers are made, if the number is not a positive integer.
 *
 * @example
 * ```ts
 * import { describe, transitionBlock } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(describe(transitionBlock(10), { inputShape: [8, 8, 23] }).outputShape, [null, 4, 4, 10]);
 * ```
 */
export function transitionBlock(channels: number): Block {
  return sequential(batchNorm(), relu(), conv2d(channels, 1), avgPool2d(2));
}
