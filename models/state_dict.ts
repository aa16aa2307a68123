/**
 * Weights under PyTorch's names, in PyTorch's layouts.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { DeclaredLayer, type DeclaredWeight } from "./layers/layer.ts";
import { fromTorch, toTorch } from "./layers/weight_layout.ts";

/** One tensor of a {@linkcode StateDict}. */
export interface StateTensor {
  /** safetensors' name for float32, the only type here. */
  readonly dtype: "F32";
  /** PyTorch's shape: OIHW for convolutions, [out, in] for linear layers. */
  readonly shape: number[];
  /** The values, the last axis running fastest. */
  readonly data: Float32Array;
}

/** A model's weights and moving statistics, keyed by PyTorch's names, in its order. */
export type StateDict = Record<string, StateTensor>;

/** Options of {@linkcode loadStateDict}. */
export interface LoadStateDictOptions {
  /** Whether keys that are missing or unexpected are errors. @default {true} */
  strict?: boolean;
}

/** What {@linkcode loadStateDict} left alone. */
export interface LoadStateDictResult {
  /** Keys of the model that the dict lacks. */
  readonly missing: string[];
  /** Keys of the dict that the model lacks. */
  readonly unexpected: string[];
}

/** Where a layer stands in PyTorch's definition; without one, layers come as they were made. */
const positionOf = (layer: LayersModel["layers"][number]): number =>
  layer instanceof DeclaredLayer && layer.position !== undefined ? layer.position : layer.id;

/** The weights of `model` with their keys, in PyTorch's order. */
export function declaredWeights(model: LayersModel): [key: string, weight: DeclaredWeight][] {
  const layers = [...model.layers].sort((a, b) => positionOf(a) - positionOf(b));
  return layers.flatMap((layer) => {
    if (layer instanceof DeclaredLayer) {
      return layer.declaredWeights.map((
        weight,
      ): [string, DeclaredWeight] => [`${layer.name}.${weight.spec.name}`, weight]);
    }
    if (layer.weights.length === 0) return [];
    throw new TypeError(
      `Expected every layer with weights to be one of this module but found ${layer.getClassName()} ${layer.name}`,
    );
  });
}

/**
 * The weights and moving statistics of `model`, copied off its backend.
 *
 * @throws {TypeError} Where the model has weights in layers of other origin.
 *
 * @example
 * ```ts
 * import { createModel, stateDict, useBackend } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend("cpu");
 * const model = createModel("d2l/lenet");
 * const dict = await stateDict(model);
 * assertEquals(dict["net.3.weight"]?.shape, [16, 6, 5, 5]);
 * model.dispose();
 * ```
 */
export async function stateDict(model: LayersModel): Promise<StateDict> {
  const entries = await Promise.all(
    declaredWeights(model).map(async ([key, { spec, variable }]): Promise<[string, StateTensor]> => {
      const values = await variable.read().data() as Float32Array;
      return [key, { dtype: "F32", shape: [...spec.layout.torchShape], data: toTorch(values, spec.layout) }];
    }),
  );
  return Object.fromEntries(entries);
}

/** What {@linkcode checkFit} looks at: a tensor, or one that still lies in a file. */
export type TensorForm = Pick<StateTensor, "shape"> & Partial<StateTensor>;

function misfit({ shape, data, dtype = "F32" }: TensorForm, expected: readonly number[]): string | undefined {
  if (dtype !== "F32") return `expected dtype F32 but found ${dtype}`;
  if (String(shape) !== String(expected)) return `expected shape [${expected}] but found [${shape}]`;
  const size = tf.util.sizeFromShape([...expected]);
  return data === undefined || data.length === size ? undefined : `expected ${size} values but found ${data.length}`;
}

/**
 * Checks that the tensors called `what` can be written into `model`, and tells what
 * they leave alone.
 *
 * @throws {RangeError} Where they cannot; the message names all keys in the way.
 */
export function checkFit(
  model: LayersModel,
  tensors: ReadonlyMap<string, TensorForm>,
  { strict = true, what }: LoadStateDictOptions & { what: string },
): LoadStateDictResult {
  const weights = new Map(declaredWeights(model));
  const missing = [...weights].flatMap(([key, { spec }]) => spec.role === "attribute" || tensors.has(key) ? [] : [key]);
  const unexpected = [...tensors.keys()].filter((key) => !weights.has(key) && !key.endsWith("num_batches_tracked"));
  const misshapen = [...weights].flatMap(([key, { spec }]) => {
    const tensor = tensors.get(key);
    const reason = tensor && misfit(tensor, spec.layout.torchShape);
    return reason === undefined ? [] : [`${key} (${reason})`];
  });
  const problems = [
    ...(strict && missing.length > 0 ? [`missing: ${missing.join(", ")}`] : []),
    ...(strict && unexpected.length > 0 ? [`unexpected: ${unexpected.join(", ")}`] : []),
    ...(misshapen.length > 0 ? [`misshapen: ${misshapen.join(", ")}`] : []),
  ];
  if (problems.length > 0) {
    throw new RangeError(`Expected ${what} to fit ${model.name} but found keys that are ${problems.join("; ")}`);
  }
  return { missing, unexpected };
}

/**
 * Writes `dict` into `model`. Everything is checked first: where an error is thrown
 * the model is as it was. `num_batches_tracked` is ignored, and the book's
 * `moving_mean` and `moving_var` may be missing.
 *
 * @throws {RangeError} Where keys are missing or unexpected (unless `strict` is false) or tensors
 * have another shape; the message names all of them.
 *
 * @example Weights from one model to another
 * ```ts
 * import { createModel, loadStateDict, stateDict, useBackend } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend("cpu");
 * const [source, target] = [createModel("d2l/lenet", { seed: 1 }), createModel("d2l/lenet", { seed: 2 })];
 * assertEquals(loadStateDict(target, await stateDict(source)), { missing: [], unexpected: [] });
 * assertEquals(await stateDict(target), await stateDict(source));
 * source.dispose();
 * target.dispose();
 * ```
 */
export function loadStateDict(
  model: LayersModel,
  dict: StateDict,
  { strict = true }: LoadStateDictOptions = {},
): LoadStateDictResult {
  const tensors = new Map(Object.entries(dict));
  const result = checkFit(model, tensors, { strict, what: "dict" });
  tf.tidy(() => {
    // All tensors before the first write: where memory does not suffice, nothing has changed.
    const writes = declaredWeights(model).flatMap(([key, { spec, variable }]) => {
      const tensor = tensors.get(key);
      return tensor === undefined
        ? []
        : [{ variable, value: tf.tensor(fromTorch(tensor.data, spec.layout), [...spec.shape]) }];
    });
    for (const { variable, value } of writes) variable.write(value);
  });
  return result;
}
