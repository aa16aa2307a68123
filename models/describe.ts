/**
 * The world in which blocks are described: shapes, parameters and costs, without
 * one tensor.
 *
 * @module
 */
import type { Shape } from "@tensorflow/tfjs-layers";
import { type Block, flattenedAfter, type Node } from "./block.ts";
import type { DeclaredLayer, WeightSpec } from "./layers/layer.ts";

/** One layer of a {@linkcode ModelDescription}; counts as there. */
export interface LayerDescription {
  /** The layer's path in PyTorch's definition, `net.0`. */
  readonly name: string;
  /** PyTorch's class name, `BatchNorm2d`. */
  readonly type: string;
  /** NHWC, the batch as null. */
  readonly outputShape: Shape;
  /** Trainable parameters. */
  readonly params: number;
  /** Running means and variances. */
  readonly buffers: number;
  /** Multiply-accumulates, per image. */
  readonly macs: number;
}

/** What a model is, without having one. */
export interface ModelDescription {
  /** The leaves, in the order of PyTorch's module definition. */
  readonly layers: readonly LayerDescription[];
  /** NHWC, the batch as null. */
  readonly inputShape: Shape;
  /** NHWC, the batch as null. */
  readonly outputShape: Shape;
  /** Trainable parameters. */
  readonly params: number;
  /** Running means and variances. */
  readonly buffers: number;
  /** Multiply-accumulates of convolutions and linear layers, per image. */
  readonly macs: number;
  /** Output elements of convolutions and linear layers, per image. */
  readonly activations: number;
}

const sizeOf = (shape: readonly (number | null)[]): number => shape.reduce<number>((a, b) => a * (b ?? 1), 1);

class DescribedNode implements Node {
  constructor(
    readonly shape: Shape,
    readonly visit: (layer: DeclaredLayer, inputShape: Shape, outputShape: Shape) => void,
    readonly flattenedFrom?: Node["flattenedFrom"],
  ) {}

  apply(layer: DeclaredLayer, ...others: Node[]): Node {
    const outputShape = layer.computeOutputShape(
      others.length === 0 ? this.shape : [this.shape, ...others.map((other) => other.shape)],
    );
    this.visit(layer, this.shape, outputShape);
    return new DescribedNode(outputShape, this.visit, flattenedAfter(layer, this, outputShape));
  }
}

function countWeights(specs: readonly WeightSpec[], role: WeightSpec["role"]): number {
  return specs.reduce((sum, spec) => spec.role === role ? sum + sizeOf(spec.shape) : sum, 0);
}

/**
 * Describes the network that `block` stands for; no weight is allocated, no
 * backend is needed.
 *
 * @throws {RangeError} Where a layer does not fit its input.
 *
 * @example
 * ```ts
 * import { describe, nn, sequential } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * const { params, macs } = describe(sequential(nn.flatten(), nn.linear(10)), { inputShape: [28, 28, 1] });
 * assertEquals({ params, macs }, { params: 7850, macs: 7840 });
 * ```
 */
export function describe(block: Block, { inputShape }: { inputShape: readonly number[] }): ModelDescription {
  const layers: LayerDescription[] = [];
  let activations = 0;
  const input: Shape = [null, ...inputShape];
  const output = block(
    new DescribedNode(input, (layer, inputShape, outputShape) => {
      const specs = layer.weightSpecs(inputShape);
      const macs = layer.macs(inputShape);
      if (macs > 0) activations += sizeOf(outputShape);
      layers.push({
        name: layer.name,
        type: layer.typeName(inputShape),
        outputShape,
        params: countWeights(specs, "parameter"),
        buffers: countWeights(specs, "buffer"),
        macs,
      });
    }),
    "",
  );
  const total = (key: "params" | "buffers" | "macs") => layers.reduce((sum, layer) => sum + layer[key], 0);
  return {
    layers,
    inputShape: input,
    outputShape: output.shape,
    params: total("params"),
    buffers: total("buffers"),
    macs: total("macs"),
    activations,
  };
}
