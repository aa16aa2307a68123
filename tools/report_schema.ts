/**
 * Writes `bench/report/report.schema.json` anew, after a change of the report's zod
 * schema; a test holds the two together.
 *
 *     deno run -A tools/jsr.ts run -A tools/report_schema.ts
 *
 * @module
 */
import { reportJsonSchema } from "../bench/report/schema.ts";

const path = new URL("../bench/report/report.schema.json", import.meta.url);
await Deno.writeTextFile(path, JSON.stringify(reportJsonSchema(), null, 2) + "\n");
