/**
 * What an EfficientNet is made from.
 *
 * @module
 */
import { z } from "zod";
import { EFFICIENTNET_B0_STAGES } from "./efficientnet_variants.ts";

/** One stage: blocks of one width, of which the first has the stride. */
export interface EfficientNetStage {
  /** `mbConv`: 1×1, depthwise, SE, 1×1. `fused`: EfficientNetV2's, a whole convolution in place of the first two. */
  block: "mbConv" | "fused";
  /** A block's inner channels as a multiple of those it gets. */
  expansion: number;
  /** Size of the depthwise, or of the whole, convolution; odd. */
  kernel: number;
  /** Stride of the first block: 1 or 2. */
  stride: number;
  /** Channels of each block, before the multiplier. */
  channels: number;
  /** Blocks, before the multiplier. */
  depth: number;
}

/** Options of `efficientNet()`; B0 where all are left out. */
export interface EfficientNetConfig {
  /** Length of the output. @default {1000} */
  classes?: number | undefined;
  /** What all channels are multiplied by, to the nearest multiple of 8. @default {1} */
  width?: number | undefined;
  /** What all depths are multiplied by, rounded up. @default {1} */
  depth?: number | undefined;
  /** Channels of the stem, before the multiplier. @default {32} */
  stem?: number | undefined;
  /** The stages; those of B0 where they are left out. */
  stages?: readonly EfficientNetStage[] | undefined;
  /** Channels of the last convolution; four times those of the last stage where it is left out. */
  lastChannels?: number | undefined;
  /** Dropout rate before the last layer. @default {0.2} */
  dropout?: number | undefined;
  /** Rate that stochastic depth grows towards linearly from 0 in the first block. @default {0.2} */
  stochasticDepth?: number | undefined;
  /** Of every BatchNorm: added to the variance. @default {1e-5} */
  eps?: number | undefined;
  /** Of every BatchNorm: the share of the batch's statistics in the moving ones. @default {0.1} */
  momentum?: number | undefined;
}

/** {@linkcode EfficientNetConfig}, completed. */
export interface EfficientNetOptions {
  /** Length of the output. */
  classes: number;
  /** What all channels are multiplied by. */
  width: number;
  /** What all depths are multiplied by. */
  depth: number;
  /** Channels of the stem, before the multiplier. */
  stem: number;
  /** The stages. */
  stages: readonly EfficientNetStage[];
  /** Channels of the last convolution. */
  lastChannels?: number | undefined;
  /** Dropout rate before the last layer. */
  dropout: number;
  /** Rate that stochastic depth grows towards. */
  stochasticDepth: number;
  /** Of every BatchNorm: added to the variance. */
  eps: number;
  /** Of every BatchNorm: the share of the batch's statistics in the moving ones. */
  momentum: number;
}

const size = z.int().positive();
const rate = z.number().min(0).lt(1);

/** The schema of {@linkcode EfficientNetConfig}. */
export const efficientNetConfig: z.ZodType<EfficientNetOptions, EfficientNetConfig> = z.strictObject({
  classes: size.default(1000),
  width: z.number().positive().default(1),
  depth: z.number().positive().default(1),
  stem: size.default(32),
  stages: z.array(z.strictObject({
    block: z.enum(["mbConv", "fused"]),
    expansion: z.number().positive(),
    kernel: size.refine((kernel) => kernel % 2 === 1, "an odd number"),
    stride: size.max(2),
    channels: size,
    depth: size,
  })).min(1).readonly().default(EFFICIENTNET_B0_STAGES),
  lastChannels: size.optional(),
  dropout: rate.default(0.2),
  stochasticDepth: rate.default(0.2),
  eps: z.number().positive().default(1e-5),
  momentum: z.number().min(0).max(1).default(0.1),
});
