/** Opens the library of the first argument after those of the others, and prints its version. */
import { openLibrary } from "../../../backends/tensorflow/capi/library.ts";

const [path = "", ...preload] = Deno.args;
console.log(openLibrary({ path, preload }).version);
