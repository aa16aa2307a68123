/**
 * What checks are of, and how they run it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type LayersModel, model as functional, type SymbolicTensor } from "@tensorflow/tfjs-layers";
import type { ModelDescription } from "../../../models/describe.ts";
import type { DeclaredLayer } from "../../../models/layers/layer.ts";
import { RandomLayer } from "../../../models/layers/random_layer.ts";

/** What a check is of. */
export interface Subject {
  readonly model: LayersModel;
  readonly description: ModelDescription;
  /** The same network with weights and masks of another seed; whoever builds it frees it. */
  readonly build: (seed: number) => LayersModel;
  /** A batch of images. */
  readonly x: tf.Tensor4D;
  /** How far an image alone may be from what it is in the batch, as a share of the largest output. */
  readonly rounding: number;
}

/** The seed of {@linkcode Subject.model}. */
export const SEED = 1;

/** What `model` makes of `x`: the main output, and those of auxiliary heads. */
export const forward = (model: LayersModel, x: tf.Tensor, training: boolean): tf.Tensor[] =>
  // tfjs gives one output bare, several as an array.
  [model.apply(x, { training }) as tf.Tensor | tf.Tensor[]].flat();

/** Their values, off the backend. */
export const valuesOf = (tensors: readonly tf.Tensor[]): Float32Array[] =>
  tensors.map((tensor) => tensor.dataSync() as Float32Array);

/** The values of what `model` makes of `x`. */
export const run = (model: LayersModel, x: tf.Tensor, training: boolean): Float32Array[] =>
  tf.tidy(() => valuesOf(forward(model, x, training)));

/** The largest of all absolute values; not finite where one is not. */
export function largest(values: Float32Array): number {
  let max = 0;
  for (const value of values) max = Math.max(max, Math.abs(value));
  return max;
}

/** The network's layers of kind `type`, with a network that gives what each takes and makes. */
export function within<L extends DeclaredLayer>(
  model: LayersModel,
  type: abstract new (...args: never[]) => L,
  wanted: (layer: L) => boolean = () => true,
): { layers: L[]; staged: LayersModel } {
  const layers = model.layers.filter((layer): layer is L => layer instanceof type && wanted(layer));
  const outputs = layers.flatMap(({ input, output }) => [input, output].flat() as SymbolicTensor[]);
  return { layers, staged: functional({ inputs: model.inputs, outputs }) };
}

/** The next training call is the first again. */
function restart(model: LayersModel): void {
  for (const layer of model.layers) if (layer instanceof RandomLayer) layer.calls = 0;
}

/** What the first training call gives. */
export function firstTrainingCall(model: LayersModel, x: tf.Tensor): Float32Array[] {
  restart(model);
  return run(model, x, true);
}
