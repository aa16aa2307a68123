/**
 * What maximum and average pooling share: PyTorch's windows.
 *
 * @module
 */
import type { Shape } from "@tensorflow/tfjs-layers";
import { z } from "zod";
import type { ExplicitPadding } from "../ops/grouped_conv2d.ts";
import { imageSize, type LayerConfig, parseLayerConfig } from "./layer.ts";
import { outputSize, type Pair, pair, positivePair } from "./options.ts";

/** Options of pooling; the defaults are those of `torch.nn.MaxPool2d`. */
export interface PoolingConfig extends LayerConfig {
  /** Height and width of the window. */
  kernelSize: Pair;
  /** Steps of the window. @default {kernelSize} */
  stride?: Pair;
  /** Added on both ends of each axis; at most half the window. @default {0} */
  padding?: Pair;
  /** Whether a last window that only partly fits counts. @default {false} */
  ceilMode?: boolean;
}

/** Options of pooling, completed; pairs are [height, width]. */
export interface PoolingOptions {
  /** The window. */
  readonly kernelSize: [number, number];
  /** Steps of the window. */
  readonly stride: [number, number];
  /** Added on both ends of each axis. */
  readonly padding: [number, number];
  /** Whether a last window that only partly fits counts. */
  readonly ceilMode: boolean;
}

const schema: z.ZodType<PoolingOptions> = z.strictObject({
  kernelSize: positivePair,
  stride: positivePair,
  padding: pair.default([0, 0]),
  ceilMode: z.boolean().default(false),
});

/** The options of a pooling layer, completed and checked. */
export function parsePooling(config: PoolingConfig, subject: string): PoolingOptions {
  const name = config.name ?? subject;
  const options = parseLayerConfig(schema, { ...config, stride: config.stride ?? config.kernelSize }, name);
  for (const axis of [0, 1] as const) {
    if (options.padding[axis] > options.kernelSize[axis] / 2) {
      throw new RangeError(
        `Expected padding of ${name} to be at most half of kernelSize ${options.kernelSize[axis]} but found ${
          options.padding[axis]
        }`,
      );
    }
  }
  return options;
}

/** The output shape of pooling an NHWC shape. */
export function poolingShape(inputShape: Shape, options: PoolingOptions, subject: string): Shape {
  const [height, width, channels] = imageSize(inputShape, subject);
  const along = (axis: 0 | 1, size: number) =>
    outputSize(size, {
      kernelSize: options.kernelSize[axis],
      stride: options.stride[axis],
      padding: options.padding[axis],
      ceilMode: options.ceilMode,
    }, subject);
  return [inputShape[0] ?? null, along(0, height), along(1, width), channels];
}

/** The padding that makes a floor of every window: `ceilMode` adds what hangs over the end. */
export function poolingWindows(
  inputShape: Shape,
  options: PoolingOptions,
  subject: string,
): { pad: ExplicitPadding; padded: boolean; outputShape: Shape } {
  const outputShape = poolingShape(inputShape, options, subject);
  const [height, width] = imageSize(inputShape, subject);
  const after = (axis: 0 | 1, size: number) => {
    const covered = ((outputShape[axis + 1] ?? 1) - 1) * options.stride[axis] + options.kernelSize[axis];
    return Math.max(options.padding[axis], covered - size - options.padding[axis]);
  };
  const pad: ExplicitPadding = [
    [0, 0],
    [options.padding[0], after(0, height)],
    [options.padding[1], after(1, width)],
    [0, 0],
  ];
  return { pad, padded: pad.flat().some((zeros) => zeros > 0), outputShape };
}
