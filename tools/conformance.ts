/**
 * `deno task conformance`: compares the wasm backend with tfjs' cpu backend, value by
 * value and gradient by gradient.
 *
 * Prints every case that fails, with the reason. Exits with 1 where one fails that is
 * not a known gap, or a known gap has closed and its entry should go.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../backends/select.ts";
import { type Case, disagreement, evaluate, type Outcome } from "./conformance/case.ts";
import { CASES } from "./conformance/cases.ts";
import { KNOWN_GAPS } from "./conformance/known.ts";

/** A case's verdict. */
export interface Verdict {
  readonly name: string;
  /** `passes`; `known`: fails as expected; `fails`; `closed`: a known gap that passes or fails otherwise. */
  readonly verdict: "passes" | "known" | "fails" | "closed";
  /** Why it fails. */
  readonly reason: string;
}

/** Judges what a case's comparison found: its disagreement, or undefined where there is none. */
export function judge(name: string, found: string | undefined): Verdict {
  const gap = KNOWN_GAPS.get(name);
  if (found === undefined) {
    return gap === undefined
      ? { name, verdict: "passes", reason: "" }
      : { name, verdict: "closed", reason: "passes: take it off tools/conformance/known.ts" };
  }
  return gap !== undefined && found.includes(gap.message)
    ? { name, verdict: "known", reason: gap.reason }
    : { name, verdict: "fails", reason: found };
}

async function evaluateAll(backend: "wasm" | "cpu", cases: readonly Case[]): Promise<Outcome[]> {
  await useBackend(backend);
  return cases.map(evaluate);
}

/** Runs all cases on both backends. */
export async function conformance(cases: readonly Case[] = CASES): Promise<Verdict[]> {
  const expected = await evaluateAll("cpu", cases);
  const actual = await evaluateAll("wasm", cases);
  return cases.map(({ name }, i) => {
    const [ours, reference] = [actual[i], expected[i]];
    return judge(name, ours && reference ? disagreement(ours, reference) : "it was not run");
  });
}

if (import.meta.main) {
  // tfjs' kernels warn about the casts that some of the cases make them do.
  console.warn = () => {};
  const verdicts = await conformance();
  for (const { name, verdict, reason } of verdicts) {
    if (verdict !== "passes") console.log(`${verdict.padEnd(6)}  ${name}: ${reason}`);
  }
  const count = (kind: Verdict["verdict"]) => verdicts.filter(({ verdict }) => verdict === kind).length;
  console.log(
    `${verdicts.length} cases on wasm against cpu (tfjs ${tf.version_core}): ${count("passes")} pass, ` +
      `${count("known")} known gaps, ${count("fails")} fail, ${count("closed")} gaps closed`,
  );
  if (count("fails") + count("closed") > 0) Deno.exit(1);
}
