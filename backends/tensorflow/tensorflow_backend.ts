/**
 * tfjs-node's backend with what it lacks: reads that leave the event loop free,
 * and a net under tensors that nobody disposed.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { watchArrays } from "../host_arrays.ts";
import type { TensorFlowBinding } from "./binding/mod.ts";
import type { CompiledFunction, CompileOptions, Compiler, Nested } from "../compiler.ts";
import { compileOn } from "./compile/compile.ts";
import type { NodeBackend, TensorData } from "./upstream.ts";

/**
 * What tfjs-node keeps of each tensor. Where JavaScript collects a tensor that was
 * never disposed, TensorFlow's memory goes with it; tfjs' own count does not know.
 */
class OwnedTensors extends tf.DataStorage<TensorData> {
  readonly #lost: FinalizationRegistry<TensorData>;

  constructor(backend: tf.KernelBackend, binding: TensorFlowBinding) {
    super(backend, tf.engine());
    this.#lost = new FinalizationRegistry(({ id }) => {
      if (id >= 0) binding.deleteTensor(id);
    });
  }

  override set(dataId: tf.DataId, data: TensorData): void {
    super.set(dataId, data);
    this.#lost.register(dataId, data, data);
  }

  override delete(dataId: tf.DataId): boolean {
    if (this.has(dataId)) this.#lost.unregister(this.get(dataId));
    return super.delete(dataId);
  }
}

/** The backend over `binding`; `Upstream` is tfjs-node's class. */
export function createTensorFlowBackend(
  Upstream: new (binding: TensorFlowBinding, packageName: string) => NodeBackend,
  binding: TensorFlowBinding,
): NodeBackend {
  class TensorFlowBackend extends Upstream implements Compiler {
    compile<Arguments extends Nested[], Result extends Nested>(
      fn: (...inputs: Arguments) => Result,
      options?: CompileOptions,
    ): CompiledFunction<Arguments, Result> {
      return compileOn(this, fn, options);
    }

    override async read(dataId: tf.DataId): Promise<tf.backend_util.BackendValues> {
      const { values, id } = this.tensorMap.get(dataId);
      return values ?? await this.binding.tensorData(id) as tf.backend_util.BackendValues;
    }

    /** As tfjs-node's; a function under construction is told what tfjs calls its inputs. */
    override getInputTensorIds(inputs: tf.TensorInfo[]): number[] {
      const ids = super.getInputTensorIds(inputs);
      const { trace } = this.binding;
      if (trace !== undefined) { for (const [i, id] of ids.entries()) trace.see(id, inputs[i]?.dataId ?? {}); }
      return ids;
    }

    /** As tfjs-node's, which leaves the inputs that it converted behind where the run fails. */
    override runSavedModel(
      id: number,
      inputs: tf.Tensor[],
      infos: tf.ModelTensorInfo[],
      outputNames: string[],
    ): tf.Tensor[] {
      const { tensorIds, newTensors } = this.getMappedInputTensorIds(inputs, infos);
      try {
        return this.binding.runSavedModel(
          id,
          tensorIds,
          infos.map(({ name }) => name).join(","),
          outputNames.join(","),
        ).map((metadata) => this.createOutputTensor(metadata));
      } finally {
        for (const i of newTensors) this.binding.deleteTensor(tensorIds[i] ?? -1);
      }
    }
  }
  const backend = new TensorFlowBackend(binding, "@tensorflow/tfjs-node-gpu");
  backend.tensorMap = new OwnedTensors(backend, binding);
  watchArrays(backend);
  return backend;
}
