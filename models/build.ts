/**
 * The world in which blocks become a `tf.LayersModel`.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { input, type LayersModel, model, type Shape, type SymbolicTensor } from "@tensorflow/tfjs-layers";
import { type Block, flattenedAfter, type Network, type Node } from "./block.ts";
import { describe, type ModelDescription } from "./describe.ts";
import type { InitialScheme } from "./initial_values.ts";
import type { DeclaredLayer, Seeding } from "./layers/layer.ts";

/** Options of {@linkcode buildModel}. */
export interface BuildOptions {
  /** [height, width, channels] of one image. */
  inputShape: readonly number[];
  /** The model's name. */
  name?: string;
  /**
   * Where weights and dropout masks start from: one seed, one model, on every backend. Masks follow from it too; on
   * tensorflow they are drawn by its own generator, and so are others than elsewhere.
   *
   * @default {0}
   */
  seed?: number;
  /** How weights start. @default {"torchDefault"} */
  initializer?: InitialScheme;
}

/** The network of a model: what its layers start from, and its further outputs. */
class BuiltNetwork implements Network {
  readonly outputs: SymbolicTensor[] = [];
  readonly #seeding: Seeding;
  readonly #positions: ReadonlyMap<string, number>;

  constructor(seeding: Seeding, { layers }: ModelDescription) {
    this.#seeding = seeding;
    this.#positions = new Map(layers.map(({ name }, position) => [name, position]));
  }

  /** The order is that of the description. */
  declare(): void {}

  output(node: Node): void {
    this.outputs.push(symbolic(node));
  }

  prepare(layer: DeclaredLayer): void {
    layer.seedWith(this.#seeding);
    layer.position = this.#positions.get(layer.name);
  }
}

class BuiltNode implements Node {
  readonly shape: Shape;
  constructor(
    readonly tensor: SymbolicTensor,
    readonly network: BuiltNetwork,
    readonly flattenedFrom?: Node["flattenedFrom"],
  ) {
    this.shape = tensor.shape;
  }

  apply(layer: DeclaredLayer, ...others: Node[]): Node {
    this.network.prepare(layer);
    const inputs = [this.tensor, ...others.map((other) => symbolic(other))];
    const tensor = layer.apply(others.length === 0 ? this.tensor : inputs) as SymbolicTensor;
    return new BuiltNode(tensor, this.network, flattenedAfter(layer, this, tensor.shape));
  }
}

function symbolic(node: Node): SymbolicTensor {
  if (!(node instanceof BuiltNode)) throw new TypeError("Expected nodes of one model but found one that is described");
  return node.tensor;
}

/**
 * Builds the `tf.LayersModel` that `block` stands for, on the current backend.
 * Outputs of {@linkcode auxiliary} heads come behind the main one. The caller owns
 * it: `model.dispose()` frees its weights.
 *
 * @throws {RangeError} Where a layer does not fit its input.
 * @throws {Error} Where no backend is chosen.
 *
 * @example
 * ```ts
 * import { buildModel, nn, sequential, useBackend } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend("cpu");
 * const model = buildModel(sequential(nn.flatten(), nn.linear(10)), { inputShape: [28, 28, 1], name: "softmax" });
 * assertEquals(model.outputs[0]?.shape, [null, 10]);
 * model.dispose();
 * ```
 */
export function buildModel(
  block: Block,
  { inputShape, name, seed = 0, initializer = "torchDefault" }: BuildOptions,
): LayersModel {
  if (!tf.getBackend()) {
    throw new Error("Expected a backend before a model is built but found none: call await useBackend() first");
  }
  // Whatever does not fit is found before a weight is allocated: tfjs would leave those of the layers before it.
  const network = new BuiltNetwork({ seed, scheme: initializer }, describe(block, { inputShape }));
  const inputs = input({ shape: [...inputShape] });
  const main = symbolic(block(new BuiltNode(inputs, network), ""));
  const outputs = network.outputs.length === 0 ? main : [main, ...network.outputs];
  return model({ inputs, outputs, ...(name === undefined ? {} : { name }) });
}
