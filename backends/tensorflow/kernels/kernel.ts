/**
 * What kernels of this room are written with.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { ATTRIBUTE_TYPES, DATA_TYPES } from "../binding/constants.ts";
import type { KernelAttribute, NodeBackend } from "../upstream.ts";

/** A kernel as tfjs calls it. */
export type TensorFlowKernel<Inputs = Record<string, tf.Tensor>, Attributes = Record<never, never>> = (
  args: { inputs: Inputs; backend: NodeBackend; attrs: Attributes },
) => tf.TensorInfo | tf.TensorInfo[];

const TYPES: Readonly<Record<tf.DataType, number>> = {
  float32: DATA_TYPES.TF_FLOAT,
  int32: DATA_TYPES.TF_INT32,
  bool: DATA_TYPES.TF_BOOL,
  complex64: DATA_TYPES.TF_COMPLEX64,
  string: DATA_TYPES.TF_STRING,
};

/** The attribute `name` that holds a tensor's type. */
export const type = (name: string, dtype: tf.DataType): KernelAttribute => ({
  name,
  type: ATTRIBUTE_TYPES.TF_ATTR_TYPE,
  value: TYPES[dtype],
});

/** An attribute that holds a string. */
export const text = (name: string, value: string): KernelAttribute => ({
  name,
  type: ATTRIBUTE_TYPES.TF_ATTR_STRING,
  value,
});

/** An attribute that holds a list of integers. */
export const ints = (name: string, value: readonly number[]): KernelAttribute => ({
  name,
  type: ATTRIBUTE_TYPES.TF_ATTR_INT,
  value,
});

/** An attribute that holds a number. */
export const float = (name: string, value: number): KernelAttribute => ({
  name,
  type: ATTRIBUTE_TYPES.TF_ATTR_FLOAT,
  value,
});

/** An attribute that holds a boolean. */
export const bool = (name: string, value: boolean): KernelAttribute => ({
  name,
  type: ATTRIBUTE_TYPES.TF_ATTR_BOOL,
  value,
});

const BACKEND = "tensorflow";
/** tfjs-node's kernels by name, where this room has one of that name: undefined where tfjs-node has none. */
const replaced = new Map<string, tf.KernelFunc | undefined>();

/** Puts `kernel` in the place of tfjs-node's one, if there is one. */
export function replaceKernel(kernelName: string, kernel: (args: never) => tf.TensorInfo | tf.TensorInfo[]): void {
  const original = tf.getKernel(kernelName, BACKEND);
  replaced.set(kernelName, original?.kernelFunc);
  if (original != null) tf.unregisterKernel(kernelName, BACKEND);
  tf.registerKernel({ kernelName, backendName: BACKEND, kernelFunc: kernel as unknown as tf.KernelFunc });
}

/** tfjs-node's kernel called `kernelName`, whether it has been replaced or not; undefined where it has none. */
export function upstreamKernel(kernelName: string): tf.KernelFunc | undefined {
  return replaced.has(kernelName) ? replaced.get(kernelName) : tf.getKernel(kernelName, BACKEND)?.kernelFunc;
}
