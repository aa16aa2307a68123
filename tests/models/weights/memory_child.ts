/**
 * Builds the book's AlexNet, loads weights into it and prints by how much the process grew in the meantime:
 *
 *     BACKEND FILE
 *
 * @module
 */
import { createModel, loadWeights, useBackend } from "@convbench/convbench";
import type { BackendName } from "@convbench/convbench";

const [backend, file = ""] = Deno.args;
await useBackend(backend as BackendName);
const model = createModel("d2l/alexnet", { seed: 1 });
const built = Deno.memoryUsage().rss;
let peak = built;
// Each piece is awaited: what is held between two pieces shows.
const timer = setInterval(() => peak = Math.max(peak, Deno.memoryUsage().rss), 2);
await loadWeights(model, file);
clearInterval(timer);
peak = Math.max(peak, Deno.memoryUsage().rss);
console.log(JSON.stringify({ rise: peak - built, size: (await Deno.stat(file)).size }));
model.dispose();
