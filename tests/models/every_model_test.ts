import { assertEquals } from "@std/assert";
import { useBackend } from "../../backends/select.ts";
import { catalog } from "../../models/catalog.ts";
import { describe } from "../../models/describe.ts";
import { listModels } from "../../models/registry.ts";
import { BACKENDS, ignoredOn } from "../backends_under_test.ts";
import { check } from "./checks/mod.ts";
import { TINY_MODELS } from "./tiny_models.ts";

/** What plain JavaScript does in a second or two, all checks together. */
const MACS_ON_CPU = 5.5e5;

Deno.test("every network of the catalog has a small one of its kind here, and only one", () => {
  const globs = Object.keys(TINY_MODELS);
  assertEquals(globs.filter((glob) => listModels(glob).length === 0), []);
  assertEquals(globs.flatMap((glob) => listModels(glob)).sort(), listModels().sort());
});

/**
 * oneDNN adds up in another order for one image than for four where a processor has AVX2 alone: 7e-7 in a
 * convolution, 4e-5 behind the many BatchNorms of a GoogLeNet. tests/full/networks.ts has PyTorch's own figures.
 */
const ROUNDING = { cpu: 1e-5, wasm: 1e-5, tensorflow: 1e-4 } as const;

for (const [glob, { block, inputShape }] of Object.entries(TINY_MODELS)) {
  const { macs } = describe(block(), { inputShape });
  for (const backend of BACKENDS.filter((backend) => backend !== "cpu" || macs < MACS_ON_CPU)) {
    Deno.test({
      name: `a small ${glob} holds what holds for every network, on ${backend}`,
      ignore: ignoredOn(backend),
      async fn(t) {
        await useBackend(backend);
        const [name] = listModels(glob);
        const initializer = name === undefined ? "torchDefault" : catalog[name].initializer;
        await check({ block: block(), inputShape, initializer }, {
          batch: 4,
          rounding: ROUNDING[backend],
          step: ({ says }, run) => t.step(says, run),
        });
      },
    });
  }
}
