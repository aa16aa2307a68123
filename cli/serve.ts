/**
 * `convbench serve`: the history as a local web page. Deno only.
 *
 * @module
 */
import { z } from "zod";
import { historyApp } from "../bench/serve/app.ts";
import { History } from "../bench/history/history.ts";
import { command, parseCommand, UsageError } from "./flags.ts";
import { say } from "./words.ts";

/** `convbench serve`. */
export const SERVE = command({
  name: "serve",
  about: "Shows a history as a web page on this machine: plots and levels of each network. The page is for this " +
    "machine alone, has no script and loads nothing from elsewhere. Its address is printed; Ctrl-C ends it.",
  args: [],
  flags: {
    history: {
      value: "FILE",
      help: "the SQLite file",
      schema: z.string().default("convbench-history.sqlite"),
      completes: "file",
    },
    port: {
      value: "N",
      help: "of 127.0.0.1; 0 for any that is free",
      schema: z.coerce.number().int().min(0).max(65_535).default(8640),
    },
  },
  examples: ["convbench serve", "convbench serve --history lab.sqlite --port 0"],
});

/**
 * Runs `convbench serve ARGS` until `signal`, or Ctrl-C, ends it; gives the exit code.
 *
 * @throws {UsageError} Where a flag is wrong, or the port is taken.
 * @throws {HistoryError} Where there is no history that can be read.
 */
export async function serveCommand(args: readonly string[], signal?: AbortSignal): Promise<number> {
  const { flags: { history, port } } = parseCommand(SERVE, args);
  // What is wrong with the file is better said here than on each page.
  new History(history, { readOnly: true })[Symbol.dispose]();
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  signal?.addEventListener("abort", interrupt);
  Deno.addSignalListener("SIGINT", interrupt);
  try {
    const { fetch } = historyApp(history);
    const server = Deno.serve(
      {
        hostname: "127.0.0.1",
        port,
        signal: stop.signal,
        onListen: ({ port }) => {
          console.log(`http://127.0.0.1:${port}/`);
          say("Ctrl-C ends it");
        },
      },
      (request) => fetch(request),
    );
    await server.finished;
    return 0;
  } catch (cause) {
    if (!(cause instanceof Deno.errors.AddrInUse)) throw cause;
    throw new UsageError(`Expected --port to be free but found ${port} in use: 0 takes any that is free`, { cause });
  } finally {
    Deno.removeSignalListener("SIGINT", interrupt);
  }
}
