/**
 * The sampler's processes in a browser: a fresh worker each, listened to, watched,
 * ended.
 *
 * @module
 */
import { ProcessError, saysOutOfMemory, type StartProcess } from "../sampler/ending.ts";
import type { BackendsMessage, Request, WorkerMessage } from "./messages.ts";

/** A worker, as far as it is needed here. */
export interface WorkerLike {
  /** Sends it what it is asked for. */
  postMessage(request: Request): void;
  /** Ends it at once. */
  terminate(): void;
  /** Is called with what it tells. */
  onmessage: ((event: MessageEvent<WorkerMessage>) => void) | null;
  /** Is called where it could not be loaded, or threw what nobody caught. */
  onerror: ((event: ErrorEvent) => void) | null;
}

/** How workers are started and watched. */
export interface WorkerOptions {
  /** Starts one. */
  readonly create: () => WorkerLike;
  /** Where the `.wasm` files are, as a whole address. */
  readonly wasmPath: string;
  /** Milliseconds of silence after which a worker is taken for hung. */
  readonly patience: number;
}

/** What a worker tells, until nobody listens any more. */
async function* listen(
  { create, wasmPath, patience }: WorkerOptions,
  { job, signal }: { job?: Request["job"]; signal?: AbortSignal },
): AsyncGenerator<WorkerMessage, void> {
  signal?.throwIfAborted();
  const worker = create();
  const told: (WorkerMessage | Error)[] = [];
  let wake = () => {};
  const take = (message: WorkerMessage | Error) => {
    told.push(message);
    wake();
  };
  const abort = () => take(signal?.reason instanceof Error ? signal.reason : new Error("aborted"));
  worker.onmessage = ({ data }) => take(data);
  worker.onerror = (event) => {
    event.preventDefault?.();
    const reason = event.message || "its script could not be loaded";
    take(new ProcessError(saysOutOfMemory(reason) ? "memory" : "died", reason));
  };
  signal?.addEventListener("abort", abort);
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    worker.postMessage({ job, wasmPath });
    while (true) {
      const message = told.shift();
      if (message === undefined) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        timer = setTimeout(() => take(new ProcessError("hung", `said nothing for ${patience / 1000} s`)), patience);
        await promise;
        clearTimeout(timer);
        continue;
      }
      if (message instanceof Error) throw message;
      if (message.type === "failed") {
        throw new ProcessError(saysOutOfMemory(message.reason) ? "memory" : "failed", message.reason);
      }
      yield message;
      if (message.type === "end" || message.type === "backends") return;
    }
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
    worker.terminate();
  }
}

/** A {@linkcode StartProcess} of workers. */
export function workerStarter(options: WorkerOptions): StartProcess {
  return async function* (job, signal) {
    for await (const message of listen(options, { job, signal })) if (message.type !== "backends") yield message;
  };
}

/**
 * Asks a worker which backends there are.
 *
 * @throws {ProcessError} Where it does not answer.
 */
export async function askBackends(options: WorkerOptions): Promise<BackendsMessage> {
  for await (const message of listen(options, {})) if (message.type === "backends") return message;
  throw new ProcessError("died", "ended without an answer");
}
