/**
 * TensorFlow's outcome of a call, turned into an error.
 *
 * @module
 */
import { keptCString, textAt } from "./strings.ts";
import type { CApi } from "./symbols.ts";

/** The names of `TSL_Code`, by number (tsl/c/tsl_status.h). */
const CODES: readonly string[] = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
];

/** What TensorFlow refused or failed at. */
export class TensorFlowError extends Error {
  /** Its name. */
  override readonly name: string = "TensorFlowError";
  /** TensorFlow's name for the kind of failure: `INVALID_ARGUMENT`. */
  readonly code: string;

  /** An error with TensorFlow's own message behind `what` was tried. */
  constructor(what: string, code: number, message: string) {
    super(`${what}: ${message}`);
    this.code = CODES[code] ?? `code ${code}`;
  }
}

/** A `TF_Status`: passed to calls, asked afterwards. */
export class Status {
  /** What calls take. */
  readonly pointer: Deno.PointerValue;
  readonly #api: CApi;

  /** Makes one; the owner frees it. */
  constructor(api: CApi) {
    this.#api = api;
    this.pointer = api.TF_NewStatus();
  }

  /** Throws where the call before failed; the status is fresh again. */
  check(what: () => string): void {
    const code = this.#api.TF_GetCode(this.pointer);
    if (code === 0) return;
    const message = textAt(this.#api.TF_Message(this.pointer));
    this.#api.TF_SetStatus(this.pointer, 0, keptCString(""));
    throw new TensorFlowError(what(), code, message);
  }

  /** Frees it. */
  free(): void {
    this.#api.TF_DeleteStatus(this.pointer);
  }
}
