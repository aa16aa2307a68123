/**
 * Compares compiled and eager steps bit by bit; a process of its own, because oneDNN is on or off for a whole one.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { useBackend } from "../../backends/select.ts";
import { SGD } from "../../training/sgd.ts";
import { TINY_MODELS } from "../models/tiny_models.ts";
import { losses } from "./compiled_losses.ts";

await useBackend("tensorflow", { device: "cpu" });
const sgd = () => new SGD({ learningRate: 0.02 });
let networks = 0;
for (const [name, tiny] of Object.entries(TINY_MODELS)) {
  const [eager, compiled] = [
    await losses(tiny, sgd, { compile: false }),
    await losses(tiny, sgd, { compile: true, exact: true }),
  ];
  assertEquals(compiled.losses, eager.losses, name);
  networks++;
}
console.log(`${networks} networks`);
