/**
 * The world in which blocks become a `tf.LayersModel`.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { input, type LayersModel, model, type Shape, type SymbolicTensor } from "@tensorflow/tfjs-layers";
import { type Block, flattenedAfter, type Node } from "./block.ts";
import { describe } from "./describe.ts";
import type { InitialScheme } from "./initial_values.ts";
import type { DeclaredLayer, Seeding } from "./layers/layer.ts";

/** Options of {@linkcode buildModel}. */
export interface BuildOptions {
  /** [height, width, channels] of one image. */
  inputShape: readonly number[];
  /** The model's name. */
  name?: string;
  /** Where weights and dropout masks start from: one seed, one model, on every backend. @default {0} */
  seed?: number;
  /** How weights start. @default {"torchDefault"} */
  initializer?: InitialScheme;
}

class BuildNode implements Node {
  readonly shape: Shape;
  constructor(
    readonly tensor: SymbolicTensor,
    readonly seeding: Seeding,
    readonly flattenedFrom?: Node["flattenedFrom"],
  ) {
    this.shape = tensor.shape;
  }

  apply(layer: DeclaredLayer, ...others: Node[]): Node {
    layer.seedWith(this.seeding);
    const inputs = [this.tensor, ...others.map((other) => symbolic(other))];
    const tensor = layer.apply(others.length === 0 ? this.tensor : inputs) as SymbolicTensor;
    return new BuildNode(tensor, this.seeding, flattenedAfter(layer, this, tensor.shape));
  }
}

function symbolic(node: Node): SymbolicTensor {
  if (!(node instanceof BuildNode)) throw new TypeError("Expected nodes of one model but found one that is described");
  return node.tensor;
}

/**
 * Builds the `tf.LayersModel` that `block` stands for, on the current backend.
 * The caller owns it: `model.dispose()` frees its weights.
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
  describe(block, { inputShape });
  const inputs = input({ shape: [...inputShape] });
  const output = block(new BuildNode(inputs, { seed, scheme: initializer }), "");
  return model({ inputs, outputs: symbolic(output), ...(name === undefined ? {} : { name }) });
}
