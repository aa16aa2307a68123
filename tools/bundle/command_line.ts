/**
 * The scenario in Deno and in Node: reads the weights from the path that it is
 * given, prints the numbers as JSON.
 *
 * @module
 */
import { argv } from "node:process";
import { scenario } from "./scenario.ts";

const [, , weights = ""] = argv;
console.log(JSON.stringify(await scenario(weights)));
