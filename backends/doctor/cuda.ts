/**
 * NVIDIA's driver, GPUs and libraries.
 *
 * @module
 */
import { setupCommand } from "../tensorflow/library/cache.ts";
import { type CudaDriver, readDriver, readDriverVersion, readLibraryVersion } from "../tensorflow/cuda.ts";
import { type Finding, gigabytes, reasonOf } from "./finding.ts";

/** What CUDA is asked through; tests put another machine in its place. */
export interface CudaReader {
  readonly driver: () => CudaDriver;
  readonly driverVersion: () => string;
  readonly libraryVersion: (path: string) => string | undefined;
}

/** This machine. */
export const HERE: CudaReader = {
  driver: () => readDriver(),
  driverVersion: () => readDriverVersion(),
  libraryVersion: (path) => readLibraryVersion(path),
};

/** CUDA 12 runs on drivers that serve any CUDA 12. */
const OLDEST_CUDA = 12;
/** What TensorFlow 2.21 carries kernels for begins here; beyond Ada it carries PTX of CUDA 12.5, for the driver to compile. */
const OLDEST_CAPABILITY = 6;
const LAST_CAPABILITY = 8.9;
const PTX_CUDA = 12.5;

const DRIVER_MEND = "install NVIDIA's driver, 525 or newer (555 for Hopper and later), and see that nvidia-smi runs";

/** The driver and each GPU. */
export function probeGpus({ driver, driverVersion }: Pick<CudaReader, "driver" | "driverVersion"> = HERE): Finding[] {
  let found: CudaDriver;
  try {
    found = driver();
  } catch (error) {
    const text = `none that works: ${reasonOf(error)}`;
    return [{ topic: "CUDA driver", state: "missing", text, facts: {}, mend: DRIVER_MEND }];
  }
  const { cuda, gpus } = found;
  const old = Number(cuda) < OLDEST_CUDA;
  const findings: Finding[] = [{
    topic: "CUDA driver",
    state: old ? "broken" : "ok",
    text: `${old ? "too old: " : ""}serves CUDA ${cuda}`,
    facts: { cuda },
    ...(old ? { mend: DRIVER_MEND } : {}),
  }, probeNvml(driverVersion)];
  if (gpus.length === 0) {
    findings.push({
      topic: "GPU",
      state: "missing",
      text: "the driver finds none",
      facts: {},
      mend: "see that CUDA_VISIBLE_DEVICES is not empty and, in a container, that it was started with --gpus all",
    });
  }
  for (const [index, { name, memory, computeCapability }] of gpus.entries()) {
    const problem = problemOf(Number(computeCapability), Number(cuda));
    findings.push({
      topic: `GPU ${index}`,
      state: problem === undefined ? "ok" : "broken",
      text: `${name}, ${gigabytes(memory)}, compute capability ${computeCapability}`,
      facts: { name, memory, computeCapability },
      ...(problem === undefined ? {} : { mend: problem }),
    });
  }
  return findings;
}

function probeNvml(driverVersion: () => string): Finding {
  const topic = "NVML";
  try {
    const version = driverVersion();
    return { topic, state: "ok", text: `driver ${version}`, facts: { driver: version } };
  } catch (error) {
    return { topic, state: "broken", text: `none that works: ${reasonOf(error)}`, facts: {}, mend: DRIVER_MEND };
  }
}

function problemOf(capability: number, cuda: number): string | undefined {
  if (capability < OLDEST_CAPABILITY) {
    return `TensorFlow 2.21 has kernels from compute capability ${OLDEST_CAPABILITY}.0 on: use webgpu, or a newer GPU`;
  }
  if (capability > LAST_CAPABILITY && cuda < PTX_CUDA) {
    return "TensorFlow 2.21 has this GPU's kernels as PTX of CUDA 12.5: install NVIDIA's driver 555 or newer";
  }
  return undefined;
}

/** The CUDA libraries at `paths`, in the order in which they are opened. */
export function probeCudaLibraries(
  paths: readonly string[],
  { libraryVersion }: Pick<CudaReader, "libraryVersion"> = HERE,
): Finding[] {
  return paths.map((path): Finding => {
    const topic = path.replace(/^.*[/\\]/, "").replace(/\.so\..*$/, "");
    try {
      const version = libraryVersion(path);
      return {
        topic,
        state: "ok",
        text: version ?? "opens",
        facts: { path, ...(version === undefined ? {} : { version }) },
      };
    } catch (error) {
      return { topic, state: "broken", text: reasonOf(error), facts: { path }, mend: setupCommand("--gpu") };
    }
  });
}
