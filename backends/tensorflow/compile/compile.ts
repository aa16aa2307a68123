/**
 * Functions of tensors as functions of TensorFlow: all their ops run in one call.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { TensorMetadata } from "../binding/mod.ts";
import { runningBinding } from "../start.ts";
import type { NodeBackend } from "../upstream.ts";
import { record, type Recorded } from "./record.ts";
import { flatten, type Nested } from "./structure.ts";

/** Options of {@linkcode compile}. */
export interface CompileOptions {
  /** How many signatures are kept, the latest used ones. @default {16} */
  readonly maxSignatures?: number;
  /** A serialised `ConfigProto` for grappler. */
  readonly config?: Uint8Array<ArrayBuffer>;
  /** Whether XLA compiles it. @default {false} */
  readonly jit?: boolean;
}

/** A function of one signature that has been recorded. */
export interface CompiledSignature {
  /** Shapes and types of its tensors, and the other arguments. */
  readonly signature: string;
  /** Operations in its graph. */
  readonly operations: number;
  /** How long recording took, in milliseconds. */
  readonly traceMs: number;
}

/** A compiled function. */
export interface CompiledFunction<Arguments extends Nested[], Result extends Nested> {
  /** Runs it in the calling thread. The caller owns the tensors of the result. */
  (...inputs: Arguments): Result;
  /** Runs it on another thread, while the event loop goes on. */
  async(...inputs: Arguments): Promise<Result>;
  /** What has been recorded and is kept. */
  readonly signatures: readonly CompiledSignature[];
  /** Frees what has been recorded. */
  dispose(): void;
}

/**
 * Gives `fn` as one function of TensorFlow's for each signature of its arguments:
 * its ops, gradients and updates of variables are recorded once and then run together,
 * which spares the calls and lets TensorFlow fuse and reorder them.
 *
 * What `fn` computes outside of tensors is done once, when it is recorded: no value
 * may be read in it, and no variable made.
 *
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
  const binding = runningBinding("compile()");
  const backend = tf.findBackend("tensorflow") as NodeBackend;
  const { maxSignatures = 16, ...config } = options;
  const cache = new Map<string, Recorded>();

  const free = ({ name, held }: Recorded): void => {
    binding.deleteFunction(name);
    for (const dataId of held) backend.disposeData(dataId);
  };

  const recordedFor = (inputs: Arguments): { recorded: Recorded; tensors: tf.Tensor[] } => {
    if (tf.getBackend() !== "tensorflow") {
      throw new Error(`Expected the backend of a compiled function to be tensorflow but found ${tf.getBackend()}`);
    }
    const { tensors, signature } = flatten(inputs, "arguments");
    for (const tensor of tensors) {
      if (tensor.isDisposed) throw new Error("Expected the arguments of a compiled function but found a disposed one");
    }
    const recorded = cache.get(signature) ??
      record(binding, backend, () => fn(...inputs), inputs, signature);
    cache.delete(signature);
    cache.set(signature, recorded);
    for (const [oldest, other] of cache) {
      if (cache.size <= maxSignatures) break;
      cache.delete(oldest);
      free(other);
    }
    return { recorded, tensors };
  };

  /** The ids of a run's inputs, and those among them that are the run's own. */
  const feed = ({ sources }: Recorded, tensors: readonly tf.Tensor[]): { ids: number[]; own: number[] } => {
    const own: number[] = [];
    const ids = sources.map((source) => {
      switch (source.kind) {
        case "argument":
          return backend.getInputTensorIds([tensors[source.index] as tf.Tensor])[0] ?? -1;
        case "variable":
          return backend.getInputTensorIds([source.variable])[0] ?? -1;
        case "tensor":
          return source.id;
        case "count": {
          const id = binding.createTensor([], binding.TF_INT32, Int32Array.of(source.source.calls));
          own.push(id);
          return id;
        }
      }
    });
    return { ids, own };
  };

  const take = (recorded: Recorded, outputs: TensorMetadata[]): Result => {
    const tensors = outputs.map((metadata) => backend.createOutputTensor(metadata));
    for (const [i, variable] of recorded.updated.entries()) {
      const value = tensors[recorded.results + i];
      if (value === undefined) continue;
      variable.assign(value);
      value.dispose();
    }
    for (const { source, count } of recorded.draws) source.calls += count;
    return recorded.rebuild(tensors.slice(0, recorded.results)) as Result;
  };

  const run = (...inputs: Arguments): Result => {
    const { recorded, tensors } = recordedFor(inputs);
    const { ids, own } = feed(recorded, tensors);
    try {
      return take(
        recorded,
        binding.runFunction(recorded.name, ids, recorded.results + recorded.updated.length, config),
      );
    } finally {
      for (const id of own) binding.deleteTensor(id);
    }
  };

  const runAsync = async (...inputs: Arguments): Promise<Result> => {
    const { recorded, tensors } = recordedFor(inputs);
    const { ids, own } = feed(recorded, tensors);
    const count = recorded.results + recorded.updated.length;
    const running = binding.runFunctionAsync(recorded.name, ids, count, config);
    for (const id of own) binding.deleteTensor(id);
    return take(recorded, await running);
  };

  const dispose = (): void => {
    for (const recorded of cache.values()) free(recorded);
    cache.clear();
  };
  const signatures = (): CompiledSignature[] =>
    [...cache.values()].map(({ signature, operations, traceMs }) => ({ signature, operations, traceMs }));
  return Object.defineProperty(Object.assign(run, { async: runAsync, dispose }), "signatures", { get: signatures }) as
    & typeof run
    & { async: typeof runAsync; dispose: typeof dispose; readonly signatures: CompiledSignature[] };
}
