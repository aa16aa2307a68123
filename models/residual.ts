/**
 * The residual block (He et al. 2015; d2l 8.6): what a branch computes is added to
 * what came in, so that the identity is the branch that gives zeros.
 *
 * @module
 */
import { z } from "zod";
import { type Block, identity, named, sequential } from "./block.ts";
import { parseConfig } from "./errors.ts";
import { joinPath } from "./module_tree.ts";
import { add, batchNorm, conv2d, relu } from "./nn.ts";

/** Options of {@linkcode residual}. */
export interface ResidualOptions {
  /** What x goes through beside the branch, where the branch changes its shape. @default {identity} */
  readonly shortcut?: Block;
  /** The name of the ReLU behind the sum. @default {"relu"} */
  readonly activation?: string;
}

/**
 * `relu(branch(x) + shortcut(x))`. Branch and shortcut are placed at the block's own
 * path, so that they name their layers as one PyTorch module does.
 *
 * @throws {RangeError} Where branch and shortcut give different shapes.
 *
 * @example
 * ```ts
 * import { describe, named, nn, residual } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * const block = residual(named({ conv: nn.conv2d(8, 3, { padding: 1 }), bn: nn.batchNorm() }));
 * const { layers } = describe(block, { inputShape: [6, 6, 8] });
 * assertEquals(layers.map(({ name }) => name), ["conv", "bn", "add", "relu"]);
 * ```
 */
export function residual(branch: Block, { shortcut = identity, activation = "relu" }: ResidualOptions = {}): Block {
  return (x, path) => {
    const sum = add(joinPath(path, "add"), branch(x, path), shortcut(x, path));
    return relu()(sum, joinPath(path, activation));
  };
}

/** `projection` where the shape of x has to change to be added, x itself elsewhere. */
export function whereShapeChanges(channels: number, stride: number, projection: Block): Block {
  return (x, path) => (stride === 1 && x.shape[3] === channels ? identity : projection)(x, path);
}

const size = z.int().positive();

/** Options of {@linkcode residualBlock}. */
export interface ResidualBlockConfig {
  /** Channels of the output. */
  channels: number;
  /** Stride of the first convolution and of the shortcut. @default {1} */
  stride?: number | undefined;
  /** Whether the shortcut is a 1×1 convolution; where it has to be one if left out. */
  projection?: boolean | undefined;
  /** What the last gamma of the branch starts as. @default {1} */
  initialGamma?: number | undefined;
}

/** The schema of {@linkcode ResidualBlockConfig}. */
export const residualBlockConfig: z.ZodType<
  { channels: number; stride: number; projection?: boolean | undefined; initialGamma: number },
  ResidualBlockConfig
> = z.strictObject({
  channels: size,
  stride: size.default(1),
  projection: z.boolean().optional(),
  initialGamma: z.number().default(1),
});

/**
 * The book's `Residual` (figure 8.6.3): `[N, H, W, C]` → `[N, ⌈H/stride⌉, ⌈W/stride⌉, channels]`.
 *
 * @throws {RangeError} Where an option is out of range, or the shape changes without a projection.
 * @throws {TypeError} Where an option is of the wrong type or unknown.
 *
 * @example
 * ```ts
 * import { describe, residualBlock } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * const block = residualBlock({ channels: 6, stride: 2 });
 * assertEquals(describe(block, { inputShape: [6, 6, 3] }).outputShape, [null, 3, 3, 6]);
 * ```
 */
export function residualBlock(config: ResidualBlockConfig): Block {
  const { channels, stride, projection, initialGamma } = parseConfig(residualBlockConfig, config, "residualBlock()");
  const branch = named({
    conv1: conv2d(channels, 3, { stride, padding: 1 }),
    bn1: batchNorm(),
    relu1: relu(),
    conv2: conv2d(channels, 3, { padding: 1 }),
    bn2: batchNorm({ initialGamma }),
  });
  const conv3 = named({ conv3: conv2d(channels, 1, { stride }) });
  if (projection === undefined) return residual(branch, { shortcut: whereShapeChanges(channels, stride, conv3) });
  return residual(branch, projection ? { shortcut: conv3 } : {});
}

/** A convolution that leaves its bias to the BatchNorm behind it; with stride 1 the map keeps its size. */
export function convolution(
  filters: number,
  kernelSize: number,
  { stride = 1, groups = 1 }: { stride?: number; groups?: number } = {},
): Block {
  return conv2d(filters, kernelSize, { stride, padding: (kernelSize - 1) / 2, groups, bias: false });
}

/** torchvision's and timm's shortcut: a strided convolution and a BatchNorm under `downsample`, if the shape changes. */
export function downsample(channels: number, stride: number, kernelSize = 1): Block {
  const projection = sequential(convolution(channels, kernelSize, { stride }), batchNorm());
  return whereShapeChanges(channels, stride, named({ downsample: projection }));
}

/** One stage: `depth` blocks, of which the first takes the stage's stride. */
export function stage(depth: number, stride: number, block: (stride: number, index: number) => Block): Block {
  return sequential(...Array.from({ length: depth }, (_, index) => block(index === 0 ? stride : 1, index)));
}
