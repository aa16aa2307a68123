/**
 * Functions of tensors as functions of TensorFlow: all their ops run in one call.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import {
  type CompiledFunction,
  type CompiledSignature,
  type CompileOptions,
  type Nested,
  recording,
} from "../../compiler.ts";
import { hasAskedForAdapters } from "../../webgpu/order.ts";
import type { FunctionConfig, TensorMetadata } from "../binding/mod.ts";
import { handleOf, type NodeBackend } from "../upstream.ts";
import { candidates, type Chosen, configOf, fastest } from "./precision.ts";
import { record, type Recorded } from "./record.ts";
import { flatten } from "./structure.ts";

/** What is kept of a signature. */
interface Entry {
  readonly recorded: Recorded;
  readonly precision: Chosen;
  readonly config: FunctionConfig;
  firstRunMs: number;
}

/** `compile()` on a backend that runs. */
export function compileOn<Arguments extends Nested[], Result extends Nested>(
  backend: NodeBackend,
  fn: (...inputs: Arguments) => Result,
  options: CompileOptions = {},
): CompiledFunction<Arguments, Result> {
  const { binding } = backend;
  const { maxSignatures = 16, precision = "float32", frozen = false } = options;
  const precisions = candidates(precision, binding);
  // Mesa's LLVM and XLA's, at work in one process, end it.
  if (options.jit === true && hasAskedForAdapters() && Deno.build.os === "linux") {
    throw new Error(
      'Expected XLA before webgpu but found webgpu asked for in this process: start with useBackend("tensorflow")',
    );
  }
  const cache = new Map<string, Entry>();

  const free = ({ recorded: { name, held } }: Entry): void => {
    binding.deleteFunction(name);
    for (const dataId of held) backend.disposeData(dataId);
  };

  /** The ids of a run's inputs, and those among them that are the run's own. */
  const feed = ({ sources }: Recorded, tensors: readonly tf.Tensor[]): { ids: number[]; own: number[] } => {
    const own: number[] = [];
    const scalar = (dtype: number, value: Float32Array | Int32Array): number => {
      const id = binding.createTensor([], dtype, value);
      own.push(id);
      return id;
    };
    const ids = sources.map((source) => {
      switch (source.kind) {
        case "argument":
          return handleOf(backend, tensors[source.index] as tf.Tensor);
        case "variable":
          return handleOf(backend, source.variable);
        case "tensor":
          return source.id;
        case "number":
          return scalar(binding.TF_FLOAT, Float32Array.of(source.read()));
        case "count":
          return scalar(binding.TF_INT32, Int32Array.of(source.source.calls));
      }
    });
    return { ids, own };
  };

  const outputsOf = ({ results, updated }: Recorded): number => results + updated.length;

  /** Records and, where there is a choice of precisions, times each: a run changes nothing until its outputs are taken. */
  const prepare = (inputs: Arguments, tensors: readonly tf.Tensor[], signature: string): Entry => {
    const recorded = recording(() => record(binding, backend, () => fn(...inputs), inputs, { signature, frozen }));
    const { ids, own } = feed(recorded, tensors);
    try {
      const precision = fastest(precisions, (each) => {
        const outputs = binding.runFunction(recorded.name, ids, outputsOf(recorded), configOf(each, options));
        for (const { id } of outputs) binding.deleteTensor(id);
      });
      return { recorded, precision, config: configOf(precision, options), firstRunMs: NaN };
    } finally {
      for (const id of own) binding.deleteTensor(id);
    }
  };

  const entryOf = (inputs: Arguments): { entry: Entry; tensors: tf.Tensor[] } => {
    if (tf.getBackend() !== "tensorflow") {
      throw new Error(`Expected the backend of a compiled function to be tensorflow but found ${tf.getBackend()}`);
    }
    const { tensors, signature } = flatten(inputs, "arguments");
    for (const tensor of tensors) {
      if (tensor.isDisposed) throw new Error("Expected the arguments of a compiled function but found a disposed one");
    }
    const entry = cache.get(signature) ?? prepare(inputs, tensors, signature);
    cache.delete(signature);
    cache.set(signature, entry);
    for (const [oldest, other] of cache) {
      if (cache.size <= maxSignatures) break;
      cache.delete(oldest);
      free(other);
    }
    return { entry, tensors };
  };

  const take = ({ recorded }: Entry, outputs: TensorMetadata[]): Result => {
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
    const { entry, tensors } = entryOf(inputs);
    const { recorded, config } = entry;
    const { ids, own } = feed(recorded, tensors);
    try {
      const started = performance.now();
      const outputs = binding.runFunction(recorded.name, ids, outputsOf(recorded), config);
      if (Number.isNaN(entry.firstRunMs)) entry.firstRunMs = performance.now() - started;
      return take(entry, outputs);
    } finally {
      for (const id of own) binding.deleteTensor(id);
    }
  };

  const runAsync = async (...inputs: Arguments): Promise<Result> => {
    const { entry, tensors } = entryOf(inputs);
    const { recorded, config } = entry;
    const { ids, own } = feed(recorded, tensors);
    const started = performance.now();
    const running = binding.runFunctionAsync(recorded.name, ids, outputsOf(recorded), config);
    for (const id of own) binding.deleteTensor(id);
    const outputs = await running;
    if (Number.isNaN(entry.firstRunMs)) entry.firstRunMs = performance.now() - started;
    return take(entry, outputs);
  };

  const dispose = (): void => {
    for (const entry of cache.values()) free(entry);
    cache.clear();
  };
  const signatures = (): CompiledSignature[] =>
    [...cache.values()].map(({ recorded: { signature, operations, traceMs }, precision, firstRunMs }) => ({
      signature,
      operations,
      traceMs,
      firstRunMs,
      precision,
    }));
  return Object.defineProperty(Object.assign(run, { async: runAsync, dispose }), "signatures", { get: signatures }) as
    & typeof run
    & { async: typeof runAsync; dispose: typeof dispose; readonly signatures: CompiledSignature[] };
}
