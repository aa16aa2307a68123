/**
 * TensorFlow's tensors by number, as tfjs-node's kernels know them.
 *
 * @module
 */
import type { CApi } from "../capi/symbols.ts";

interface Handle {
  readonly pointer: Deno.PointerValue;
  /** Calls on other threads that use it. */
  users: number;
  deleted: boolean;
}

/** Owns `TFE_TensorHandle`s: what is added is freed by `delete()`, once nobody uses it any more. */
export class HandleTable {
  readonly #api: CApi;
  readonly #handles = new Map<number, Handle>();
  #next = 0;
  #lingering = 0;

  /** An empty table. */
  constructor(api: CApi) {
    this.#api = api;
  }

  /** Handles alive: in the table, or deleted while a call still uses them. */
  get size(): number {
    return this.#handles.size + this.#lingering;
  }

  /** Takes ownership of `pointer`; gives its number. */
  add(pointer: Deno.PointerValue): number {
    this.#handles.set(this.#next, { pointer, users: 0, deleted: false });
    return this.#next++;
  }

  /**
   * The handle of that number.
   *
   * @throws {RangeError} Where there is none.
   */
  get(id: number, what = "Input Tensor ID not referenced"): Deno.PointerValue {
    return this.#find(id, what).pointer;
  }

  /**
   * Frees the handle of that number.
   *
   * @throws {RangeError} Where there is none.
   */
  delete(id: number): void {
    const handle = this.#find(id, "Delete called on a Tensor not referenced");
    this.#handles.delete(id);
    if (handle.users === 0) return this.#api.TFE_DeleteTensorHandle(handle.pointer);
    handle.deleted = true;
    this.#lingering++;
  }

  /** Runs `use` with the handle of that number, which lives until its promise is settled. */
  async using<T>(id: number, what: string, use: (pointer: Deno.PointerValue) => Promise<T>): Promise<T> {
    const handle = this.#find(id, what);
    handle.users++;
    try {
      return await use(handle.pointer);
    } finally {
      handle.users--;
      if (handle.users === 0 && handle.deleted) {
        this.#lingering--;
        this.#api.TFE_DeleteTensorHandle(handle.pointer);
      }
    }
  }

  #find(id: number, what: string): Handle {
    const handle = this.#handles.get(id);
    if (handle === undefined) throw new RangeError(`${what} (tensor_id: ${id})`);
    return handle;
  }
}
