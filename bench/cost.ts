/**
 * What a step of a model costs at least, from its description: operations and bytes.
 *
 * @module
 */
import type { ModelName } from "../models/catalog.ts";
import type { LayerDescription, ModelDescription } from "../models/describe.ts";
import { describeModel } from "../models/registry.ts";
import type { Mode } from "./workloads.ts";

/** The cost of a model in a mode, as far as its layers tell. */
export interface Cost {
  /** Trainable parameters of the layers that the mode runs. */
  readonly params: number;
  /** Multiply-accumulates of a forward pass through them, per image. */
  readonly macs: number;
  /** Output elements of their convolutions and linear layers, per image. */
  readonly activations: number;
}

/** The layers that the main output rests on: forward passes leave auxiliary classifiers out. */
function mainLayers({ layers, outputs }: ModelDescription): LayerDescription[] {
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  const needed = new Set<string>();
  const open = outputs.slice(0, 1);
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (needed.has(name)) continue;
    needed.add(name);
    open.push(...byName.get(name)?.inputs ?? []);
  }
  return layers.filter(({ name }) => needed.has(name));
}

const elements = ({ outputShape }: LayerDescription): number => outputShape.reduce<number>((n, m) => n * (m ?? 1), 1);

/** What `mode` runs of the model `name`. */
export function costOf(name: ModelName, mode: Mode): Cost {
  const description = describeModel(name);
  const layers = mode === "forward" ? mainLayers(description) : description.layers;
  const sum = (of: (layer: LayerDescription) => number) => layers.reduce((total, layer) => total + of(layer), 0);
  return {
    params: sum(({ params }) => params),
    macs: sum(({ macs }) => macs),
    activations: sum((layer) => layer.macs > 0 ? elements(layer) : 0),
  };
}

/** A backward pass computes two gradients for each product of the forward pass. */
const PASSES: Readonly<Record<Mode, number>> = { forward: 1, train: 3 };

/** Floating point operations of a step: two for each multiply-accumulate. */
export function stepFlops({ macs }: Cost, mode: Mode, batch: number): number {
  return 2 * macs * batch * PASSES[mode];
}

/**
 * Bytes that a step moves at least: each output of a convolution or linear layer is
 * written once and read once, each parameter is read once; three times that in training.
 */
export function stepBytes({ activations, params }: Cost, mode: Mode, batch: number): number {
  return Float32Array.BYTES_PER_ELEMENT * (2 * activations * batch + params) * PASSES[mode];
}
