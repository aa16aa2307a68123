/**
 * Inception blocks (Szegedy et al. 2014, figure 2b; d2l 8.4.1): four paths with
 * windows of different sizes, side by side.
 *
 * @module
 */
import { z } from "zod";
import { type Block, named, sequential } from "./block.ts";
import { parseConfig } from "./errors.ts";
import type { Conv2dConfig } from "./layers/conv2d.ts";
import { joinPath } from "./module_tree.ts";
import { batchNorm, concat, conv2d, maxPool2d, relu } from "./nn.ts";

/** Channels of a path of two convolutions: of the 1×1 that reduces, and of what follows. */
export type ReducedPath = readonly [reduction: number, output: number];

/** Channels of the four paths: 1×1; 1×1 and 3×3; 1×1 and 5×5; pool and 1×1. */
export type InceptionChannels = readonly [c1: number, c2: ReducedPath, c3: ReducedPath, c4: number];

/** GoogLeNet's nine blocks: table 1 of the paper. */
export const INCEPTIONS = {
  "3a": [64, [96, 128], [16, 32], 32],
  "3b": [128, [128, 192], [32, 96], 64],
  "4a": [192, [96, 208], [16, 48], 64],
  "4b": [160, [112, 224], [24, 64], 64],
  "4c": [128, [128, 256], [24, 64], 64],
  "4d": [112, [144, 288], [32, 64], 64],
  "4e": [256, [160, 320], [32, 128], 128],
  "5a": [256, [160, 320], [32, 128], 128],
  "5b": [384, [192, 384], [48, 128], 128],
} as const satisfies Record<string, InceptionChannels>;

const size = z.int().positive();
const channels = z.strictObject({ c1: size, c2: z.tuple([size, size]), c3: z.tuple([size, size]), c4: size });

/** Paths that all start from the same map, their results next to each other along the channels. */
function sideBySide(first: Block, ...others: Block[]): Block {
  return (x, path) => concat(joinPath(path, "concat"), first(x, path), ...others.map((other) => other(x, path)));
}

/**
 * The book's Inception block. The 1×1 convolutions before the 3×3 and the 5×5
 * reduce the channels, which is what makes the wide windows affordable.
 * `[N, H, W, C]` → `[N, H, W, c1 + c2[1] + c3[1] + c4]`.
 *
 * @param c1 Channels of path 1: 1×1.
 * @param c2 Channels of path 2: 1×1, then 3×3.
 * @param c3 Channels of path 3: 1×1, then 5×5.
 * @param c4 Channels of path 4: 3×3 maximum pool, then 1×1.
 * @throws {RangeError} Where a number is not a positive integer.
 *
 * @example GoogLeNet's first
 * ```ts
 * import { describe, inception } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * const { outputShape, params } = describe(inception(64, [96, 128], [16, 32], 32), { inputShape: [28, 28, 192] });
 * assertEquals({ outputShape, params }, { outputShape: [null, 28, 28, 256], params: 163_696 });
 * ```
 */
export function inception(c1: number, c2: ReducedPath, c3: ReducedPath, c4: number): Block {
  parseConfig(channels, { c1, c2, c3, c4 }, "inception()");
  return sideBySide(
    named({ b1_1: conv2d(c1, 1), relu1_1: relu() }),
    named({ b2_1: conv2d(c2[0], 1), relu2_1: relu(), b2_2: conv2d(c2[1], 3, { padding: 1 }), relu2_2: relu() }),
    named({ b3_1: conv2d(c3[0], 1), relu3_1: relu(), b3_2: conv2d(c3[1], 5, { padding: 2 }), relu3_2: relu() }),
    named({ b4_1: maxPool2d(3, { stride: 1, padding: 1 }), b4_2: conv2d(c4, 1), relu4_2: relu() }),
  );
}

/** torchvision's `BasicConv2d`: a convolution without bias, BatchNorm, ReLU. */
export function basicConv2d(
  filters: number,
  kernelSize: number,
  options: Pick<Conv2dConfig, "stride" | "padding"> = {},
): Block {
  return named({
    conv: conv2d(filters, kernelSize, { ...options, bias: false }),
    bn: batchNorm({ eps: 1e-3 }),
    relu: relu(),
  });
}

/**
 * torchvision's Inception block. Its third path has 3×3 where the paper has 5×5:
 * the weights were trained so (pytorch/vision issue 906).
 */
export function torchvisionInception(c1: number, c2: ReducedPath, c3: ReducedPath, c4: number): Block {
  const reduced = ([reduction, output]: ReducedPath) =>
    sequential(basicConv2d(reduction, 1), basicConv2d(output, 3, { padding: 1 }));
  return sideBySide(
    named({ branch1: basicConv2d(c1, 1) }),
    named({ branch2: reduced(c2) }),
    named({ branch3: reduced(c3) }),
    named({ branch4: sequential(maxPool2d(3, { stride: 1, padding: 1, ceilMode: true }), basicConv2d(c4, 1)) }),
  );
}
