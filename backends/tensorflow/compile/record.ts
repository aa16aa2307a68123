/**
 * Runs a function once with the ops going into a graph.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { TensorFlowBinding } from "../binding/mod.ts";
import type { TraceInput } from "../binding/trace.ts";
import { type Nested, withLiveNumbers } from "../../compiler.ts";
import { type } from "../kernels/kernel.ts";
import { handleOf, type NodeBackend } from "../upstream.ts";
import { flatten, type Flattened } from "./structure.ts";

/** Where an input of a run comes from. */
export type Source =
  | { readonly kind: "argument"; readonly index: number }
  | { readonly kind: "variable"; readonly variable: tf.Variable }
  | { readonly kind: "tensor"; readonly id: number }
  | { readonly kind: "number"; readonly read: () => number }
  | { readonly kind: "count"; readonly source: { calls: number } };

/** A function of one signature that has been recorded. */
export interface Recorded {
  /** Shapes and types of its tensors, and the other arguments. */
  readonly signature: string;
  /** Operations in its graph. */
  readonly operations: number;
  /** How long recording took, in milliseconds. */
  readonly traceMs: number;
  /** TensorFlow's name of the function. */
  readonly name: string;
  /** Its inputs. */
  readonly sources: readonly Source[];
  /** How many of its outputs are the result. */
  readonly results: number;
  /** The variables that the outputs behind those are assigned to. */
  readonly updated: readonly tf.Variable[];
  /** How many draws each source of random numbers makes in a run. */
  readonly draws: readonly { readonly source: { calls: number }; readonly count: number }[];
  /** Makes the result of its tensors. */
  readonly rebuild: Flattened["rebuild"];
  /** tfjs' data of tensors that the function refers to: held until it is freed. */
  readonly held: readonly object[];
}

const variables = (): tf.Variable[] => Object.values(tf.engine().state.registeredVariables);

/**
 * Gives each variable that shares its data with another tensor a handle of its own: tfjs copies nothing where one
 * variable is assigned to another, and a graph's inputs are told apart by their handles.
 */
function separate(backend: NodeBackend, variables: readonly tf.Variable[]): void {
  for (const variable of variables) {
    if ((backend.tensorMap.get(variable.dataId)?.refCount ?? 1) === 1) continue;
    const own = backend.executeSingleOutput("Identity", [type("T", variable.dtype)], [variable]);
    variable.assign(own);
    own.dispose();
  }
}

/** Records `fn`; variables, counts and tensors are afterwards as they were. */
export function record(
  binding: TensorFlowBinding,
  backend: NodeBackend,
  fn: () => Nested,
  inputs: Nested[],
  { signature, frozen }: { signature: string; frozen: boolean },
): Recorded {
  const started = performance.now();
  const before = variables();
  if (!frozen) separate(backend, before);
  // What variables hold now, by the handle that it has: all are uploaded first, so that none is taken for a constant.
  const owners = new Map(before.map((variable) => [handleOf(backend, variable), variable]));
  const values = new Map(before.map((variable) => [variable, tf.keep(tf.clone(variable as tf.Tensor))]));
  const arguments_ = flatten(inputs, "arguments").tensors;
  const ids = backend.getInputTensorIds(arguments_);
  const trace = binding.beginTrace(ids, frozen);
  const kept: tf.Tensor[] = [];
  try {
    let result: Flattened = flatten([], "result");
    tf.tidy(() => {
      result = flatten(withLiveNumbers((read) => trace.standIn(read), fn), "the result");
      // Each a tensor of the graph's own, so that an argument may be given back.
      kept.push(
        ...result.tensors.map((tensor) =>
          tf.keep(backend.executeSingleOutput("Identity", [type("T", checkedType(tensor))], [tensor]))
        ),
      );
    });
    if (kept.length === 0) throw new TypeError("Expected a function that is compiled to give tensors but found none");
    const made = variables().filter((variable) => !values.has(variable));
    if (made.length > 0) {
      for (const variable of made) variable.dispose();
      throw new Error(
        `Expected a function that is compiled to use variables that exist but found that it makes ${
          made[0]?.name
        }: call it once before it is compiled`,
      );
    }
    const updated = before.filter((variable) =>
      !variable.isDisposed && values.get(variable)?.dataId !== variable.dataId
    );
    const outputs = backend.getInputTensorIds([...kept, ...updated]);
    const name = trace.toFunction(outputs);
    const held: object[] = [];
    const sources = trace.inputs.map((input, index): Source =>
      sourceOf(input, index, ids.length, owners, (id) => {
        const dataId = trace.dataOf(id);
        if (dataId === undefined) throw new Error("Expected to know the tensor that a compiled function refers to");
        backend.incRef(dataId);
        held.push(dataId);
      })
    );
    const draws = trace.inputs.flatMap((input) =>
      input.kind === "count" ? [{ source: input.source, count: input.source.calls - input.start }] : []
    );
    return {
      signature,
      operations: trace.size,
      traceMs: performance.now() - started,
      name,
      sources,
      results: kept.length,
      updated,
      draws,
      rebuild: result.rebuild,
      held,
    };
  } finally {
    for (const input of trace.inputs) if (input.kind === "count") input.source.calls = input.start;
    for (const [variable, value] of values) {
      if (!variable.isDisposed && variable.dataId !== value.dataId) variable.assign(value);
      value.dispose();
    }
    tf.dispose(kept);
    binding.endTrace();
  }
}

const RESULT_TYPES: readonly tf.DataType[] = ["float32", "int32", "bool"];

function checkedType({ dtype }: tf.Tensor): tf.DataType {
  if (RESULT_TYPES.includes(dtype)) return dtype;
  throw new TypeError(`Expected a result of ${RESULT_TYPES.join(", ")} but found ${dtype}`);
}

function sourceOf(
  input: TraceInput,
  index: number,
  argumentCount: number,
  owners: ReadonlyMap<number, tf.Variable>,
  hold: (id: number) => void,
): Source {
  if (input.kind === "count") return { kind: "count", source: input.source };
  if (input.kind === "number") return input;
  if (index < argumentCount) return { kind: "argument", index };
  const variable = owners.get(input.id);
  if (variable !== undefined) return { kind: "variable", variable };
  hold(input.id);
  return { kind: "tensor", id: input.id };
}
