/**
 * tfjs-node-gpu without its addon: its kernels, its backend and its file handlers.
 *
 * Its index would load the addon; the modules beside it do not. Everything here
 * is the edge to a library whose types name another copy of tfjs.
 *
 * @module
 */
import util from "node:util";
import * as tf from "@tensorflow/tfjs-core";
import type { TensorFlowBinding } from "./binding/mod.ts";

// tfjs-node 4.22 calls two functions that Node 23 and Deno have no more.
const legacy = util as unknown as Record<string, unknown>;
legacy["isNullOrUndefined"] ??= (value: unknown) => value === null || value === undefined;
legacy["isArray"] ??= Array.isArray;

/** An attribute of an op, as kernels write it. */
export interface KernelAttribute {
  /** TensorFlow's name. */
  readonly name: string;
  /** `TF_AttrType`. */
  readonly type: number;
  /** The value. */
  readonly value: unknown;
}

/** What tfjs-node keeps of a tensor. */
export interface TensorData {
  /** Its shape. */
  readonly shape: number[];
  /** `TF_DataType`. */
  readonly dtype: number;
  /** Its number in the binding; negative while `values` are not uploaded. */
  id: number;
  /** What an op that needs it will upload. */
  values: tf.backend_util.BackendValues | null;
  /** Tensors that share it. */
  refCount: number;
}

/** tfjs-node's `NodeJSKernelBackend`, as far as this project uses it. */
export interface NodeBackend extends tf.KernelBackend {
  /** The binding that it was made with. */
  readonly binding: TensorFlowBinding;
  /** The data of its tensors, by tfjs' ids. */
  tensorMap: tf.DataStorage<TensorData>;
  /** Runs an op with one output. */
  executeSingleOutput(name: string, attributes: KernelAttribute[], inputs: tf.TensorInfo[]): tf.Tensor;
  /** Runs an op. */
  executeMultipleOutputs(
    name: string,
    attributes: KernelAttribute[],
    inputs: tf.TensorInfo[],
    outputCount: number,
  ): tf.Tensor[];
  /** Uploads what has to be; gives the binding's numbers. */
  getInputTensorIds(inputs: tf.TensorInfo[]): number[];
  /** As `getInputTensorIds`, with int64 and uint8 where a SavedModel wants them; says which it made. */
  getMappedInputTensorIds(
    inputs: tf.Tensor[],
    infos: tf.ModelTensorInfo[],
  ): { tensorIds: number[]; newTensors: number[] };
  /** Runs a SavedModel. */
  runSavedModel(id: number, inputs: tf.Tensor[], infos: tf.ModelTensorInfo[], outputNames: string[]): tf.Tensor[];
  /** Makes a tensor of what an op gave. */
  createOutputTensor(metadata: { id: number; shape: number[]; dtype: number }): tf.Tensor;
}

/** The binding's number of `tensor`, which is uploaded if it has to be. */
export function handleOf(backend: NodeBackend, tensor: tf.TensorInfo): number {
  const [id] = backend.getInputTensorIds([tensor]);
  if (id === undefined) throw new Error("Expected a tensor of TensorFlow's but found none");
  return id;
}

/** Pairs of int32, the low half first, for int64: tfjs-node's own function forgets the sign. */
function asInt64(values: ArrayLike<number>): Int32Array {
  const pairs = new Int32Array(2 * values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    pairs[2 * i] = value;
    pairs[2 * i + 1] = value < 0 ? -1 : 0;
  }
  return pairs;
}

/** Registers tfjs-node's kernels and file handlers; gives the class of its backend. */
export async function loadUpstream(): Promise<
  new (binding: TensorFlowBinding, packageName: string) => NodeBackend
> {
  const { NodeJSKernelBackend } = await import("@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js");
  await import("@tensorflow/tfjs-node-gpu/dist/register_all_kernels.js");
  const { default: int64 } = await import("@tensorflow/tfjs-node-gpu/dist/int64_tensors.js") as unknown as {
    default: { encodeInt32ArrayAsInt64: typeof asInt64 };
  };
  int64.encodeInt32ArrayAsInt64 = asInt64;
  const { nodeFileSystemRouter } = await import("@tensorflow/tfjs-node-gpu/dist/io/file_system.js");
  tf.io.registerLoadRouter(nodeFileSystemRouter);
  tf.io.registerSaveRouter(nodeFileSystemRouter);
  return NodeJSKernelBackend as unknown as Awaited<ReturnType<typeof loadUpstream>>;
}
