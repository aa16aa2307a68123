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
import { Linear } from "./layers/linear.ts";
import { joinPath } from "./module_tree.ts";

/** The network that is being made: what a block says of it beside the nodes that it connects. */
export interface Network {
  /** Says in which order PyTorch's definition has the children of `path`. */
  declare(path: string, children: readonly string[]): void;
  /** Makes `node` one more output of the network. */
  output(node: Node): void;
}

/** What flows between layers: a symbolic tensor while building, its shape while describing. */
export interface Node {
  /** The network that the node belongs to. */
  readonly network: Network;
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
  return named(Object.fromEntries(blocks.entries()));
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
  return (x, path) => {
    x.network.declare(path, Object.keys(blocks));
    return Object.entries(blocks).reduce((node, [name, block]) => block(node, joinPath(path, name)), x);
  };
}

/**
 * Runs `block`, whose children PyTorch's definition has in the order of `names`:
 * state dicts and descriptions follow it where the order of running differs.
 *
 * @example The shortcut runs last and is defined first
 * ```ts
 * import { describe, inDefinitionOrder, named, nn } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * const block = inDefinitionOrder(["conv3", "conv1"], named({ conv1: nn.conv2d(8, 3), conv3: nn.conv2d(8, 1) }));
 * assertEquals(describe(block, { inputShape: [9, 9, 3] }).layers.map(({ name }) => name), ["conv3", "conv1"]);
 * ```
 */
export function inDefinitionOrder(names: readonly string[], block: Block): Block {
  return (x, path) => {
    x.network.declare(path, names);
    return block(x, path);
  };
}

/**
 * Runs `head` beside the network: its result is one more output, behind those
 * there are, and what comes in goes on unchanged. GoogLeNet's auxiliary classifiers
 * are written so.
 *
 * @example
 * ```ts
 * import { auxiliary, describe, named, nn, sequential } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * const classifier = (classes: number) => sequential(nn.flatten(), nn.linear(classes));
 * const net = named({ conv: nn.conv2d(4, 3), aux: auxiliary(classifier(10)), fc: classifier(10) });
 * assertEquals(describe(net, { inputShape: [8, 8, 3] }).outputShape, [[null, 10], [null, 10]]);
 * ```
 */
export function auxiliary(head: Block): Block {
  return (x, path) => {
    x.network.output(head(x, path));
    return x;
  };
}

/** The block that does nothing: `nn.Identity`. */
export const identity: Block = (x): Node => x;

/** What `flattenedFrom` is after `layer`: layers that keep each feature in its place keep the order of the features. */
export function flattenedAfter(layer: DeclaredLayer, x: Node, outputShape: Shape): Node["flattenedFrom"] {
  if (layer instanceof Flatten) {
    const [, height, width, channels] = x.shape;
    return height != null && width != null && channels != null ? [height, width, channels] : undefined;
  }
  // A linear layer mixes the features, also where it has as many outputs as inputs.
  return !(layer instanceof Linear) && String(outputShape) === String(x.shape) ? x.flattenedFrom : undefined;
}
