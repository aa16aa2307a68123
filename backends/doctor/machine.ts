/**
 * Deno, processor, memory, and what wasm needs of them.
 *
 * @module
 */
import { cpus } from "node:os";
import { readCpuinfo } from "../tensorflow/processor.ts";
import { type Finding, gigabytes } from "./finding.ts";

/** The oldest Deno that this project is made for. */
const OLDEST = [2, 9];

/** Which Deno runs. */
export function probeDeno(version: Readonly<Record<string, string>> = Deno.version): Finding {
  const { deno = "", v8 = "", typescript = "" } = version;
  const [major = 0, minor = 0] = deno.split(".").map(Number);
  const [oldMajor = 0, oldMinor = 0] = OLDEST;
  const old = major < oldMajor || (major === oldMajor && minor < oldMinor);
  return {
    topic: "Deno",
    state: old ? "broken" : "ok",
    text: `${deno}, V8 ${v8}${old ? `; ${OLDEST.join(".")} is the oldest that works` : ""}`,
    facts: { deno, v8, typescript },
    ...(old ? { mend: "deno upgrade" } : {}),
  };
}

/** The processor. Only Linux says in a file which instruction sets it has. */
export async function probeCpu(
  { os, arch }: Pick<typeof Deno.build, "os" | "arch"> = Deno.build,
  read: () => Promise<string> = () => Deno.readTextFile("/proc/cpuinfo"),
): Promise<Finding> {
  const cores = navigator.hardwareConcurrency;
  const threads = `${cores} ${cores === 1 ? "core" : "cores"}`;
  if (os !== "linux") {
    const model = cpus()[0]?.model ?? "unknown";
    return { topic: "CPU", state: "ok", text: `${model}, ${threads}`, facts: { model, arch, cores } };
  }
  const { model, instructions } = readCpuinfo(await read());
  // TensorFlow's wheels for x64 are compiled for it, and end with an illegal instruction without.
  const lacksAvx = arch === "x86_64" && !instructions.includes("AVX");
  const sets = instructions.length === 0 ? "no vector instructions" : instructions.join(" ");
  return {
    topic: "CPU",
    state: lacksAvx ? "broken" : "ok",
    text: `${model}, ${threads}, ${sets}`,
    facts: { model, arch, cores, instructions },
    ...(lacksAvx ? { mend: "TensorFlow's wheels need AVX: use the backends wasm or webgpu here" } : {}),
  };
}

/** Below, the larger networks do not train. */
const LITTLE_MEMORY = 2e9;

/** The memory. */
export function probeMemory(
  { total, available }: { total: number; available: number } = Deno.systemMemoryInfo(),
): Finding {
  const little = available < LITTLE_MEMORY;
  return {
    topic: "Memory",
    state: little ? "broken" : "ok",
    text: `${gigabytes(available)} of ${gigabytes(total)} free`,
    facts: { total, available },
    ...(little ? { mend: "end other programs, or use smaller batches: --batch N" } : {}),
  };
}

/** `(func (result v128) i32.const 0 i8x16.splat i8x16.popcnt)`. */
// deno-fmt-ignore
const SIMD = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
);

/** Whether wasm has vector instructions, without which the backend is several times slower. */
export function probeWasm(validate: (module: BufferSource) => boolean = WebAssembly.validate): Finding {
  const simd = validate(SIMD);
  return {
    topic: "wasm",
    state: simd ? "ok" : "broken",
    text: simd ? "with SIMD" : "without SIMD: slow",
    facts: { simd },
    ...(simd ? {} : { mend: "use a processor with SSE4.1 or NEON" }),
  };
}
