/**
 * A process of a variant: started, asked, answered, ended.
 *
 * @module
 */
import { linesOf } from "./lines.ts";
import { type Answer, decodeAnswer, type Ready, type Request } from "./messages.ts";

/** A variant that gave no more; the message says why. */
export class WorkerError extends Error {
  /** `WorkerError`. */
  override readonly name = "WorkerError";
}

/** What is started, and how long its silence is borne. */
export interface WorkerCommand {
  /** The program. */
  readonly program: string;
  /** Its arguments. */
  readonly args: readonly string[];
  /** Variables beside those that it inherits. */
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds that one answer may take. */
  readonly patience: number;
}

/** A process that answers one request after another. */
export interface Worker {
  /** What it said when it was started. */
  readonly ready: Ready;
  /** The process' id, or undefined once it has ended. */
  readonly pid: number | undefined;
  /**
   * Asks, and waits for the answer.
   *
   * @throws {WorkerError} Where it says that it cannot, says something else, ends or falls silent.
   */
  ask<T extends Answer["type"]>(request: Request, expected: T): Promise<Extract<Answer, { type: T }>>;
  /** Ends it. */
  end(): Promise<void>;
}

/** Starts a process of a variant; tests put in others. */
export type StartWorker = (command: WorkerCommand, signal: AbortSignal) => Promise<Worker>;

/** What is kept of what a process says to people. */
const TAIL = 4096;

async function tailOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  let tail = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) tail = (tail + text).slice(-TAIL);
  return tail;
}

async function* answersOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<Answer, void> {
  for await (const line of linesOf(stream)) {
    const answer = decodeAnswer(line);
    if (answer !== undefined) yield answer;
  }
}

const lastLine = (text: string): string => text.trim().split("\n").at(-1)?.trim().slice(0, 300) ?? "";

class ChildWorker implements Worker {
  readonly #child: Deno.ChildProcess;
  readonly #answers: AsyncGenerator<Answer, void>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #stderr: Promise<string>;
  readonly #patience: number;
  readonly #signal: AbortSignal;
  #alive = true;
  #hung = false;
  #ready: Ready | undefined;

  constructor({ program, args, env = {}, patience }: WorkerCommand, signal: AbortSignal) {
    this.#child = new Deno.Command(program, {
      args: [...args],
      env: { ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#answers = answersOf(this.#child.stdout);
    this.#writer = this.#child.stdin.getWriter();
    this.#stderr = tailOf(this.#child.stderr);
    this.#patience = patience;
    this.#signal = signal;
    signal.addEventListener("abort", this.#kill);
  }

  get ready(): Ready {
    if (this.#ready === undefined) throw new WorkerError("Expected a process that is ready but found one that is not");
    return this.#ready;
  }

  get pid(): number | undefined {
    return this.#alive ? this.#child.pid : undefined;
  }

  readonly #kill = (): void => {
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      // It has ended by itself.
      if (!(error instanceof TypeError) && !(error instanceof Deno.errors.NotFound)) throw error;
    }
  };

  /** The next answer, if it is the expected one. */
  async #next<T extends Answer["type"]>(expected: T): Promise<Extract<Answer, { type: T }>> {
    const timer = setTimeout(() => {
      this.#hung = true;
      this.#kill();
    }, this.#patience);
    try {
      const { done, value } = await this.#answers.next();
      this.#signal.throwIfAborted();
      if (done) throw await this.#ended();
      if (value.type === "failed") throw new WorkerError(value.reason);
      if (value.type !== expected) throw new WorkerError(`said ${value.type} where ${expected} was expected`);
      return value as Extract<Answer, { type: T }>;
    } catch (error) {
      if (error instanceof WorkerError || this.#signal.aborted) throw error;
      throw new WorkerError(`said what cannot be read: ${lastLine(String(error))}`);
    } finally {
      clearTimeout(timer);
    }
  }

  async #ended(): Promise<WorkerError> {
    const { code, signal } = await this.#child.status;
    this.#alive = false;
    if (this.#hung) return new WorkerError(`said nothing for ${this.#patience / 1000} s`);
    if (signal === "SIGKILL") return new WorkerError("was killed, as the system does when memory runs out");
    const words = lastLine(await this.#stderr);
    const how = signal === null ? `ended with exit code ${code}` : `ended by ${signal}`;
    return new WorkerError(words === "" ? how : `${how}: ${words}`);
  }

  /** Waits until it runs. */
  async start(): Promise<this> {
    try {
      this.#ready = await this.#next("ready");
      return this;
    } catch (error) {
      await this.#close();
      throw error;
    }
  }

  async ask<T extends Answer["type"]>(request: Request, expected: T): Promise<Extract<Answer, { type: T }>> {
    if (!this.#alive) throw new WorkerError("has ended before");
    try {
      await this.#writer.write(new TextEncoder().encode(`${JSON.stringify(request)}\n`));
    } catch {
      this.#signal.throwIfAborted();
      throw await this.#ended();
    }
    return await this.#next(expected);
  }

  async #close(): Promise<void> {
    this.#signal.removeEventListener("abort", this.#kill);
    this.#kill();
    await this.#writer.abort().catch(() => {});
    await this.#answers.return();
    await Promise.all([this.#child.status, this.#stderr]);
    this.#alive = false;
  }

  async end(): Promise<void> {
    // It holds nothing that would have to be put in order.
    await this.#close();
  }
}

/**
 * Starts a process and waits until it runs.
 *
 * @throws {WorkerError} Where it does not.
 */
export const startWorker: StartWorker = async (command, signal) => {
  signal.throwIfAborted();
  try {
    return await new ChildWorker(command, signal).start();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new WorkerError(`${command.program} is not there`);
    throw error;
  }
};
