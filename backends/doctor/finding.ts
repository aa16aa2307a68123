/**
 * What the doctor finds.
 *
 * @module
 */

/** One thing that this machine has, or has not. */
export interface Finding {
  /** `CPU`, `CUDA driver`. */
  readonly topic: string;
  /** `missing` is what some backend would use and all can do without; `broken` is there and does not work. */
  readonly state: "ok" | "missing" | "broken";
  /** In a line. */
  readonly text: string;
  /** The same for programs. Bytes and counts are numbers. */
  readonly facts: Readonly<Record<string, Fact>>;
  /** A command, or what else has to be done, where something has to. */
  readonly mend?: string;
}

/** A value of {@linkcode Finding.facts}. */
export type Fact = string | number | boolean | readonly string[];

/** Looks at one thing. */
export type Probe = () => Promise<Finding | Finding[]> | Finding | Finding[];

/** Why something failed, in a line. */
export const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";

/** `15.6 GB`, as sellers count: 10⁹ bytes. */
export const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

/** What the probes find, one after the other. One that throws is a finding too: the others go on. */
export async function examine(probes: Readonly<Record<string, Probe>>): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [topic, probe] of Object.entries(probes)) {
    try {
      findings.push(...[await probe()].flat());
    } catch (error) {
      findings.push({ topic, state: "broken", text: `cannot be looked at: ${reasonOf(error)}`, facts: {} });
    }
  }
  return findings;
}
