/**
 * Line coverage of models, layers and training: runs the tests, prints a table and
 * fails below the threshold that deno.json sets.
 *
 *     deno task coverage
 *
 * @module
 */
import { ROOT, runDeno } from "./jsr.ts";

const FOLDER = "coverage";
// Held to the checkout's own folders: tests/models is not meant, nor a parent folder of that name.
const ROOMS = `^${new URL("..", import.meta.url).href.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(models|training)/`;

const tests = await runDeno("test", [
  "-P",
  "--doc",
  "--parallel",
  "--clean",
  `--coverage=${FOLDER}`,
  "--coverage-raw-data-only",
]);
if (tests !== 0) Deno.exit(tests);

const report = new Deno.Command(Deno.execPath(), { args: ["coverage", `--include=${ROOMS}`, FOLDER], cwd: ROOT });
Deno.exit((await report.spawn().status).code);
