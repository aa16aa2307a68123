/**
 * Whether two reports come from machines that can be compared.
 *
 * @module
 */
import type { Environment, Report } from "./schema.ts";

/** What differs between two reports. */
export interface Difference {
  /** What it is: `cpu`, `flags.oneDNN`, … */
  readonly what: string;
  /** In the base. */
  readonly base: string;
  /** In the head. */
  readonly head: string;
  /** Whether times cannot be compared where it differs; where not, it may be what is measured. */
  readonly machine: boolean;
}

type Facts = ReadonlyMap<string, string>;

const text = (value: unknown): string => value === null || value === undefined ? "none" : String(value);

function machineFacts({ cpu, gpu, cores, os, threads, flags }: Environment, backends: string): Facts {
  return new Map([
    ...Object.entries({ cpu, gpu, cores, os, threads, backend: backends }),
    ...Object.entries(flags).map(([name, value]) => [`flags.${name}`, value] as const),
  ].map(([name, value]) => [name, text(value)]));
}

/** Versions: to compare them is what many a comparison is for. */
function versionFacts({ deno, v8, tfjs, libtensorflow, driver }: Environment): Facts {
  return new Map(Object.entries({ deno, v8, tfjs, libtensorflow, driver }).map(([name, value]) => [name, text(value)]));
}

function differencesOf(base: Facts, head: Facts, machine: boolean): Difference[] {
  return [...new Set([...base.keys(), ...head.keys()])]
    .map((what) => ({ what, base: base.get(what) ?? "none", head: head.get(what) ?? "none", machine }))
    .filter(({ base, head }) => base !== head);
}

function backendsOf({ results }: Report, names: ReadonlySet<string>): string {
  const used = results.filter(({ name }) => names.has(name)).map(({ backend }) => backend);
  return [...new Set(used)].sort().join(", ");
}

/** What differs between the machines and the versions of two reports; `names` are the results that both have. */
export function differences(base: Report, head: Report, names: ReadonlySet<string>): Difference[] {
  const machine = [base, head].map((report) => machineFacts(report.environment, backendsOf(report, names)));
  const versions = [base, head].map((report) => versionFacts(report.environment));
  const none: Facts = new Map();
  return [
    ...differencesOf(machine[0] ?? none, machine[1] ?? none, true),
    ...differencesOf(versions[0] ?? none, versions[1] ?? none, false),
  ];
}
