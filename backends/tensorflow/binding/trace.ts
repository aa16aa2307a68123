/**
 * Records ops into a graph in place of running them.
 *
 * @module
 */
import type { OpAttribute } from "./attributes.ts";
import { DATA_TYPES, dataTypeName } from "./constants.ts";
import type { Context } from "./context.ts";
import { describeHandle, shapeOf, type TensorMetadata } from "./execute.ts";
import { Graph, type GraphTensor, type Output } from "./graph.ts";
import type { HandleTable } from "./handles.ts";
import { takeValues } from "./tensors.ts";

/** Numbers of tensors that exist in a graph only begin here; those of handles never get so far. */
const SYMBOLIC = 2 ** 40;

/** Whether a tensor exists in a graph only. */
export const isSymbolic = (id: number): boolean => id >= SYMBOLIC;

/** The first number that stands for another one: float32 has it to the last bit, and nobody writes it. */
const STAND_IN = Math.fround(0.0137919423);

let next = SYMBOLIC;
let functions = 0;

/** What counts draws of random numbers. */
interface Counter {
  calls: number;
}

/**
 * An input of a function: a tensor that there was before, the count of a source of random numbers, or a number that
 * JavaScript knows.
 */
export type TraceInput =
  | { readonly kind: "handle"; readonly id: number }
  | { readonly kind: "number"; readonly read: () => number }
  | { readonly kind: "count"; readonly source: Counter; readonly start: number };

/** An op that was recorded. */
export interface Recording {
  /** TensorFlow's name. */
  readonly name: string;
  /** As they were given. */
  readonly attributes: readonly OpAttribute[];
  /** The numbers of its inputs. */
  readonly inputs: readonly number[];
}

/** Values that are too many for a constant that gains nothing from being one. */
const LARGE = 2 ** 18;

/** One function under construction. */
export class Trace {
  /** Whether what there was before is a constant of the function, but for its arguments. */
  readonly frozen: boolean;
  readonly #context: Context;
  readonly #handles: HandleTable;
  readonly #graph: Graph;
  readonly #symbols = new Map<number, GraphTensor>();
  /** What a handle is in the graph: an input or a constant. */
  readonly #known = new Map<number, Output>();
  readonly #inputs: { readonly input: TraceInput; readonly output: Output }[] = [];
  readonly #numbers = new Map<() => number, number>();
  /** By the constant that is read anew: what it is then, and whether it was met. */
  readonly #standIns = new Map<
    number,
    { readonly read: () => number; readonly negated: () => number; isMet: boolean }
  >();
  readonly #producers = new Map<number, Recording>();
  readonly #counts = new Map<Counter, { readonly id: number; readonly start: number }>();
  /** tfjs' data of each handle that was an input of an op. */
  readonly #data = new Map<number, object>();
  readonly #made = new Set<number>();
  readonly #discarded = new Set<number>();

  /** Begins; `arguments` are the first inputs, in their order. */
  constructor(context: Context, handles: HandleTable, inputs: readonly number[], frozen = false) {
    this.frozen = frozen;
    this.#context = context;
    this.#handles = handles;
    this.#graph = new Graph(context);
    for (const id of inputs) this.#input(id);
  }

  /** The arguments, then what else was used of what there was before, and counts of draws. */
  get inputs(): TraceInput[] {
    return this.#inputs.map(({ input }) => input);
  }

  /** Takes note of what tfjs calls a handle. */
  see(id: number, dataId: object): void {
    this.#data.set(id, dataId);
  }

  /** What tfjs calls a handle that was used. */
  dataOf(id: number): object | undefined {
    return this.#data.get(id);
  }

  /** The number of a draw, as it will be in each run: `call` is what it is now. */
  draw(source: Counter, call: number): TensorMetadata & { readonly ahead: number } {
    let count = this.#counts.get(source);
    if (count === undefined) {
      const input = { kind: "count", source, start: call } as const;
      count = { id: this.#scalar(DATA_TYPES.TF_INT32, input, "a count of draws"), start: call };
      this.#counts.set(source, count);
    }
    return { id: count.id, shape: [], dtype: DATA_TYPES.TF_INT32, ahead: call - count.start };
  }

  /** What `read` gives, in each run anew: a float32 scalar. */
  number(read: () => number): TensorMetadata {
    const id = this.#numbers.get(read) ?? this.#scalar(DATA_TYPES.TF_FLOAT, { kind: "number", read }, "a number");
    this.#numbers.set(read, id);
    return { id, shape: [], dtype: DATA_TYPES.TF_FLOAT };
  }

  /** A number in the place of what `read` gives: where a scalar that is made has it or its negative, each run reads it. */
  standIn(read: () => number): number {
    const value = STAND_IN * (1 + this.#standIns.size);
    this.#standIns.set(value, { read, negated: () => -read(), isMet: false });
    return value;
  }

  /** The op that gave a tensor, if it was recorded here. */
  producer(id: number): Recording | undefined {
    return this.#producers.get(id);
  }

  /** The shape of a tensor, whether it was recorded here or there was before. */
  shapeOf(id: number): readonly number[] {
    return this.#symbols.get(id)?.shape ?? shapeOf(this.#context, this.#handles.get(id));
  }

  /** Operations so far. */
  get size(): number {
    return this.#graph.size;
  }

  /** Adds an op; its outputs exist in the graph only. */
  record(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    outputCount: number,
  ): TensorMetadata[] {
    const what = () => `${name}(${inputs.map((id) => this.#describe(id)).join(", ")})`;
    const outputs = inputs.map((id) => this.#outputOf(id));
    return this.#graph.operation(name, attributes, outputs, outputCount, what).map((tensor) => {
      const id = next++;
      this.#symbols.set(id, tensor);
      this.#producers.set(id, { name, attributes, inputs });
      return { id, shape: [...tensor.shape ?? []], dtype: tensor.dtype };
    });
  }

  /** Takes note of a handle that was made meanwhile: it is a constant of the function. */
  made(id: number): void {
    this.#made.add(id);
  }

  /** Takes note of a handle that was disposed meanwhile; it lives until the end. */
  discard(id: number): void {
    if (!isSymbolic(id)) this.#discarded.add(id);
  }

  /** Makes the function that gives `outputs`; gives its name. The trace is over afterwards. */
  toFunction(outputs: readonly number[]): string {
    if ([...this.#standIns.values()].some(({ isMet }) => !isMet)) {
      throw new Error("Expected a number that changes to be a constant of a function that is compiled but found none");
    }
    const name = `convbench_${functions++}`;
    this.#graph.toFunction(name, this.#inputs.map(({ output }) => output), outputs.map((id) => this.#outputOf(id)));
    return name;
  }

  /** Ends the trace; gives the handles that were disposed meanwhile. */
  end(): number[] {
    this.#graph.free();
    return [...this.#discarded];
  }

  #outputOf(id: number): Output {
    const symbol = this.#symbols.get(id);
    if (symbol !== undefined) {
      // tfjs needs shapes at once; one that is not used may do without (what BatchNorm reserves for its gradient).
      if (symbol.shape === undefined) {
        throw new RangeError(
          `Expected a function that is compiled to have shapes that do not depend on values but found ${symbol.what()}`,
        );
      }
      return symbol.output;
    }
    if (isSymbolic(id)) throw new RangeError("Expected a tensor of this function but found one of another trace");
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    if (!this.#made.has(id) && (!this.frozen || this.#isLargeMatrix(id))) return this.#input(id);
    const constant = this.#live(id) ?? this.#graph.constant(this.#handles.get(id));
    this.#known.set(id, constant);
    return constant;
  }

  /**
   * Whether to keep it out of the graph, which each pass of grappler's copies: a product gains nothing from a constant,
   * and with the 411 MB of VGG's first dense layer they took a minute.
   */
  #isLargeMatrix(id: number): boolean {
    const [rows = 0, columns = 0, ...others] = shapeOf(this.#context, this.#handles.get(id));
    return others.length === 0 && rows * columns >= LARGE;
  }

  /** The input that a constant is, where it stands for a number that is read anew. */
  #live(id: number): Output | undefined {
    const { api, status } = this.#context;
    const handle = this.#handles.get(id);
    if (this.#standIns.size === 0 || !this.#made.has(id)) return undefined;
    if (api.TFE_TensorHandleDataType(handle) !== DATA_TYPES.TF_FLOAT || shapeOf(this.#context, handle).length > 0) {
      return undefined;
    }
    const tensor = api.TFE_TensorHandleResolve(handle, status.pointer);
    status.check(() => "Expected the value of a constant but TensorFlow failed");
    const value = Number(takeValues(api, tensor, DATA_TYPES.TF_FLOAT)[0]);
    for (const [standIn, found] of this.#standIns) {
      if (Math.fround(standIn) !== Math.abs(value)) continue;
      found.isMet = true;
      return this.#symbols.get(this.number(value < 0 ? found.negated : found.read).id)?.output;
    }
    return undefined;
  }

  #scalar(dtype: number, input: TraceInput, what: string): number {
    const [id, output] = [next++, this.#graph.placeholder(dtype, [])];
    this.#symbols.set(id, { output, shape: [], dtype, what: () => what });
    this.#inputs.push({ input, output });
    return id;
  }

  #input(id: number): Output {
    const { api } = this.#context;
    const handle = this.#handles.get(id);
    const output = this.#graph.placeholder(api.TFE_TensorHandleDataType(handle), shapeOf(this.#context, handle));
    this.#known.set(id, output);
    this.#inputs.push({ input: { kind: "handle", id }, output });
    return output;
  }

  #describe(id: number): string {
    const symbol = this.#symbols.get(id);
    if (symbol !== undefined) return `${dataTypeName(symbol.dtype)} [${symbol.shape}]`;
    return describeHandle(this.#context, this.#handles.get(id));
  }
}
