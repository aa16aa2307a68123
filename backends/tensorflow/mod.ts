/**
 * What TensorFlow offers beyond tfjs' ops, on the `tensorflow` backend. Deno only.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { OpAttribute } from "./binding/mod.ts";
import type { CompiledFunction, CompileOptions, Nested } from "../compiler.ts";
import { compileOn } from "./compile/compile.ts";
import { type } from "./kernels/kernel.ts";
import { runningBinding } from "./start.ts";
import { handleOf, type NodeBackend } from "./upstream.ts";

export type { OpAttribute } from "./binding/mod.ts";
export type { CompiledFunction, CompiledSignature, CompileOptions, Nested, Precision } from "../compiler.ts";
export { TensorFlowError } from "./capi/status.ts";
export { loadSavedModel, type LoadSavedModelOptions, type SavedModel } from "./saved_model.ts";
export { type SummaryWriter, summaryWriter } from "./summaries.ts";
export { locateLibrary, type TensorFlowLibrary } from "./library/locate.ts";

/** What TensorFlow holds for this process, beside `tf.memory()`. */
export interface TensorFlowMemory {
  /** Tensors that are alive in TensorFlow. */
  readonly handles: number;
  /** SavedModels that are loaded. */
  readonly savedModels: number;
}

/** The running backend. */
function tensorflow(caller: string): NodeBackend {
  runningBinding(caller);
  return tf.findBackend("tensorflow") as NodeBackend;
}

/**
 * TensorFlow's own count of what is alive: it goes down to what it was where
 * everything has been disposed.
 *
 * @throws {Error} Where TensorFlow does not run.
 */
export function tensorflowMemory(): TensorFlowMemory {
  const { binding } = tensorflow("tensorflowMemory()");
  return { handles: binding.getNumOfTensors(), savedModels: binding.getNumOfSavedModels() };
}

/**
 * The full name of the device that the values of `tensor` lie on,
 * `/job:localhost/replica:0/task:0/device:GPU:0`.
 *
 * @throws {Error} Where TensorFlow does not run.
 */
export function tensorDevice(tensor: tf.Tensor): string {
  const backend = tensorflow("tensorDevice()");
  return backend.binding.tensorDevice(handleOf(backend, tensor));
}

/**
 * Gives `fn` as one function of TensorFlow's for each signature of its arguments:
 * its ops, gradients and updates of variables are recorded once and then run together,
 * which spares the calls and lets TensorFlow fuse and reorder them.
 *
 * What `fn` computes outside of tensors is done once, when it is recorded: no value
 * may be read in it, and no variable made.
 *
 * @throws {RangeError} Where the device does not have `precision`.
 * @throws {Error} Where TensorFlow does not run.
 *
 * @example
 * ```ts ignore
 * import { compile } from "@convbench/convbench/tensorflow";
 * import { useBackend } from "@convbench/convbench";
 * import * as tf from "@tensorflow/tfjs-core";
 *
 * await useBackend("tensorflow");
 * const mean = compile((x: tf.Tensor) => tf.mean(tf.square(x)));
 * const y = mean(tf.ones([3]));
 * mean.dispose();
 * ```
 */
export function compile<Arguments extends Nested[], Result extends Nested>(
  fn: (...inputs: Arguments) => Result,
  options: CompileOptions = {},
): CompiledFunction<Arguments, Result> {
  return compileOn(tensorflow("compile()"), fn, options);
}

/** The attribute `T` of most ops: the type of `tensor`. */
export function typeAttribute(tensor: tf.Tensor, name = "T"): OpAttribute {
  return type(name, tensor.dtype);
}

/**
 * Runs an op of TensorFlow's on a thread of its own, while the event loop goes on
 * turning. The ops of tfjs run in the calling thread: on the CPU they hold the event
 * loop up until they are done.
 *
 * No gradient flows through it. The caller owns the outputs; inputs may be
 * disposed as soon as it is called.
 *
 * @param op TensorFlow's name of the op: `MatMul`.
 * @throws {TensorFlowError} Where TensorFlow refuses it or fails.
 * @throws {Error} Where TensorFlow does not run.
 *
 * @example
 * ```ts ignore
 * import { executeAsync, typeAttribute } from "@convbench/convbench/tensorflow";
 * import { useBackend } from "@convbench/convbench";
 * import * as tf from "@tensorflow/tfjs-core";
 *
 * await useBackend("tensorflow");
 * const x = tf.ones([4000, 4000]);
 * const [product] = await executeAsync("MatMul", [typeAttribute(x)], [x, x], 1);
 * ```
 */
export async function executeAsync(
  op: string,
  attributes: readonly OpAttribute[],
  inputs: readonly tf.Tensor[],
  outputs: number,
): Promise<tf.Tensor[]> {
  const backend = tensorflow("executeAsync()");
  const ids = backend.getInputTensorIds([...inputs]);
  // From here on the op holds them: the caller may dispose them.
  const metadata = await backend.binding.executeOpAsync(op, attributes, ids, outputs);
  return metadata.map((each) => tf.keep(backend.createOutputTensor(each)));
}
