/**
 * How models are written: a block is a function from a node and its path to a
 * node. Paths are PyTorch's module paths, so state dicts need no name table.
 *
 * The same blocks run in two worlds: building (nodes are symbolic tensors, a
 * `tf.LayersModel` comes out) and describing (nodes are shapes, nothing is allocated).
 *
 * @module
 */
import type { Shape } from "@tensorflow/tfjs-layers";
import { Flatten } from "./layers/flatten.ts";
import type { DeclaredLayer } from "./layers/layer.ts";

/** What flows between layers: a symbolic tensor while building, its shape while describing. */
export interface Node {
  /** NHWC, the batch as null. */
  readonly shape: Shape;
  /** [height, width, channels] of the map that these features were flattened from, if they were. */
  readonly flattenedFrom?: readonly [number, number, number] | undefined;
  /** Applies `layer` to this node (and to `others`, for layers that merge). */
  apply(layer: DeclaredLayer, ...others: Node[]): Node;
}

/** A piece of a network, placed at `path` ("layer1.0"). */
export type Block = (x: Node, path: string) => Node;

/** A block of one layer; `make` gets the path as the layer's name, and the node it is for. */
export function layer(make: (name: string, x: Node) => DeclaredLayer): Block {
  return (x, path) => x.apply(make(path, x));
}

const join = (path: string, name: string): string => path === "" ? name : `${path}.${name}`;

/**
 * Runs blocks one after another; children are named 0, 1, 2, …, as in `torch.nn.Sequential`.
 *
 * @example
 * ```ts
 * import { describe, nn, sequential } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * const head = sequential(nn.flatten(), nn.linear(10));
 * const { layers } = describe(head, { inputShape: [5, 5, 16] });
 * assertEquals(layers.map(({ name }) => name), ["0", "1"]);
 * ```
 */
export function sequential(...blocks: Block[]): Block {
  return (x, path) => blocks.reduce((node, block, i) => block(node, join(path, `${i}`)), x);
}

/**
 * Runs blocks one after another under names of their own, in the order written.
 *
 * @example
 * ```ts
 * import { describe, named, nn } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * const stem = named({ conv1: nn.conv2d(64, 7, { stride: 2, padding: 3 }), relu: nn.relu() });
 * const { layers } = describe(stem, { inputShape: [224, 224, 3] });
 * assertEquals(layers.map(({ name }) => name), ["conv1", "relu"]);
 * ```
 */
export function named(blocks: Record<string, Block>): Block {
  return (x, path) => Object.entries(blocks).reduce((node, [name, block]) => block(node, join(path, name)), x);
}

/** What `flattenedFrom` is after `layer`: layers that keep the shape keep the order of the features. */
export function flattenedAfter(layer: DeclaredLayer, x: Node, outputShape: Shape): Node["flattenedFrom"] {
  if (layer instanceof Flatten) {
    const [, height, width, channels] = x.shape;
    return height != null && width != null && channels != null ? [height, width, channels] : undefined;
  }
  return String(outputShape) === String(x.shape) ? x.flattenedFrom : undefined;
}
