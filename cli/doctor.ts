/**
 * `convbench doctor`: what this machine has, and how to get what is missing. Deno only.
 *
 * @module
 */
import { z } from "zod";
import { command, parseCommand, UsageError } from "./flags.ts";
import { useBackend } from "../backends/select.ts";
import { BACKEND_NAMES, type BackendName } from "../backends/source.ts";
import { setupCommand } from "../backends/tensorflow/library/cache.ts";
import { probeGpus } from "../backends/doctor/cuda.ts";
import { examine, type Finding, type Probe, reasonOf } from "../backends/doctor/finding.ts";
import { probeLibtensorflow } from "../backends/doctor/libtensorflow.ts";
import { probeCpu, probeDeno, probeMemory, probeWasm } from "../backends/doctor/machine.ts";
import { probeData, probeJsr, probeWebgpu } from "../backends/doctor/surroundings.ts";

/** `convbench doctor`. */
export const DOCTOR = command({
  name: "doctor",
  about: "Says what this machine has for each backend, and how to get what is missing.",
  args: [],
  flags: {
    backend: {
      value: "NAME",
      help: "start this one, and end with exit code 1 where it cannot run",
      schema: z.enum(BACKEND_NAMES).optional(),
    },
    device: { value: "DEVICE", help: "and only on this device", schema: z.enum(["cpu", "gpu"]).optional() },
    json: { help: "for programs: { findings: [{ topic, state, text, facts, mend? }] }" },
  },
  examples: ["convbench doctor", "convbench doctor --backend tensorflow --device gpu"],
});

/**
 * All that is looked at, in this order, by what it is called where looking fails.
 * libtensorflow is opened before WebGPU is asked: once Mesa has loaded LLVM for its
 * software adapter, opening libtensorflow, which holds another LLVM, ends the process.
 */
const PROBES: Readonly<Record<string, Probe>> = {
  Deno: () => probeDeno(),
  CPU: () => probeCpu(),
  Memory: () => probeMemory(),
  wasm: () => probeWasm(),
  libtensorflow: () => probeLibtensorflow(),
  "CUDA driver": () => probeGpus(),
  WebGPU: () => probeWebgpu(),
  JSR: () => probeJsr(),
  "Fashion-MNIST": () => probeData(),
};

/** What tests put in the place of this machine. */
export interface DoctorHere {
  readonly probes?: Readonly<Record<string, Probe>>;
  readonly start?: typeof useBackend;
  readonly print?: (text: string) => void;
}

/**
 * Runs `convbench doctor ARGS`; gives the exit code: 1 where the backend that was asked for cannot run.
 *
 * @throws {UsageError} Where the flags are wrong.
 */
export async function doctor(
  args: readonly string[],
  { probes = PROBES, start = useBackend, print = console.log }: DoctorHere = {},
): Promise<number> {
  const { flags: { backend, device, json } } = parseCommand(DOCTOR, args);
  if (device !== undefined && backend === undefined) {
    throw new UsageError("Expected --device together with --backend but found it alone");
  }
  const findings = await examine(probes);
  const asked = backend === undefined ? undefined : await probeBackend(backend, device, start);
  if (asked !== undefined) findings.push(asked);
  print(json ? JSON.stringify({ findings }, null, 2) : table(findings));
  return asked === undefined || asked.state === "ok" ? 0 : 1;
}

async function probeBackend(
  name: BackendName,
  device: "cpu" | "gpu" | undefined,
  start: typeof useBackend,
): Promise<Finding> {
  const topic = `backend ${name}`;
  try {
    const info = await start(name, device === undefined ? {} : { device });
    const features = Object.entries(info.features).map(([key, value]) => `${key} ${value}`).join(", ");
    const text = [`runs on the ${info.device}`, features].filter(Boolean).join(": ");
    return { topic, state: "ok", text, facts: { device: info.device, version: info.version, ...info.features } };
  } catch (error) {
    const mend = name === "tensorflow" ? { mend: setupCommand(device === "gpu" ? "--gpu" : "") } : {};
    return { topic, state: "broken", text: reasonOf(error), facts: {}, ...mend };
  }
}

/** For people: state, topic and text in columns, and below what mends it. */
export function table(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ topic }) => topic.length));
  return findings.map(({ state, topic, text, mend }) => {
    const line = `${state.padEnd(7)}  ${topic.padEnd(width)}  ${text}`;
    return mend === undefined ? line : `${line}\n${" ".repeat(width + 11)}→ ${mend}`;
  }).join("\n");
}
