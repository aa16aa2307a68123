/**
 * The scenario in a browser: leaves the promise of the numbers to the one who drives it.
 *
 * @module
 */
import { loadWeights } from "@convbench/convbench";
import { type Numbers, scenario } from "./scenario.ts";

declare global {
  /** What the page computes. */
  var numbers: Promise<Numbers>;
  /** What a path instead of a file answers. */
  var pathError: Promise<string>;
}

async function run(): Promise<Numbers> {
  return await scenario(await (await fetch("/weights.safetensors")).blob(), "/wasm/");
}

globalThis.numbers = run();
globalThis.pathError = globalThis.numbers.then(async () => {
  try {
    // The path is read before the model is looked at.
    await loadWeights(undefined as unknown as Parameters<typeof loadWeights>[0], "weights.safetensors");
    return "no error";
  } catch (error) {
    return String(error);
  }
});
