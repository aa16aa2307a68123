/**
 * Whether WebGPU has asked for adapters in this process: on Linux that loads Mesa's
 * LLVM, and opening libtensorflow, which holds another LLVM, would end the process then.
 * The other order is fine.
 *
 * @module
 */

let asked = false;

/** Says that WebGPU is about to ask for adapters. */
export function noteAdapters(): void {
  asked = true;
}

/** Whether it has. */
export function hasAskedForAdapters(): boolean {
  return asked;
}
