/**
 * What the page and its workers tell each other. Both are of one build and one origin:
 * nothing has to be checked.
 *
 * @module
 */
import type { BackendInfo } from "../../backends/select.ts";
import type { Job, Message } from "../sampler/messages.ts";

/** What a worker is asked for: to measure a job, or which backends there are. */
export interface Request {
  /** The job; the backends where it is left out. */
  readonly job?: Job | undefined;
  /** Where the `.wasm` files are, as a whole address. */
  readonly wasmPath: string;
}

/** What the browser has. */
export interface BackendsMessage {
  /** Its kind. */
  readonly type: "backends";
  /** All backends, with reasons. */
  readonly backends: readonly BackendInfo[];
  /** Milliseconds that the clock can tell. */
  readonly clockMs: number;
}

/** What a worker tells. */
export type WorkerMessage = Message | BackendsMessage;
