/**
 * Runs the bundled specs on a backend of this project and tells, line by line, what
 * becomes of them. A process of its own: a spec may end it.
 *
 *     deno run -A tools/conformance/jasmine/specs.ts JOB
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import jasmineCore from "jasmine-core";
import { useBackend } from "../../../backends/select.ts";
import { REQUIRE, type SpecBundle } from "./bundle.ts";
import { specRequire } from "./node_index.ts";
import type { Job, Line } from "./protocol.ts";

interface Failures {
  readonly fullName: string;
  readonly failedExpectations: readonly { readonly message: string }[];
}

interface Result extends Failures {
  readonly id: string;
  readonly status: string;
}

interface Environment {
  configure(configuration: Record<string, unknown>): void;
  addReporter(reporter: {
    specStarted(result: Result): void;
    specDone(result: Result): void;
    suiteDone(result: Failures): void;
    jasmineDone(result: Failures): void;
  }): void;
  execute(): Promise<unknown>;
}

/** The part of jasmine-core that is used; the package has no types. */
interface Jasmine {
  readonly jasmine: { DEFAULT_TIMEOUT_INTERVAL: number; getEnv(): Environment };
  installGlobals(): void;
}

/** As tfjs sets it for its own runs. */
const SPEC_TIMEOUT_MS = 20_000;

const encoder = new TextEncoder();
/** Written at once and whole: the process may not live to the next turn of the event loop. */
function tell(line: Line): void {
  let bytes = encoder.encode(JSON.stringify(line) + "\n");
  while (bytes.length > 0) bytes = bytes.subarray(Deno.stdout.writeSync(bytes));
}

function tellStray(where: string, { fullName, failedExpectations }: Failures): void {
  for (const { message } of failedExpectations) tell({ kind: "stray", name: fullName || where, message });
}

/**
 * tfjs-node registers its backend above all others, and specs that choose none count
 * on it. Here a program names the backend that it wants, and priorities mean nothing.
 */
async function useAboveOthers(backend: Job["backend"]): Promise<void> {
  await useBackend(backend);
  const factory = tf.findBackendFactory(backend);
  tf.removeBackend(backend);
  tf.registerBackend(backend, factory, 3);
  await tf.setBackend(backend);
}

async function run({ backend, bundle, scratch, grep, skip }: Job): Promise<void> {
  // Specs and the warnings of tfjs print what nobody reads.
  for (const name of ["log", "info", "warn", "error", "debug"] as const) console[name] = () => {};
  await useAboveOthers(backend);

  const { jasmine, installGlobals } = jasmineCore as Jasmine;
  installGlobals();
  jasmine.DEFAULT_TIMEOUT_INTERVAL = SPEC_TIMEOUT_MS;
  const environment = jasmine.getEnv();
  environment.configure({ random: false, forbidDuplicateNames: false });

  (globalThis as unknown as Record<string, unknown>)[REQUIRE] = specRequire(scratch);
  const { engine, IGNORE_LIST }: SpecBundle = await import(`file://${bundle}`);
  if (engine() !== tf.engine()) throw new Error("Expected the specs' tfjs-core to share the backend's engine");

  // Every spec's name says the backend that it is for: nobody needs to read it 4,000 times.
  const shortName = (name: string) => name.replace(` test-${backend} {}`, "").replace(/\s+/g, " ");
  const done = new Set(skip);
  environment.configure({
    specFilter: ({ id, getFullName }: { id: string; getFullName(): string }) =>
      !done.has(id) && shortName(getFullName()).includes(grep),
  });
  const isIgnored = (name: string) => IGNORE_LIST.some((part) => name.includes(part));
  environment.addReporter({
    specStarted: ({ id, fullName }) =>
      tell({ kind: "started", id, name: shortName(fullName), ignored: isIgnored(fullName) }),
    specDone: ({ id, fullName, status, failedExpectations }) => {
      if (status !== "passed" && status !== "failed" && status !== "pending") return;
      const message = failedExpectations[0]?.message ?? "";
      const name = shortName(fullName);
      tell({ kind: "done", result: { id, name, status, message, ignored: isIgnored(fullName) } });
    },
    suiteDone: (result) => tellStray("", result),
    jasmineDone: (result) => tellStray("jasmine", result),
  });
  await environment.execute();
  tell({ kind: "ends" });
}

if (import.meta.main) {
  await run(JSON.parse(Deno.args[0] ?? "{}"));
  Deno.exit(0);
}
