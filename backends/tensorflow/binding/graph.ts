/**
 * A graph of TensorFlow's under construction, which becomes a function.
 *
 * @module
 */
import { cString, keptCString } from "../capi/strings.ts";
import { type AttributeFunctions, graphAttributes, type OpAttribute, setAttribute } from "./attributes.ts";
import type { Context } from "./context.ts";

/** A `TF_Output`: the address of an operation and the number of its output, as C lays them out. */
export type Output = Uint8Array<ArrayBuffer>;

/** What an operation of a graph gives. */
export interface GraphTensor {
  /** Where it comes from. */
  readonly output: Output;
  /** Its shape, as TensorFlow infers it; undefined where it depends on values. */
  readonly shape: number[] | undefined;
  /** What made it, as a reader would write it. */
  readonly what: () => string;
  /** Its `TF_DataType`. */
  readonly dtype: number;
}

/** `sizeof(TF_Output)`. */
const OUTPUT_BYTES = 16;

function outputOf(operation: Deno.PointerValue, index: number): Output {
  const bytes = new Uint8Array(OUTPUT_BYTES);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, Deno.UnsafePointer.value(operation), true);
  view.setInt32(8, index, true);
  return bytes;
}

function pack(outputs: readonly Output[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(OUTPUT_BYTES * outputs.length);
  outputs.forEach((output, i) => bytes.set(output, OUTPUT_BYTES * i));
  return bytes;
}

/** Owns a `TF_Graph`; whoever makes one frees it. */
export class Graph {
  readonly #context: Context;
  readonly #attributes: AttributeFunctions;
  readonly #graph: Deno.PointerValue;
  #operations = 0;

  /** An empty graph. */
  constructor(context: Context) {
    this.#context = context;
    this.#attributes = graphAttributes(context.api);
    this.#graph = context.api.TF_NewGraph();
  }

  /** Operations so far. */
  get size(): number {
    return this.#operations;
  }

  /** An input of the function. */
  placeholder(dtype: number, shape: readonly number[]): Output {
    const operation = this.#new("Placeholder");
    this.#attributes.type(operation, keptCString("dtype"), dtype);
    const dims = BigInt64Array.from(shape, (size) => BigInt(size));
    this.#attributes.shape(operation, keptCString("shape"), dims, dims.length);
    return outputOf(this.#finish(operation, "Placeholder"), 0);
  }

  /** The value that `handle` has now. */
  constant(handle: Deno.PointerValue): Output {
    const { api, status } = this.#context;
    const tensor = api.TFE_TensorHandleResolve(handle, status.pointer);
    status.check(() => "Expected the value of a constant but TensorFlow failed");
    const operation = this.#new("Const");
    api.TF_SetAttrTensor(operation, keptCString("value"), tensor, status.pointer);
    api.TF_DeleteTensor(tensor);
    status.check(() => "Expected a constant but TensorFlow failed");
    this.#attributes.type(operation, keptCString("dtype"), api.TFE_TensorHandleDataType(handle));
    return outputOf(this.#finish(operation, "Const"), 0);
  }

  /**
   * Adds an operation; `what` says it as a reader would write it.
   *
   * @throws {TensorFlowError} Where TensorFlow refuses it.
   */
  operation(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly Output[],
    outputCount: number,
    what: () => string,
  ): GraphTensor[] {
    const { api } = this.#context;
    const operation = this.#new(name);
    // The inputs of an op with the attribute N begin with a list of that length.
    const listed = attributes.find((attribute) => attribute.name === "N")?.value;
    const length = typeof listed === "number" ? listed : 0;
    if (length > 0) api.TF_AddInputList(operation, pack(inputs.slice(0, length)), length);
    for (const input of inputs.slice(length)) api.TF_AddInput(operation, input);
    for (const attribute of attributes) {
      if (attribute.name !== "N") setAttribute(operation, attribute, this.#attributes);
    }
    const finished = this.#finish(operation, what);
    return Array.from({ length: outputCount }, (_, i) => {
      const output = outputOf(finished, i);
      return { output, shape: this.#shapeOf(output, what), dtype: api.TF_OperationOutputType(output), what };
    });
  }

  /**
   * Makes the graph a function of the context, under `name`.
   *
   * @throws {TensorFlowError} Where TensorFlow cannot.
   */
  toFunction(name: string, inputs: readonly Output[], outputs: readonly Output[]): void {
    const { api, status, pointer } = this.#context;
    const made = api.TF_GraphToFunction(
      this.#graph,
      cString(name),
      0,
      -1,
      null,
      inputs.length,
      pack(inputs),
      outputs.length,
      pack(outputs),
      null,
      null,
      null,
      status.pointer,
    );
    status.check(() => `Expected the graph to become a function but TensorFlow failed`);
    api.TFE_ContextAddFunction(pointer, made, status.pointer);
    api.TF_DeleteFunction(made);
    status.check(() => `Expected the function to be added but TensorFlow failed`);
  }

  /** Frees it. */
  free(): void {
    this.#context.api.TF_DeleteGraph(this.#graph);
  }

  #new(name: string): Deno.PointerValue {
    return this.#context.api.TF_NewOperation(this.#graph, keptCString(name), cString(`${name}_${this.#operations++}`));
  }

  #finish(operation: Deno.PointerValue, what: string | (() => string)): Deno.PointerValue {
    const { api, status } = this.#context;
    const finished = api.TF_FinishOperation(operation, status.pointer);
    status.check(() => typeof what === "string" ? what : what());
    return finished;
  }

  #shapeOf(output: Output, what: () => string): number[] | undefined {
    const { api, status } = this.#context;
    const rank = api.TF_GraphGetTensorNumDims(this.#graph, output, status.pointer);
    status.check(what);
    const dims = new BigInt64Array(Math.max(rank, 0));
    if (rank > 0) api.TF_GraphGetTensorShape(this.#graph, output, dims, rank, status.pointer);
    status.check(what);
    return rank < 0 || dims.some((size) => size < 0n) ? undefined : Array.from(dims, Number);
  }
}
