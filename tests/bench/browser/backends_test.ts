import { assertEquals } from "@std/assert";
import { backendChoices } from "../../../bench/browser/backends.ts";
import { choiceOf, info, WEBGPU } from "./support.ts";

Deno.test("webgpu is chosen beforehand on a GPU, never where its adapter is software", () => {
  const { gpu, software } = WEBGPU;
  const real = choiceOf(gpu);
  assertEquals([real.label, real.device, real.text, real.available, real.preferred], [
    "webgpu",
    "gpu",
    "amd rdna-3",
    true,
    true,
  ]);
  const slow = choiceOf(software);
  assertEquals([slow.label, slow.device, slow.available, slow.preferred], ["webgpu (software)", "cpu", true, false]);
  assertEquals(slow.text, "llvmpipe: computes on the CPU, for trials and not for figures");
});

Deno.test("a backend that is not there says why, first what it would be on a GPU", () => {
  const { available, preferred, text } = choiceOf(WEBGPU.none);
  assertEquals([available, preferred, text], [false, false, "no adapter"]);
});

Deno.test("backends of browsers are shown once each, TensorFlow is not", () => {
  const wasm = info("wasm", { features: { simd: true, threads: 4 } });
  const choices = backendChoices([info("tensorflow", { available: false }), ...WEBGPU.gpu, info("cpu"), wasm]);
  assertEquals(choices.map(({ name, preferred }) => [name, preferred]), [
    ["webgpu", true],
    ["wasm", true],
    ["cpu", false],
  ]);
  assertEquals(choices[1]?.text, "with SIMD, 4 threads");
});
