/**
 * An order of backends that the process survives: once Linux' Vulkan has been asked for
 * adapters, which loads Mesa's LLVM, opening libtensorflow, which holds another LLVM,
 * ends the process. The other order is fine.
 *
 * @module
 */

let asked = false;

/** Says that WebGPU is about to ask for adapters. */
export function noteAdapters(): void {
  asked = true;
}

/**
 * Nothing where libtensorflow may still be opened.
 *
 * @throws {Error} On Linux, where WebGPU has asked for adapters in this process.
 */
export function checkOpenable(): void {
  if (asked && Deno.build.os === "linux") {
    throw new Error("Expected tensorflow to start before webgpu but found webgpu asked for in this process: swap them");
  }
}
