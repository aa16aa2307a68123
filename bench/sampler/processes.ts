/**
 * The sampler's processes: started, listened to, watched, ended.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { ProcessError, saysOutOfMemory, type StartProcess } from "./ending.ts";
import { decodeMessage, type Job, type Message } from "./messages.ts";

export { type Ending, ProcessError, saysOutOfMemory, type StartProcess } from "./ending.ts";

/**
 * V8 (seen in 15.0) inlines what wasm calls through a pointer as it has seen it called
 * so far; what it did not foresee stays slow from then on (docs/benchmarks.md).
 */
export const V8_FLAGS: readonly string[] = ["--no-wasm-deopt"];

/** How {@linkcode processStarter} starts and watches. */
export interface ProcessOptions {
  /** Milliseconds of silence after which a process is taken for hung. */
  readonly patience: number;
  /** Flags of V8. */
  readonly v8Flags: readonly string[];
  /** The program; tests put in others. */
  readonly program?: URL;
}

/** What is kept of a stream that nobody reads. */
const TAIL = 4096;

async function tailOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  let tail = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) tail = (tail + text).slice(-TAIL);
  return tail;
}

const lastLine = (text: string): string => text.trim().split("\n").at(-1)?.trim().slice(0, 300) ?? "";

function died({ signal, code }: Deno.CommandStatus, stderr: string): ProcessError {
  const how = signal === null ? `ended with exit code ${code}` : `ended by ${signal}`;
  const words = lastLine(stderr);
  // Nobody but the system's keeper of memory sends it unasked.
  const memory = signal === "SIGKILL" || saysOutOfMemory(stderr);
  const reason = memory && signal === "SIGKILL" ? `${how}, as the system does when memory runs out` : how;
  return new ProcessError(memory ? "memory" : "died", words === "" ? reason : `${reason}: ${words}`);
}

function command(
  job: Job,
  { v8Flags, program = new URL("./child.ts", import.meta.url) }: ProcessOptions,
): Deno.Command {
  const local = program.protocol === "file:";
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--no-check",
      // Read from a package, the program needs no configuration of the folder that it is run in.
      ...(local ? [] : ["--no-config"]),
      "--allow-read",
      "--allow-env",
      "--allow-ffi",
      "--allow-sys",
      ...(v8Flags.length === 0 ? [] : [`--v8-flags=${v8Flags.join(",")}`]),
      local ? fileURLToPath(program) : program.href,
      JSON.stringify(job),
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** Gives each line; a last one without an end counts. */
async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}

function read(line: string): Message | undefined {
  try {
    return decodeMessage(line);
  } catch {
    throw new ProcessError("failed", `told what cannot be read: ${lastLine(line)}`);
  }
}

/** A {@linkcode StartProcess} of real processes. */
export function processStarter(options: ProcessOptions): StartProcess {
  return async function* (job, signal) {
    signal.throwIfAborted();
    const child = command(job, options).spawn();
    const stderr = tailOf(child.stderr);
    let hung = false;
    const kill = () => {
      try {
        child.kill("SIGKILL");
      } catch (error) {
        // It has ended by itself.
        if (!(error instanceof TypeError) && !(error instanceof Deno.errors.NotFound)) throw error;
      }
    };
    const watch = () =>
      setTimeout(() => {
        hung = true;
        kill();
      }, options.patience);
    let timer = watch();
    signal.addEventListener("abort", kill);
    try {
      for await (const line of linesOf(child.stdout)) {
        const message = read(line);
        if (message === undefined) continue;
        clearTimeout(timer);
        if (message.type === "failed") {
          throw new ProcessError(saysOutOfMemory(message.reason) ? "memory" : "failed", message.reason);
        }
        yield message;
        if (message.type === "end") return;
        timer = watch();
      }
      signal.throwIfAborted();
      if (hung) throw new ProcessError("hung", `said nothing for ${options.patience / 1000} s`);
      throw died(await child.status, await stderr);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", kill);
      kill();
      await Promise.all([child.status, stderr]);
    }
  };
}
