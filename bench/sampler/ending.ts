/**
 * How a process of the sampler comes to its end. What a process is, a program or a
 * browser's worker, does not matter here.
 *
 * @module
 */
import type { Job, Message } from "./messages.ts";

/** Why a process gave no more: it ran out of memory, said itself what was wrong, ended, or fell silent. */
export type Ending = "memory" | "failed" | "died" | "hung";

/** A process that did not come to its end. */
export class ProcessError extends Error {
  /** `ProcessError`. */
  override readonly name = "ProcessError";
  /** Why. */
  readonly ending: Ending;

  /** An error with a reason in words. */
  constructor(ending: Ending, reason: string) {
    super(reason);
    this.ending = ending;
  }
}

/**
 * Starts a process for `job` and gives what it tells, until its `end`. It is killed
 * where the signal says so or where nobody listens any more.
 *
 * @throws {ProcessError} Where it does not come to its end.
 */
export type StartProcess = (job: Job, signal: AbortSignal) => AsyncGenerator<Message, void>;

/**
 * How messages of V8, TensorFlow, the wasm heap and allocators say that memory did not
 * suffice. XNNPACK reads out of bounds, or aborts, where it cannot allocate.
 */
const OUT_OF_MEMORY =
  /out of memory|memory access out of bounds|\bAborted\(|\bOOM\b|RESOURCE_EXHAUSTED|bad_alloc|cannot allocate memory|failed to allocate|array buffer allocation failed|invalid (typed )?array (buffer )?length|fit the wasm heap/i;

/** Whether `text`, a message or what a process wrote, says that memory did not suffice. */
export function saysOutOfMemory(text: string): boolean {
  return OUT_OF_MEMORY.test(text);
}
