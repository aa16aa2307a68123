/**
 * The WebGPU adapter of this machine: what it is, and a device of it.
 *
 * @module
 */
import { noteAdapters } from "./order.ts";

/** What a report says of an adapter. */
export type AdapterFeatures = Record<string, string | number | boolean>;

/** An adapter, and what is known of it. */
export interface Adapter {
  readonly adapter: GPUAdapter;
  /** Its name for people. */
  readonly name: string;
  /** Whether it computes on the CPU. */
  readonly software: boolean;
  readonly features: AdapterFeatures;
}

/** What renders on the CPU goes by these names; not all of them say so of themselves. */
const SOFTWARE = /llvmpipe|lavapipe|swiftshader|software|basic render/i;

/** Whether the adapter called `name` computes on the CPU, as it says itself or as its name does. */
export function isSoftware(name: string, isFallbackAdapter?: boolean): boolean {
  return isFallbackAdapter === true || SOFTWARE.test(name);
}

/** PCI vendors, which Deno gives as numbers where browsers give names. */
const VENDORS: Readonly<Record<string, string>> = {
  "4098": "amd",
  "4203": "apple",
  "4318": "nvidia",
  "5045": "arm",
  "20803": "qualcomm",
  "32902": "intel",
  "65541": "mesa",
};

/** Limits that decide which networks fit. */
const LIMITS = ["maxBufferSize", "maxStorageBufferBindingSize"] as const;

/** Limits that kernels of tfjs and ours make use of, asked for as high as the adapter has them. */
const REQUIRED_LIMITS = [
  "maxComputeWorkgroupStorageSize",
  "maxComputeWorkgroupsPerDimension",
  "maxStorageBufferBindingSize",
  "maxBufferSize",
  "maxComputeWorkgroupSizeX",
  "maxComputeInvocationsPerWorkgroup",
] as const;

/**
 * The adapter that WebGPU offers for computing.
 *
 * @throws {TypeError} Where there is no WebGPU, or no adapter.
 */
export async function requestAdapter(
  gpu: Pick<GPU, "requestAdapter"> | undefined = (globalThis as { navigator?: { gpu?: GPU } }).navigator?.gpu,
): Promise<Adapter> {
  if (gpu === undefined) {
    throw new TypeError("Expected navigator.gpu but found none: WebGPU needs Deno, or a browser that has it");
  }
  noteAdapters();
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (adapter === null) {
    throw new TypeError("Expected a WebGPU adapter but found none: install the GPU's driver (on Linux, Vulkan's)");
  }
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
  const maker = VENDORS[vendor] ?? vendor;
  const name = description || [maker, architecture, device].filter(Boolean).join(" ") || "without a name";
  const software = isSoftware(name, isFallbackAdapter);
  const limits = Object.fromEntries(LIMITS.map((limit) => [limit, adapter.limits[limit]]));
  const texts = Object.entries({ vendor: maker, architecture, description }).filter(([, text]) => text !== "");
  const timestamps = adapter.features.has("timestamp-query");
  return { adapter, name, software, features: { ...Object.fromEntries(texts), software, timestamps, ...limits } };
}

/** A device of `adapter`, with its highest limits and, where there are any, timestamps. */
export async function requestDevice({ adapter }: Adapter): Promise<GPUDevice> {
  return await adapter.requestDevice({
    requiredFeatures: adapter.features.has("timestamp-query") ? ["timestamp-query"] : [],
    requiredLimits: Object.fromEntries(REQUIRED_LIMITS.map((limit) => [limit, adapter.limits[limit]])),
  });
}
