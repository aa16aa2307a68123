/**
 * What kernels of this room are written with.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import { ReplacedKernels } from "../../replaced_kernels.ts";
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

/** The kernels of tfjs-node. */
export const tensorFlowKernels: ReplacedKernels = new ReplacedKernels("tensorflow");

/**
 * Runs tfjs-node's kernel called `kernelName`, whether it has been replaced or not.
 *
 * @throws {RangeError} Where tfjs-node has none.
 */
export function callUpstream(kernelName: string, args: object): tf.TensorInfo | tf.TensorInfo[] {
  return tensorFlowKernels.upstream(kernelName)(args as Parameters<tf.KernelFunc>[0]);
}
