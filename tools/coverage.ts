/**
 * Line coverage of models, layers and training: runs the tests, prints a table and
 * fails below the threshold that deno.json sets.
 *
 *     deno task coverage
 *     deno task coverage --report-only
 *
 * With `--report-only` it reports what `deno task test --coverage --coverage-raw-data-only`
 * has left, and runs no test.
 *
 * @module
 */
import { join } from "node:path";
import { ROOT, runDeno } from "./jsr.ts";

const FOLDER = join(ROOT, "coverage");
// Held to the checkout's own folders: tests/models is not meant, nor a parent folder of that name.
const ROOMS = `^${new URL("..", import.meta.url).href.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(models|training)/`;

/** Removes profiles that a process left unfinished: some tests kill theirs, and one such file fails the report. */
async function removeUnfinished(): Promise<void> {
  for await (const { name } of Deno.readDir(FOLDER)) {
    const path = join(FOLDER, name);
    try {
      JSON.parse(await Deno.readTextFile(path));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      await Deno.remove(path);
    }
  }
}

async function main(args: readonly string[]): Promise<number> {
  const [flag, ...rest] = args;
  if ((flag !== undefined && flag !== "--report-only") || rest.length > 0) {
    console.error(`Expected --report-only or nothing but found ${args.join(" ")}`);
    return 2;
  }
  if (flag === undefined) {
    const code = await runDeno("test", [
      "-P",
      "--doc",
      "--parallel",
      "--clean",
      `--coverage=${FOLDER}`,
      "--coverage-raw-data-only",
    ]);
    if (code !== 0) return code;
  }
  await removeUnfinished();
  const report = new Deno.Command(Deno.execPath(), { args: ["coverage", `--include=${ROOMS}`, FOLDER], cwd: ROOT });
  return (await report.spawn().status).code;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
