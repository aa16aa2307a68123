/**
 * Runs ops.
 *
 * @module
 */
import { Status } from "../capi/status.ts";
import { keptCString } from "../capi/strings.ts";
import { type AttributeFunctions, eagerAttributes, type OpAttribute, setAttribute } from "./attributes.ts";
import { dataTypeName } from "./constants.ts";
import type { Context } from "./context.ts";
import type { HandleTable } from "./handles.ts";

/** A tensor that an op gave. */
export interface TensorMetadata {
  /** Its number in the table of handles. */
  id: number;
  /** Its shape. */
  shape: number[];
  /** Its `TF_DataType`. */
  dtype: number;
}

/** The shape of a handle that has one: everything but results of ops that run elsewhere and are not there yet. */
export function shapeOf({ api, status }: Context, handle: Deno.PointerValue): number[] {
  const rank = api.TFE_TensorHandleNumDims(handle, status.pointer);
  status.check(() => "Expected a tensor with a shape but TensorFlow failed");
  const shape = new Array<number>(rank);
  for (let axis = 0; axis < rank; axis++) shape[axis] = Number(api.TFE_TensorHandleDim(handle, axis, status.pointer));
  return shape;
}

/** A handle as a reader would write it: `FLOAT [2,8,8,3]`. */
export function describeHandle(context: Context, handle: Deno.PointerValue): string {
  return `${dataTypeName(context.api.TFE_TensorHandleDataType(handle))} [${shapeOf(context, handle)}]`;
}

/** Runs ops of a context on the tensors of a table. */
export class Executor {
  readonly #context: Context;
  readonly #handles: HandleTable;
  /** Where TensorFlow puts the outputs of a synchronous call, and their number. */
  readonly #outputs = new BigUint64Array(64);
  readonly #count = new Int32Array(1);
  readonly #attributes: AttributeFunctions;

  /** Takes the context and the table, which others own. */
  constructor(context: Context, handles: HandleTable) {
    this.#context = context;
    this.#handles = handles;
    this.#attributes = eagerAttributes(context.api, context.status);
  }

  /**
   * Runs an op in this thread; on the CPU it is done when this returns.
   *
   * @throws {TensorFlowError} Where TensorFlow refuses it or fails; nothing is left behind.
   */
  execute(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    outputCount: number,
  ): TensorMetadata[] {
    const { api, status } = this.#context;
    const op = this.#op(name, attributes, inputs);
    try {
      const outputs = outputCount <= this.#outputs.length ? this.#outputs : new BigUint64Array(outputCount);
      this.#count[0] = outputCount;
      api.TFE_Execute(op, outputs, this.#count, status.pointer);
      status.check(() => this.#call(name, inputs));
      return this.#take(outputs, this.#count[0] ?? 0);
    } finally {
      api.TFE_DeleteOp(op);
    }
  }

  /**
   * Runs an op on another thread, while the event loop goes on. Its inputs may be
   * disposed meanwhile.
   *
   * @throws {TensorFlowError} As {@linkcode Executor.execute}.
   */
  async executeAsync(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    outputCount: number,
  ): Promise<TensorMetadata[]> {
    const { api } = this.#context;
    const op = this.#op(name, attributes, inputs);
    const what = this.#call(name, inputs);
    const status = new Status(api);
    try {
      const [outputs, count] = [new BigUint64Array(outputCount), new Int32Array([outputCount])];
      await api.TFE_ExecuteAsync(op, outputs, count, status.pointer);
      status.check(() => what);
      return this.#take(outputs, count[0] ?? 0);
    } finally {
      api.TFE_DeleteOp(op);
      status.free();
    }
  }

  /** The op with its inputs (which it holds on to) and attributes; the caller frees it. */
  #op(name: string, attributes: readonly OpAttribute[], inputs: readonly number[]): Deno.PointerValue {
    const { api, status, pointer, placement } = this.#context;
    const op = api.TFE_NewOp(pointer, keptCString(name), status.pointer);
    status.check(() => name);
    try {
      if (placement !== undefined) {
        api.TFE_OpSetDevice(op, placement, status.pointer);
        status.check(() => name);
      }
      for (const id of inputs) {
        api.TFE_OpAddInput(op, this.#handles.get(id), status.pointer);
        status.check(() => this.#call(name, inputs));
      }
      for (const attribute of attributes) setAttribute(op, attribute, this.#attributes);
      return op;
    } catch (error) {
      api.TFE_DeleteOp(op);
      throw error;
    }
  }

  #take(outputs: BigUint64Array, count: number): TensorMetadata[] {
    const metadata = new Array<TensorMetadata>(count);
    for (let i = 0; i < count; i++) {
      metadata[i] = this.describe(this.#handles.add(Deno.UnsafePointer.create(outputs[i] ?? 0n)));
    }
    return metadata;
  }

  /** What tfjs-node wants to know of a tensor. */
  describe(id: number): TensorMetadata {
    const handle = this.#handles.get(id);
    return { id, shape: shapeOf(this.#context, handle), dtype: this.#context.api.TFE_TensorHandleDataType(handle) };
  }

  /** The call as a reader would write it: `Conv2D(FLOAT [2,8,8,3], FLOAT [3,3,3,5])`. */
  #call(name: string, inputs: readonly number[]): string {
    const describe = (id: number) => describeHandle(this.#context, this.#handles.get(id));
    return `${name}(${inputs.map(describe).join(", ")})`;
  }
}
