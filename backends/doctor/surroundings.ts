/**
 * What lies around: a WebGPU adapter, JSR, data.
 *
 * @module
 */
import { DownloadError } from "../../data/download.ts";
import { fashionMnist } from "../../data/fashion_mnist.ts";
import { isSoftware } from "../webgpu/adapter.ts";
import type { Finding } from "./finding.ts";
import { canLoad } from "./jsr.ts";

/** What is asked of `navigator.gpu`. */
export interface AdapterSource {
  requestAdapter(): Promise<{ readonly info: AdapterInfo } | null>;
}

interface AdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  readonly isFallbackAdapter?: boolean;
}

/** The WebGPU adapter. */
export async function probeWebgpu(gpu: AdapterSource | undefined = navigator.gpu): Promise<Finding> {
  const topic = "WebGPU";
  const info = (await gpu?.requestAdapter())?.info;
  if (info === undefined) {
    return {
      topic,
      state: "missing",
      text: "no adapter",
      facts: {},
      mend: Deno.build.os === "linux"
        ? "install the GPU's Vulkan driver (mesa-vulkan-drivers, or NVIDIA's), and see that vulkaninfo runs"
        : "install the GPU's driver",
    };
  }
  const { vendor, architecture, device, description } = info;
  const name = description || [vendor, architecture, device].filter(Boolean).join(" ") || "an adapter without a name";
  const software = isSoftware(name, info.isFallbackAdapter);
  return {
    topic,
    state: software ? "missing" : "ok",
    text: software ? `${name}, which is no GPU` : name,
    facts: { vendor, architecture, device, description, software },
    ...(software ? { mend: "install the GPU's Vulkan driver: this adapter computes on the CPU" } : {}),
  };
}

/** Whether packages of JSR can be had, which tests and the command line use. */
export async function probeJsr(loads: () => Promise<boolean> = () => canLoad("jsr:@std/assert@1")): Promise<Finding> {
  const reachable = await loads();
  return {
    topic: "JSR",
    state: reachable ? "ok" : "missing",
    text: reachable ? "reachable" : "cannot be reached: tasks use the stand-ins of tools/offline",
    facts: { reachable },
    ...(reachable ? {} : { mend: "let Deno through to JSR (HTTPS_PROXY), or go on: a checkout needs it for nothing" }),
  };
}

/** Where Fashion-MNIST lies: loaded, so verified, and never downloaded. */
export async function probeData(
  load: (signal: AbortSignal) => Promise<{ source: string }> = (signal) => fashionMnist({ source: "full", signal }),
): Promise<Finding> {
  const topic = "Fashion-MNIST";
  try {
    // A download would be stopped before it begins.
    const { source } = await load(AbortSignal.abort(new DownloadError("not on this machine")));
    return { topic, state: "ok", text: source, facts: { source } };
  } catch (error) {
    const absent = error instanceof DownloadError;
    return {
      topic,
      state: absent ? "missing" : "broken",
      text: absent
        ? "not on this machine: the sample of 1,000 images is there"
        : error instanceof Error
        ? error.message
        : String(error),
      facts: {},
      mend: "deno task train downloads it (30 MB), or name its folder with CONVBENCH_DATA",
    };
  }
}
