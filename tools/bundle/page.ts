/**
 * The scenario in a browser: leaves the promises of its results to the one who
 * drives the page. With `#late` the page first calls for wasm where it is not.
 *
 * @module
 */
import { availableBackends, loadWeights, useBackend } from "@convbench/convbench";
import { type Numbers, scenario } from "./scenario.ts";

/** What a page found out. */
export interface PageNumbers {
  readonly numbers: Numbers;
  /** What `loadWeights()` says to a path. */
  readonly pathError: string;
  /** `#late`: why wasm was not there, without a path and with a wrong one. */
  readonly missing: string[];
}

declare global {
  /** Left by the page. */
  var page: Promise<PageNumbers>;
}

async function errorOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "no error";
  } catch (error) {
    return String(error);
  }
}

async function run(): Promise<PageNumbers> {
  const missing: string[] = [];
  if (globalThis.location.hash === "#late") {
    missing.push((await availableBackends()).find(({ name }) => name === "wasm")?.reason ?? "no reason");
    missing.push(await errorOf(useBackend("wasm", { wasmPath: "/nowhere/" })));
  }
  const weights = await (await fetch("/weights.safetensors")).blob();
  const numbers = await scenario(weights, "/wasm/");
  // The path is read before the model is looked at.
  const noModel = undefined as unknown as Parameters<typeof loadWeights>[0];
  return { numbers, pathError: await errorOf(loadWeights(noModel, "weights.safetensors")), missing };
}

globalThis.page = run();
