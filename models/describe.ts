/**
 * The world in which blocks are described: shapes, parameters and costs, without
 * one tensor.
 *
 * @module
 */
import type { Shape } from "@tensorflow/tfjs-layers";
import { type Block, flattenedAfter, type Network, type Node } from "./block.ts";
import { show } from "./errors.ts";
import type { DeclaredLayer, WeightSpec } from "./layers/layer.ts";
import { ModuleTree } from "./module_tree.ts";

/** One tensor of a model's state dict. */
export interface WeightDescription {
  /** PyTorch's key, `net.0.weight`. */
  readonly key: string;
  /** PyTorch's shape: OIHW for convolutions, [out, in] for linear layers. */
  readonly shape: readonly number[];
}

/** One layer of a {@linkcode ModelDescription}; counts as there. */
export interface LayerDescription {
  /** The layer's path in PyTorch's definition, `net.0`. */
  readonly name: string;
  /** PyTorch's class name, `BatchNorm2d`. */
  readonly type: string;
  /** The layers whose outputs it takes; "" is the network's input. */
  readonly inputs: readonly string[];
  /** NHWC, the batch as null. */
  readonly outputShape: Shape;
  /** What a state dict holds of it, in PyTorch's order. */
  readonly weights: readonly WeightDescription[];
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
  /** NHWC, the batch as null; one shape for each output where there are several, the main one first. */
  readonly outputShape: Shape | Shape[];
  /** The layers whose outputs are the network's, in the order of `outputShape`. */
  readonly outputs: readonly string[];
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

/** The network of a description: its rows as they run, and its further outputs. */
class DescribedNetwork implements Network {
  readonly tree = new ModuleTree();
  readonly rows = new Map<string, LayerDescription>();
  readonly outputs: DescribedNode[] = [];
  activations = 0;

  declare(path: string, children: readonly string[]): void {
    this.tree.declare(path, children);
  }

  output(node: Node): void {
    this.outputs.push(described(node));
  }

  add(layer: DeclaredLayer, inputs: readonly DescribedNode[], outputShape: Shape): void {
    const inputShape = inputs[0]?.shape ?? [];
    const specs = layer.weightSpecs(inputShape);
    const macs = layer.macs(inputShape);
    if (this.rows.has(layer.name)) {
      throw new RangeError(`Expected every layer to have a name of its own but found two called ${show(layer.name)}`);
    }
    if (macs > 0) this.activations += sizeOf(outputShape);
    this.tree.place(layer.name);
    this.rows.set(layer.name, {
      name: layer.name,
      type: layer.typeName(inputShape),
      inputs: inputs.map(({ producer }) => producer),
      outputShape,
      weights: specs.map(({ name, layout }) => ({ key: `${layer.name}.${name}`, shape: layout.torchShape })),
      params: countWeights(specs, "parameter"),
      buffers: countWeights(specs, "buffer"),
      macs,
    });
  }

  /** The rows in the order of PyTorch's definition. */
  layers(): LayerDescription[] {
    const ranks = this.tree.ranks();
    const rank = ({ name }: LayerDescription) => ranks.get(name) ?? 0;
    return [...this.rows.values()].sort((a, b) => rank(a) - rank(b));
  }
}

class DescribedNode implements Node {
  constructor(
    readonly shape: Shape,
    readonly network: DescribedNetwork,
    readonly producer: string,
    readonly flattenedFrom?: Node["flattenedFrom"],
  ) {}

  apply(layer: DeclaredLayer, ...others: Node[]): Node {
    const inputs = [this, ...others.map(described)];
    const outputShape = layer.computeOutputShape(
      others.length === 0 ? this.shape : inputs.map(({ shape }) => shape),
    );
    this.network.add(layer, inputs, outputShape);
    return new DescribedNode(outputShape, this.network, layer.name, flattenedAfter(layer, this, outputShape));
  }
}

function described(node: Node): DescribedNode {
  if (!(node instanceof DescribedNode)) {
    throw new TypeError("Expected nodes of one description but found one of a model");
  }
  return node;
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
  const input: Shape = [null, ...inputShape];
  const network = new DescribedNetwork();
  const main = described(block(new DescribedNode(input, network, ""), ""));
  const outputs = [main, ...network.outputs];
  const layers = network.layers();
  const total = (key: "params" | "buffers" | "macs") => layers.reduce((sum, layer) => sum + layer[key], 0);
  return {
    layers,
    inputShape: input,
    outputShape: outputs.length === 1 ? main.shape : outputs.map(({ shape }) => shape),
    outputs: outputs.map(({ producer }) => producer),
    params: total("params"),
    buffers: total("buffers"),
    macs: total("macs"),
    activations: network.activations,
  };
}

/** The shape of the main output: the only one, but for networks with auxiliary heads. */
export function mainOutputShape({ outputShape }: ModelDescription): Shape {
  const [first] = outputShape;
  return Array.isArray(first) ? first : outputShape as Shape;
}
