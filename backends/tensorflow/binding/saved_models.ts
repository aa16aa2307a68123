/**
 * TensorFlow's SavedModels: loaded, run and freed.
 *
 * @module
 */
import { cString } from "../capi/strings.ts";
import type { Context } from "./context.ts";

interface SavedModel {
  readonly session: Deno.PointerValue;
  readonly graph: Deno.PointerValue;
}

const addressOf = (pointer: Deno.PointerValue): bigint => Deno.UnsafePointer.value(pointer);

/** Sessions by number. */
export class SavedModels {
  readonly #context: Context;
  readonly #models = new Map<number, SavedModel>();
  #next = 0;

  /** Takes the context, which others own. */
  constructor(context: Context) {
    this.#context = context;
  }

  /** Models that are loaded. */
  get size(): number {
    return this.#models.size;
  }

  /**
   * Loads the MetaGraph with `tags` (comma-separated) of a folder.
   *
   * @throws {TensorFlowError} Where there is none.
   */
  load(folder: string, tags: string): number {
    const { api, status } = this.#context;
    const texts = tags.split(",").map(cString);
    const pointers = BigUint64Array.from(texts, (text) => addressOf(Deno.UnsafePointer.of(text)));
    const options = api.TF_NewSessionOptions();
    const graph = api.TF_NewGraph();
    const session = api.TF_LoadSessionFromSavedModel(
      options,
      null,
      cString(folder),
      pointers,
      texts.length,
      graph,
      null,
      status.pointer,
    );
    api.TF_DeleteSessionOptions(options);
    try {
      status.check(() => `Failed to load SavedModel`);
    } catch (error) {
      api.TF_DeleteGraph(graph);
      throw error;
    }
    this.#models.set(this.#next, { session, graph });
    return this.#next++;
  }

  /**
   * Runs a model on tensors that the caller owns and frees; gives new ones.
   *
   * @throws {RangeError} Where a name is not in the graph.
   * @throws {TensorFlowError} Where the run fails.
   */
  run(
    id: number,
    inputs: readonly Deno.PointerValue[],
    inputNames: readonly string[],
    outputNames: readonly string[],
  ): Deno.PointerValue[] {
    const { session, graph } = this.#find(id, "SavedModel ID not found");
    const { api, status } = this.#context;
    if (inputNames.length !== inputs.length) {
      throw new RangeError(
        `Length of input op names (${inputNames.length}) does not match the length of input tensors (${inputs.length}).`,
      );
    }
    const results = new BigUint64Array(outputNames.length);
    api.TF_SessionRun(
      session,
      null,
      this.#places(graph, inputNames, "Input"),
      BigUint64Array.from(inputs, addressOf),
      inputs.length,
      this.#places(graph, outputNames, "Output"),
      results,
      results.length,
      null,
      0,
      null,
      status.pointer,
    );
    status.check(() => "Session fail to run with error");
    return Array.from(results, (address) => Deno.UnsafePointer.create(address));
  }

  /**
   * Frees a model.
   *
   * @throws {RangeError} Where there is none of that number.
   */
  delete(id: number): void {
    const { session, graph } = this.#find(id, "Delete called on a SavedModel not found");
    const { api, status } = this.#context;
    this.#models.delete(id);
    api.TF_CloseSession(session, status.pointer);
    status.check(() => "Failed to close SavedModel");
    api.TF_DeleteSession(session, status.pointer);
    status.check(() => "Failed to delete SavedModel");
    api.TF_DeleteGraph(graph);
  }

  #find(id: number, what: string): SavedModel {
    const model = this.#models.get(id);
    if (model === undefined) throw new RangeError(`${what} (savedmodel_id: ${id})`);
    return model;
  }

  /** `TF_Output`s: the address of an operation and the number of its output. */
  #places(graph: Deno.PointerValue, names: readonly string[], kind: string): BigUint64Array<ArrayBuffer> {
    const { api } = this.#context;
    return BigUint64Array.from(names.flatMap((full) => {
      const [name = "", output = "0"] = full.split(":");
      const operation = api.TF_GraphOperationByName(graph, cString(name));
      if (operation === null) throw new RangeError(`${kind} op name can not be found in the graph: ${full}`);
      return [addressOf(operation), BigInt(output)];
    }));
  }
}
