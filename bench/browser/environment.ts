/**
 * Where a run in a browser was measured, for its report.
 *
 * @module
 */
import type { Environment } from "../report/schema.ts";
import type { BackendRecord } from "../sampler/messages.ts";
import { adapterName, isSoftwareAdapter } from "./backends.ts";

/** What of a browser's `navigator` is asked. */
export interface BrowserFacts {
  /** The text by which all browsers know each other. */
  readonly userAgent: string;
  /** `Linux x86_64`, `MacIntel`, … */
  readonly platform: string;
  /** Logical processors. */
  readonly hardwareConcurrency: number;
  /** Chrome's way of telling who it is. */
  readonly userAgentData?: {
    readonly brands: readonly { readonly brand: string; readonly version: string }[];
    readonly platform: string;
  } | undefined;
}

/** How the names of browsers stand in a user agent, the more special ones first: all of them say Chrome or Safari too. */
const AGENTS: readonly (readonly [string, RegExp])[] = [
  ["Edge", /\bEdg\/([\d.]+)/],
  ["Firefox", /\bFirefox\/([\d.]+)/],
  ["Chrome", /\b(?:Headless)?Chrome\/([\d.]+)/],
  ["Safari", /\bVersion\/([\d.]+).*\bSafari\//],
];

/** A brand that is made up, so that nobody relies on the list: `Not)A;Brand`. */
const MADE_UP = /not.{0,3}a.{0,3}brand/i;

/** A browser's name and version. */
export function browserName({ userAgent, userAgentData }: Pick<BrowserFacts, "userAgent" | "userAgentData">): string {
  for (const [name, pattern] of AGENTS) {
    const version = pattern.exec(userAgent)?.[1];
    if (version !== undefined) return `${name} ${version}`;
  }
  const { brand, version } = userAgentData?.brands.find(({ brand }) => !MADE_UP.test(brand)) ?? {};
  return brand === undefined ? "unknown" : `${brand} ${version}`;
}

/** How a page was measured, beside its backend. */
export interface PageFacts {
  /** Milliseconds that its clock can tell. */
  readonly clockMs: number;
  /** Whether it may share memory between threads. */
  readonly isolated: boolean;
  /** The commit that the page was built from. */
  readonly commit: string | null;
  /** When the run began. */
  readonly started: string;
}

/** Of a backend's features, those that have a place of their own. */
const ELSEWHERE: ReadonlySet<string> = new Set(["threads"]);

/**
 * The environment of a run on `backend`. Browsers tell of no processor, no driver and
 * no load, and of the memory only in steps: `unknown`, and null. What is no GPU is not
 * named as one.
 */
export function browserEnvironment(
  { userAgent, userAgentData, platform, hardwareConcurrency }: BrowserFacts,
  { clockMs, isolated, commit, started }: PageFacts,
  { name, device, features, tfjs }: Pick<BackendRecord, "name" | "device" | "features" | "tfjs">,
): Environment {
  const kept = Object.entries(features).filter(([feature]) => !ELSEWHERE.has(feature));
  return {
    cpu: "unknown",
    cores: Math.max(1, hardwareConcurrency || 1),
    memory: null,
    gpu: name === "webgpu" && !isSoftwareAdapter({ name, features }) ? adapterName({ features }) : null,
    driver: null,
    os: userAgentData?.platform || platform || "unknown",
    deno: null,
    v8: null,
    tfjs,
    libtensorflow: null,
    threads: device === "gpu" ? null : typeof features.threads === "number" ? features.threads : 1,
    flags: {
      ...Object.fromEntries(kept),
      browser: browserName({ userAgent, userAgentData }),
      // A report of the command line has processes there: the two are not compared unnoticed.
      starts: "web workers",
      clockMs,
      isolated,
    },
    load: { start: null, end: null },
    commit,
    started,
  };
}
