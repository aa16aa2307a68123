/**
 * LeNet (LeCun et al. 1998; d2l 7.6) and LeNet with batch normalisation
 * (d2l 8.5): the small nets on which the book shows what BatchNorm does.
 *
 * @module
 */
import { z } from "zod";
import { type Block, named, sequential } from "./block.ts";
import { parseConfig } from "./errors.ts";
import { avgPool2d, batchNorm, conv2d, flatten, linear, sigmoid } from "./nn.ts";

/** Options of {@linkcode leNet}. */
export interface LeNetConfig {
  /** Length of the output. @default {10} */
  classes?: number | undefined;
}

/** The schema of {@linkcode LeNetConfig}. */
export const leNetConfig: z.ZodType<{ classes: number }, LeNetConfig> = z.strictObject({
  classes: z.int().positive().default(10),
});

/** Options of {@linkcode batchNormLeNet}. */
export interface BatchNormLeNetConfig extends LeNetConfig {
  /** `book`: BNLeNetScratch, with the book's own layer; `torch`: BNLeNet, the concise one. @default {"torch"} */
  definition?: "torch" | "book" | undefined;
}

/** The schema of {@linkcode BatchNormLeNetConfig}. */
export const batchNormLeNetConfig: z.ZodType<{ classes: number; definition: "torch" | "book" }, BatchNormLeNetConfig> =
  z
    .strictObject({
      classes: z.int().positive().default(10),
      definition: z.enum(["torch", "book"]).default("torch"),
    });

/**
 * LeNet-5 as the book has it: sigmoids, average pooling, padding in the first
 * convolution. `[N, 28, 28, 1]` → logits `[N, classes]`.
 *
 * @example
 * ```ts
 * import { describe, leNet } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(describe(leNet({ classes: 10 }), { inputShape: [28, 28, 1] }).params, 61_706);
 * ```
 */
export function leNet(config: LeNetConfig = {}): Block {
  const { classes } = parseConfig(leNetConfig, config, "leNet()");
  return named({
    net: sequential(
      conv2d(6, 5, { padding: 2 }),
      sigmoid(),
      avgPool2d(2),
      conv2d(16, 5),
      sigmoid(),
      avgPool2d(2),
      flatten(),
      linear(120),
      sigmoid(),
      linear(84),
      sigmoid(),
      linear(classes),
    ),
  });
}

/**
 * LeNet with BatchNorm between each linear map and its activation, the order of
 * the original paper. `[N, 28, 28, 1]` → logits `[N, classes]`.
 *
 * @example
 * ```ts
 * import { batchNormLeNet, describe } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * const { params, buffers } = describe(batchNormLeNet({}), { inputShape: [28, 28, 1] });
 * assertEquals({ params, buffers }, { params: 44_878, buffers: 452 });
 * ```
 */
export function batchNormLeNet(config: BatchNormLeNetConfig = {}): Block {
  const { classes, definition } = parseConfig(batchNormLeNetConfig, config, "batchNormLeNet()");
  const norm = () => batchNorm({ definition });
  return named({
    net: sequential(
      conv2d(6, 5),
      norm(),
      sigmoid(),
      avgPool2d(2),
      conv2d(16, 5),
      norm(),
      sigmoid(),
      avgPool2d(2),
      flatten(),
      linear(120),
      norm(),
      sigmoid(),
      linear(84),
      norm(),
      sigmoid(),
      linear(classes),
    ),
  });
}
