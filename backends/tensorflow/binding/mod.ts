/**
 * What tfjs-node's kernels call their binding, over libtensorflow's C API: the
 * place of tfjs-node's native addon.
 *
 * @module
 */
import { Status } from "../capi/status.ts";
import { cString } from "../capi/strings.ts";
import type { OpAttribute } from "./attributes.ts";
import { ATTRIBUTE_TYPES, DATA_TYPES } from "./constants.ts";
import type { Context } from "./context.ts";
import { Executor, type TensorMetadata } from "./execute.ts";
import { HandleTable } from "./handles.ts";
import { readInputCounts } from "./op_inputs.ts";
import { SavedModels } from "./saved_models.ts";
import { createHandle, takeValues, type Values } from "./tensors.ts";
import { isSymbolic, Trace } from "./trace.ts";

export type { OpAttribute } from "./attributes.ts";
export type { TensorMetadata } from "./execute.ts";
export type { Values } from "./tensors.ts";

type Constants = typeof DATA_TYPES & typeof ATTRIBUTE_TYPES;

/** tfjs-node's `TFJSBinding`, and what goes beyond it: reads and ops that leave the event loop free. */
export interface TensorFlowBinding extends Constants {
  /** The version of the library: `2.21.0`. */
  readonly TF_Version: string;
  /** Where ops run. */
  readonly context: Context;
  /** Makes a tensor of a copy of `values`, on the current device. */
  createTensor(shape: number[], dtype: number, values: Values): number;
  /** Frees a tensor. */
  deleteTensor(id: number): void;
  /** A copy of a tensor's values, once they are there. */
  tensorDataSync(id: number): Values | BigInt64Array;
  /** As `tensorDataSync`, without holding up the event loop. */
  tensorData(id: number): Promise<Values | BigInt64Array>;
  /** The full name of the device that a tensor lies on. */
  tensorDevice(id: number): string;
  /** Runs an op in this thread. */
  executeOp(name: string, attributes: readonly OpAttribute[], inputs: number[], outputCount: number): TensorMetadata[];
  /** Runs an op on another thread. */
  executeOpAsync(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: number[],
    outputCount: number,
  ): Promise<TensorMetadata[]>;
  /** The function under construction: ops are recorded into it in place of running. */
  readonly trace: Trace | undefined;
  /** Begins to record; `inputs` are the first inputs of the function, and the only ones where it is `frozen`. */
  beginTrace(inputs: readonly number[], frozen?: boolean): Trace;
  /** Ends recording, and frees what was disposed meanwhile. */
  endTrace(): void;
  /** Runs a function of a trace: as `executeOp`. */
  runFunction(name: string, inputs: readonly number[], outputCount: number, config?: FunctionConfig): TensorMetadata[];
  /** Runs a function of a trace: as `executeOpAsync`. */
  runFunctionAsync(
    name: string,
    inputs: readonly number[],
    outputCount: number,
    config?: FunctionConfig,
  ): Promise<TensorMetadata[]>;
  /** Frees a function of a trace. */
  deleteFunction(name: string): void;
  /** Loads a SavedModel. */
  loadSavedModel(folder: string, tags: string): number;
  /** Runs a SavedModel; names are separated by commas. */
  runSavedModel(id: number, inputs: number[], inputNames: string, outputNames: string): TensorMetadata[];
  /** Frees a SavedModel. */
  deleteSavedModel(id: number): void;
  /** SavedModels that are loaded. */
  getNumOfSavedModels(): number;
  /** Tensors that are alive. */
  getNumOfTensors(): number;
  /** Whether ops run on a GPU. */
  isUsingGpuDevice(): boolean;
}

/** How a function is run. */
export interface FunctionConfig {
  /** A serialised `ConfigProto`: what grappler may do to the graph. */
  readonly config?: Uint8Array<ArrayBuffer>;
  /** Whether XLA has to compile it. */
  readonly jit?: boolean;
}

/** Types whose tensors stay in the host's memory whatever the device: ops on them run there. */
const HOST_TYPES: readonly number[] = [DATA_TYPES.TF_INT32, DATA_TYPES.TF_STRING];

/** The binding of a context. */
export function createBinding(context: Context, version: string): TensorFlowBinding {
  const { api, status } = context;
  const handles = new HandleTable(api);
  const executor = new Executor(context, handles);
  const savedModels = new SavedModels(context);
  let trace: Trace | undefined;
  let inputCounts: Map<string, number> | undefined;

  /** Where a value is asked for that does not exist: while recording, or of a tensor that was recorded. */
  const refuseRead = (id: number): void => {
    if (trace === undefined && !isSymbolic(id)) return;
    throw new Error(
      "Expected no value to be read in a function that is compiled but found one: values exist only when it runs",
    );
  };

  const resolve = (handle: Deno.PointerValue): Deno.PointerValue => {
    const tensor = api.TFE_TensorHandleResolve(handle, status.pointer);
    status.check(() => "Expected a tensor's values but TensorFlow failed");
    return tensor;
  };

  const deviceOf = (handle: Deno.PointerValue): string => {
    const name = Deno.UnsafePointerView.getCString(
      api.TFE_TensorHandleBackingDeviceName(handle, status.pointer) ?? unnamed(),
    );
    status.check(() => "Expected a tensor on a device but TensorFlow failed");
    return name;
  };

  return {
    ...DATA_TYPES,
    ...ATTRIBUTE_TYPES,
    TF_Version: version,
    context,

    createTensor(shape, dtype, values) {
      const handle = createHandle(context, shape, dtype, values);
      const add = (handle: Deno.PointerValue): number => {
        const id = handles.add(handle);
        trace?.made(id);
        return id;
      };
      if (context.device.type === "cpu" || HOST_TYPES.includes(dtype)) return add(handle);
      const name = new TextEncoder().encode(`${context.device.name}\0`);
      const copy = api.TFE_TensorHandleCopyToDevice(handle, context.pointer, name, status.pointer);
      api.TFE_DeleteTensorHandle(handle);
      status.check(() => `Expected a tensor of shape [${shape}] on ${context.device.name} but TensorFlow failed`);
      return add(copy);
    },

    deleteTensor(id) {
      if (trace !== undefined) trace.discard(id);
      else if (!isSymbolic(id)) handles.delete(id);
    },

    tensorDataSync(id) {
      refuseRead(id);
      const handle = handles.get(id, READ);
      return takeValues(api, resolve(handle), api.TFE_TensorHandleDataType(handle));
    },

    async tensorData(id) {
      refuseRead(id);
      // In the host's memory the values are there already, or an op of this thread is still to come.
      if (deviceOf(handles.get(id, READ)).includes(":CPU:")) return this.tensorDataSync(id);
      return await handles.using(id, READ, async (handle) => {
        const own = new Status(api);
        try {
          const tensor = await api.TFE_TensorHandleResolveAsync(handle, own.pointer);
          own.check(() => "Expected a tensor's values but TensorFlow failed");
          return takeValues(api, tensor, api.TFE_TensorHandleDataType(handle));
        } finally {
          own.free();
        }
      });
    },

    tensorDevice: (id) => deviceOf(handles.get(id)),

    executeOp(name, attributes, inputs, outputCount) {
      checkCall(name, attributes, inputs, outputCount);
      if (trace !== undefined) return trace.record(name, attributes, inputs, outputCount);
      return executor.execute(name, attributes, inputs, outputCount);
    },

    async executeOpAsync(name, attributes, inputs, outputCount) {
      checkCall(name, attributes, inputs, outputCount);
      inputCounts ??= readInputCounts(api);
      const most = inputCounts.get(name);
      if (most !== undefined && inputs.length > most) {
        throw new RangeError(`Expected ${name} to get ${most} inputs at most but found ${inputs.length}`);
      }
      if (trace !== undefined) {
        throw new Error(`Expected ${name} to run at once in a function that is compiled but found it asynchronous`);
      }
      return await executor.executeAsync(name, attributes, inputs, outputCount);
    },

    get trace() {
      return trace;
    },
    beginTrace(inputs, frozen) {
      if (trace !== undefined) throw new Error("Expected one function to be compiled at a time but found two");
      trace = new Trace(context, handles, inputs, frozen);
      return trace;
    },
    endTrace() {
      const discarded = trace?.end() ?? [];
      trace = undefined;
      for (const id of discarded) handles.delete(id);
    },
    runFunction(name, inputs, outputCount, config = {}) {
      if (trace !== undefined) throw nested();
      return executor.execute(name, functionAttributes(config), inputs, outputCount);
    },
    async runFunctionAsync(name, inputs, outputCount, config = {}) {
      if (trace !== undefined) throw nested();
      return await executor.executeAsync(name, functionAttributes(config), inputs, outputCount);
    },
    deleteFunction(name) {
      api.TFE_ContextRemoveFunction(context.pointer, cString(name), status.pointer);
      status.check(() => `Expected function ${name} to be freed but TensorFlow failed`);
    },

    loadSavedModel: (folder, tags) => savedModels.load(folder, tags),
    deleteSavedModel: (id) => savedModels.delete(id),
    getNumOfSavedModels: () => savedModels.size,

    runSavedModel(id, inputs, inputNames, outputNames) {
      const tensors: Deno.PointerValue[] = [];
      try {
        for (const input of inputs) tensors.push(resolve(handles.get(input)));
        return savedModels.run(id, tensors, inputNames.split(","), outputNames.split(",")).map((tensor) => {
          const handle = api.TFE_NewTensorHandle(tensor, status.pointer);
          api.TF_DeleteTensor(tensor);
          status.check(() => "Expected a tensor of a SavedModel's output but TensorFlow failed");
          return executor.describe(handles.add(handle));
        });
      } finally {
        for (const tensor of tensors) api.TF_DeleteTensor(tensor);
      }
    },

    getNumOfTensors: () => handles.size,
    isUsingGpuDevice: () => context.device.type === "gpu",
  };
}

const nested = (): Error => new Error("Expected no compiled function within another but found one");

function functionAttributes({ config, jit = false }: FunctionConfig): OpAttribute[] {
  return [
    ...(config === undefined ? [] : [{ name: "config_proto", type: ATTRIBUTE_TYPES.TF_ATTR_STRING, value: config }]),
    ...(jit ? [{ name: "_XlaMustCompile", type: ATTRIBUTE_TYPES.TF_ATTR_BOOL, value: true }] : []),
  ];
}

const READ = "Get data called on a Tensor not referenced";

function unnamed(): never {
  throw new Error("Expected a tensor on a device but found one without");
}

function checkCall(name: unknown, attributes: unknown, inputs: unknown, outputCount: unknown): void {
  if (
    typeof name !== "string" || !Array.isArray(attributes) || !Array.isArray(inputs) ||
    !Number.isInteger(outputCount) || (outputCount as number) < 0
  ) {
    throw new TypeError(
      "Expected a name, a list of attributes, a list of tensor ids and a number of outputs but found " +
        [name, attributes, inputs, outputCount].map((argument) => typeof argument).join(", "),
    );
  }
}
