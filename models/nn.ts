/**
 * Layers as blocks: the vocabulary that architectures are written in, with the
 * names and the defaults of `torch.nn`.
 *
 * @module
 */
import { type Block, layer, type Node } from "./block.ts";
import { AdaptiveAvgPool2d } from "./layers/adaptive_avg_pool2d.ts";
import { Add } from "./layers/add.ts";
import { AvgPool2d, type AvgPool2dConfig } from "./layers/avg_pool2d.ts";
import { BatchNorm, type BatchNormConfig } from "./layers/batch_norm.ts";
import { Concat } from "./layers/concat.ts";
import { Conv2d, type Conv2dConfig } from "./layers/conv2d.ts";
import { Dropout } from "./layers/dropout.ts";
import { Flatten } from "./layers/flatten.ts";
import { Linear } from "./layers/linear.ts";
import { LocalResponseNorm, type LocalResponseNormConfig } from "./layers/local_response_norm.ts";
import { MaxPool2d } from "./layers/max_pool2d.ts";
import { Multiply } from "./layers/multiply.ts";
import type { Pair } from "./layers/options.ts";
import type { PoolingConfig } from "./layers/pooling.ts";
import { Relu } from "./layers/relu.ts";
import { Sigmoid } from "./layers/sigmoid.ts";
import { Silu } from "./layers/silu.ts";
import { StochasticDepth } from "./layers/stochastic_depth.ts";

/** A {@linkcode Conv2d}: `[N, H, W, C]` → `[N, H', W', filters]`. */
export function conv2d(
  filters: number,
  kernelSize: Pair,
  options: Omit<Conv2dConfig, "name" | "filters" | "kernelSize"> = {},
): Block {
  return layer((name) => new Conv2d({ ...options, name, filters, kernelSize }));
}

/** A {@linkcode Linear}: `[N, features]` → `[N, units]`; features that were flattened keep PyTorch's order in state dicts. */
export function linear(units: number, options: { bias?: boolean } = {}): Block {
  return layer((name, { flattenedFrom }) => new Linear({ ...options, name, units, flattenedFrom }));
}

/** A {@linkcode BatchNorm} over `[N, C]` or `[N, H, W, C]`. */
export function batchNorm(options: Omit<BatchNormConfig, "name"> = {}): Block {
  return layer((name) => new BatchNorm({ ...options, name }));
}

/** A {@linkcode MaxPool2d}; the stride is the window where it is left out. */
export function maxPool2d(kernelSize: Pair, options: Omit<PoolingConfig, "name" | "kernelSize"> = {}): Block {
  return layer((name) => new MaxPool2d({ ...options, name, kernelSize }));
}

/** An {@linkcode AvgPool2d}; the stride is the window where it is left out. */
export function avgPool2d(kernelSize: Pair, options: Omit<AvgPool2dConfig, "name" | "kernelSize"> = {}): Block {
  return layer((name) => new AvgPool2d({ ...options, name, kernelSize }));
}

/** An {@linkcode AdaptiveAvgPool2d}: global average pooling where no size is given. */
export function adaptiveAvgPool2d(outputSize: Pair = 1): Block {
  return layer((name) => new AdaptiveAvgPool2d({ name, outputSize }));
}

/** A {@linkcode LocalResponseNorm}. */
export function localResponseNorm(options: Omit<LocalResponseNormConfig, "name">): Block {
  return layer((name) => new LocalResponseNorm({ ...options, name }));
}

/** A {@linkcode Dropout}. */
export function dropout(rate = 0.5): Block {
  return layer((name) => new Dropout({ name, rate }));
}

/** A {@linkcode Flatten}: `[N, H, W, C]` → `[N, features]`. */
export function flatten(): Block {
  return layer((name) => new Flatten({ name }));
}

/** A {@linkcode Relu}. */
export function relu(): Block {
  return layer((name) => new Relu({ name }));
}

/** A {@linkcode Sigmoid}. */
export function sigmoid(): Block {
  return layer((name) => new Sigmoid({ name }));
}

/** A {@linkcode Silu}. */
export function silu(): Block {
  return layer((name) => new Silu({ name }));
}

/** A {@linkcode StochasticDepth}, at the end of a residual branch. */
export function stochasticDepth(rate: number): Block {
  return layer((name) => new StochasticDepth({ name, rate }));
}

/** The sum of two or more nodes of one shape. */
export function add(path: string, first: Node, ...others: Node[]): Node {
  return first.apply(new Add({ name: path }), ...others);
}

/** Two or more nodes side by side along the channels. */
export function concat(path: string, first: Node, ...others: Node[]): Node {
  return first.apply(new Concat({ name: path }), ...others);
}

/** A map scaled channel by channel: `[N, H, W, C]` and `[N, 1, 1, C]`. */
export function multiply(path: string, x: Node, scale: Node): Node {
  return x.apply(new Multiply({ name: path }), scale);
}
