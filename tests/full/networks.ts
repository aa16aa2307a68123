/**
 * The networks of the catalog as they are, on TensorFlow: what holds for every
 * network. `deno task test:full` gives each a process of its own.
 *
 * @module
 */
import { useBackend } from "../../backends/select.ts";
import { catalog } from "../../models/catalog.ts";
import type { ModelDescription } from "../../models/describe.ts";
import { describeModel } from "../../models/registry.ts";
import { check } from "../models/checks/mod.ts";
import { parseFullTestOptions } from "./options.ts";

const GIB = 2 ** 30;

/** BatchNorm of vectors, as the LeNets have it, says little of two of them. */
const batchOf = ([height = 0]: readonly number[]): number => height < 96 ? 8 : 2;

/**
 * Kernels add up in another order for one image than for two. In PyTorch an image alone
 * is up to 2.6e-5 off in legacy_senet154, whose float32 is 7e-5 off itself (ResNet-152's 4e-4).
 */
const ROUNDING = 1e-4;

/**
 * Bytes that the checks need at most, as measured. Seven times the weights, with AlexNet:
 * two networks, two state dicts, a file, and what is not collected yet. Or, with
 * EfficientNet-B3, twice the weights and four times what all layers give: for the
 * gradients it is kept, with what kernels need beside it.
 */
function memoryNeeded({ layers, params, buffers }: ModelDescription, batch: number): number {
  const weights = 4 * (params + buffers);
  const outputs = 4 * batch * layers.reduce(
    (sum, { outputShape }) => sum + outputShape.reduce<number>((product, size) => product * (size ?? 1), 1),
    0,
  );
  return Math.max(7 * weights, 2 * weights + 4 * outputs);
}

for (const name of parseFullTestOptions(Deno.args).models) {
  const description = describeModel(name);
  const { inputShape, classes, initializer, block } = catalog[name];
  const batch = batchOf(inputShape);
  const millions = (description.params / 1e6).toFixed(1);
  Deno.test(`${name}, ${millions} million parameters, holds what holds for every network, on tensorflow`, async (t) => {
    await useBackend("tensorflow");
    const needed = memoryNeeded(description, batch);
    const { available } = Deno.systemMemoryInfo();
    const fits = needed < 0.9 * available;
    if (!fits) {
      const [needs, has] = [needed, available].map((bytes) => (bytes / GIB).toFixed(1));
      console.warn(`${name}: forward only, because the rest needs ${needs} GiB of memory and ${has} are free`);
    }
    await check({ block: block({ classes }), inputShape, initializer }, {
      batch,
      rounding: ROUNDING,
      step: ({ says, isForward }, fn) => t.step({ name: says, fn, ignore: !fits && !isForward }),
    });
  });
}
