/**
 * AlexNet (Krizhevsky et al. 2012; d2l 8.1): learned features instead of designed
 * ones, ReLU, dropout.
 *
 * @module
 */
import { z } from "zod";
import { type Block, named, sequential } from "./block.ts";
import { parseConfig } from "./errors.ts";
import { conv2d, dropout, flatten, linear, maxPool2d, relu } from "./nn.ts";

/** Channels of AlexNet's five convolutions. */
export type AlexNetChannels = [number, number, number, number, number];

/** Options of {@linkcode alexNet}. */
export interface AlexNetConfig {
  /** Length of the output. @default {10} */
  classes?: number | undefined;
  /** Channels of the five convolutions. @default {[96, 256, 384, 384, 256]} */
  channels?: AlexNetChannels | undefined;
  /** Width of the two hidden linear layers. @default {4096} */
  features?: number | undefined;
  /** Dropout rate behind each of them. @default {0.5} */
  dropout?: number | undefined;
}

const size = z.int().positive();

/** The schema of {@linkcode AlexNetConfig}. */
export const alexNetConfig: z.ZodType<
  { classes: number; channels: AlexNetChannels; features: number; dropout: number },
  AlexNetConfig
> = z.strictObject({
  classes: size.default(10),
  channels: z.tuple([size, size, size, size, size]).default([96, 256, 384, 384, 256]),
  features: size.default(4096),
  dropout: z.number().min(0).lt(1).default(0.5),
});

/**
 * The book's AlexNet, in one stream, without local response normalisation.
 * `[N, 224, 224, 1]` → logits `[N, classes]`.
 *
 * @example
 * ```ts
 * import { alexNet, describe } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(describe(alexNet({ classes: 10 }), { inputShape: [224, 224, 1] }).params, 46_764_746);
 * ```
 */
export function alexNet(config: AlexNetConfig = {}): Block {
  const { classes, channels: [c1, c2, c3, c4, c5], features, dropout: rate } = parseConfig(
    alexNetConfig,
    config,
    "alexNet()",
  );
  const pool = () => maxPool2d(3, { stride: 2 });
  return named({
    net: sequential(
      conv2d(c1, 11, { stride: 4, padding: 1 }),
      relu(),
      pool(),
      conv2d(c2, 5, { padding: 2 }),
      relu(),
      pool(),
      conv2d(c3, 3, { padding: 1 }),
      relu(),
      conv2d(c4, 3, { padding: 1 }),
      relu(),
      conv2d(c5, 3, { padding: 1 }),
      relu(),
      pool(),
      flatten(),
      linear(features),
      relu(),
      dropout(rate),
      linear(features),
      relu(),
      dropout(rate),
      linear(classes),
    ),
  });
}
