/**
 * `deno task conformance`: compares the wasm backend with tfjs' cpu backend, value by
 * value and gradient by gradient. `--backend tensorflow` runs tfjs' own specs on the
 * tensorflow backend in their place.
 *
 * Prints every case that fails, with the reason. Exits with 1 where one fails that is
 * not known to, or one passes that is on the list of those that fail.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import * as tf from "@tensorflow/tfjs-core";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { useBackend } from "../backends/select.ts";
import { UsageError } from "../cli/flags.ts";
import { runCommand } from "./command.ts";
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

const HELP = `Usage: deno task conformance [OPTIONS]

  --backend NAME    wasm: our cases against cpu; tensorflow: tfjs' own specs [wasm]
  --grep TEXT       tensorflow: run only specs whose names contain this
  --fixtures PATH   tensorflow: the folder tfjs-node of a checkout of tfjs; without it
                    the specs that read its test_objects are known failures
  --help`;

/** Runs the cases of wasm, prints the verdicts that need a reader; gives the exit code. */
async function reportCases(): Promise<number> {
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
  return count("fails") + count("closed") > 0 ? 1 : 0;
}

async function main(argv: readonly string[]): Promise<number> {
  const { backend, grep, fixtures, help } = parseArgs([...argv], {
    string: ["backend", "grep", "fixtures"],
    boolean: ["help"],
    default: { backend: "wasm" },
    unknown: (arg: string) => {
      throw new UsageError(`Expected an option but found ${arg}`);
    },
  });
  if (help) {
    console.log(HELP);
    return 0;
  }
  if (backend === "tensorflow") {
    if (fixtures !== undefined && !existsSync(join(fixtures, "test_objects"))) {
      throw new UsageError(`Expected --fixtures to be a folder that holds test_objects but found ${fixtures}`);
    }
    const { reportSuite } = await import("./conformance/jasmine/mod.ts");
    return await reportSuite(backend, {
      ...(grep === undefined ? {} : { grep }),
      ...(fixtures === undefined ? {} : { fixtures }),
    });
  }
  if (backend !== "wasm") {
    throw new UsageError(`Expected --backend to be wasm or tensorflow but found ${backend}`);
  }
  if (grep !== undefined || fixtures !== undefined) {
    throw new UsageError(`Expected --grep and --fixtures with --backend tensorflow but found them with ${backend}`);
  }
  return await reportCases();
}

if (import.meta.main) await runCommand(main, HELP);
