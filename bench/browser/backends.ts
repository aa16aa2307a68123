/**
 * The backends that a browser has, as a person chooses among them.
 *
 * @module
 */
import type { BackendInfo } from "../../backends/select.ts";
import type { BackendName } from "../../backends/source.ts";

/** A backend to choose, or the reason why it is not there. */
export interface BackendChoice {
  /** Its name for people; software says so. */
  readonly label: string;
  /** Its name. */
  readonly name: BackendName;
  /** What it computes on. */
  readonly device: "cpu" | "gpu";
  /** What is known of it, or why it is not there. */
  readonly text: string;
  /** Whether it is there. */
  readonly available: boolean;
  /** Whether it is measured where nobody chose. */
  readonly preferred: boolean;
  /** What it told of itself. */
  readonly info: BackendInfo;
}

/** Backends that browsers may have, in the order in which they are shown. */
const NAMES = ["webgpu", "wasm", "cpu"] as const;

/** What an adapter is called. */
export function adapterName({ features }: Pick<BackendInfo, "features">): string {
  const { description, vendor, architecture } = features;
  return String(description || [vendor, architecture].filter(Boolean).join(" ") || "an adapter without a name");
}

/** Whether it is a WebGPU adapter that computes on the CPU. */
export function isSoftwareAdapter({ name, features }: Pick<BackendInfo, "name" | "features">): boolean {
  return name === "webgpu" && features.software === true;
}

function textOf(info: BackendInfo): string {
  if (!info.available) return info.reason ?? "it does not start";
  const { features, name } = info;
  switch (name) {
    case "webgpu":
      return isSoftwareAdapter(info)
        ? `${adapterName(info)}: computes on the CPU, for trials and not for figures`
        : adapterName(info);
    case "wasm":
      return `${features.simd === true ? "with" : "without"} SIMD, ${features.threads} ${
        features.threads === 1 ? "thread" : "threads"
      }`;
    default:
      return "plain JavaScript, some hundred times slower than wasm in training";
  }
}

/** One choice for each backend that browsers may have: what runs on a GPU before what is software. */
export function backendChoices(infos: readonly BackendInfo[]): BackendChoice[] {
  return NAMES.flatMap((name) => {
    const found = infos.filter((info) => info.name === name);
    const info = found.find(({ available }) => available) ?? found[0];
    if (info === undefined) return [];
    const { available, device } = info;
    const software = isSoftwareAdapter(info);
    return [{
      label: software ? `${name} (software)` : name,
      name,
      device,
      text: textOf(info),
      available,
      preferred: available && !software && name !== "cpu",
      info,
    }];
  });
}
