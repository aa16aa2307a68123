/**
 * Holds what specs did against what is known of them.
 *
 * @module
 */
import type { KnownFailure } from "./known.ts";
import type { SpecResult } from "./protocol.ts";

/** A spec's verdict. */
export interface SpecVerdict {
  readonly result: SpecResult;
  /**
   * `passes`; `pending`: switched off by tfjs itself; `known`: fails as expected;
   * `fails`: for no known reason, or for another one; `closed`: passes although it is known to fail.
   */
  readonly verdict: "passes" | "pending" | "known" | "fails" | "closed";
  /** Why it fails, or what to do. */
  readonly reason: string;
}

/** Whether a suite or spec of `names` is the spec `name`, or holds it. */
const covers = (names: readonly string[], name: string): boolean =>
  names.some((known) => name === known || name.startsWith(`${known} `));

/** The first entry of `list` that speaks of the spec `name`. */
function entryOf(name: string, list: readonly KnownFailure[]): KnownFailure | undefined {
  return list.find(({ specs, but = [] }) => covers(specs, name) && !covers(but, name));
}

/** Judges one spec. */
export function judgeSpec(result: SpecResult, list: readonly KnownFailure[]): SpecVerdict {
  const { name, status, message } = result;
  if (status === "pending") return { result, verdict: "pending", reason: message };
  const known = entryOf(name, list);
  if (status === "passed") {
    return known === undefined
      ? { result, verdict: "passes", reason: "" }
      : { result, verdict: "closed", reason: "passes: take it off tools/conformance/jasmine/known.ts" };
  }
  // Nothing excuses the end of the process.
  return known !== undefined && status === "failed" && message.includes(known.message)
    ? { result, verdict: "known", reason: known.reason }
    : { result, verdict: "fails", reason: message.split("\n")[0] ?? "" };
}

/** Names on the list that no spec of `results` has: tfjs renamed it, or it is a slip of the pen. */
export function unknownNames(results: readonly SpecResult[], list: readonly KnownFailure[]): string[] {
  const names = list.flatMap(({ specs, but = [] }) => [...specs, ...but]);
  return names.filter((known) => !results.some(({ name }) => covers([known], name)));
}
