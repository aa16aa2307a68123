/**
 * What the processor can, as far as kernels choose by it.
 *
 * @module
 */

/** Instruction sets that make a difference to convolutions, by the flags that Linux has for them. */
const INSTRUCTIONS: readonly (readonly [name: string, ...flags: string[]])[] = [
  ["AVX", "avx"],
  ["AVX2", "avx2"],
  ["FMA", "fma"],
  ["AVX-512", "avx512f"],
  ["VNNI", "avx512_vnni", "avx_vnni"],
  ["BF16", "avx512_bf16", "bf16"],
  ["AMX", "amx_tile"],
  ["NEON", "asimd"],
  ["I8MM", "i8mm"],
  ["SVE", "sve"],
];

/** What a processor is, and which instruction sets it has; `cpuinfo` is Linux's file of that name. */
export function readCpuinfo(cpuinfo: string): { model: string; instructions: string[] } {
  const value = (key: RegExp) => cpuinfo.match(new RegExp(`^(?:${key.source})\\s*:\\s*(.+)$`, "m"))?.[1]?.trim();
  const flags = new Set((value(/flags|Features/) ?? "").split(/\s+/));
  return {
    model: value(/model name/) ?? "unknown",
    instructions: INSTRUCTIONS.filter(([, ...names]) => names.some((name) => flags.has(name))).map(([name]) => name),
  };
}

/** Whether `cpuinfo` is of a processor whose widest vectors are AVX2's. */
export function stopsAtAvx2(cpuinfo: string): boolean {
  const { instructions } = readCpuinfo(cpuinfo);
  return instructions.includes("AVX2") && !instructions.includes("AVX-512");
}
