/**
 * `deno task conformance --backend tensorflow`.
 *
 * @module
 */
import { judgeSpec, type SpecVerdict, unknownNames } from "./judge.ts";
import { KNOWN_FAILURES } from "./known.ts";
import { runSuite, type SuiteOptions } from "./run.ts";

/** Runs the suite, prints the verdicts that need a reader; gives the exit code. */
export async function reportSuite(backend: "tensorflow", options: SuiteOptions): Promise<number> {
  const list = options.fixtures === undefined
    ? KNOWN_FAILURES
    : KNOWN_FAILURES.filter(({ passesWithFixtures }) => !passesWithFixtures);
  const { results, strays, seconds } = await runSuite(backend, options);
  const verdicts = results.map((result) => judgeSpec(result, list));
  const unknown = options.grep === undefined ? unknownNames(results, list) : [];
  for (const { result, verdict, reason } of verdicts) {
    if (verdict !== "passes" && verdict !== "pending") console.log(`${verdict.padEnd(6)}  ${result.name}: ${reason}`);
  }
  for (const stray of strays) console.log(`stray   ${stray}`);
  for (const name of unknown) {
    console.log(`unknown ${name}: no spec has this name of tools/conformance/jasmine/known.ts`);
  }

  const count = (kind: SpecVerdict["verdict"], among: readonly SpecVerdict[] = verdicts) =>
    among.filter(({ verdict }) => verdict === kind).length;
  const passed = results.filter(({ status }) => status === "passed").length;
  const ignored = verdicts.filter(({ result }) => result.ignored);
  console.log(
    `${results.length} specs of tfjs on ${backend} in ${seconds.toFixed(0)} s: ${passed} pass, ` +
      `${count("known")} known failures, ${count("pending")} pending, ${count("fails")} fail, ` +
      `${count("closed")} known failures closed`,
  );
  console.log(`Of the ${ignored.length} that tfjs-node's own run leaves out ${count("passes", ignored)} pass`);
  return count("fails") + count("closed") + strays.length + unknown.length > 0 ? 1 : 0;
}
