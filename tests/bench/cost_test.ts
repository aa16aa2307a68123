import { assert, assertEquals } from "@std/assert";
import { costOf, stepBytes, stepFlops } from "../../bench/cost.ts";
import { describeModel, listModels } from "../../models/registry.ts";

Deno.test("a network of one output costs what its description says, in both modes", () => {
  for (const name of listModels().filter((name) => !name.endsWith("_aux"))) {
    const { params, macs, activations } = describeModel(name);
    for (const mode of ["forward", "train"] as const) assertEquals(costOf(name, mode), { params, macs, activations });
  }
});

Deno.test("a forward pass leaves auxiliary classifiers out, training does not", () => {
  assertEquals(costOf("torchvision/googlenet_aux", "forward"), costOf("torchvision/googlenet", "forward"));
  const { params, macs, activations } = describeModel("torchvision/googlenet_aux");
  assertEquals(costOf("torchvision/googlenet_aux", "train"), { params, macs, activations });
  assert(costOf("paper/googlenet_aux", "forward").macs < costOf("paper/googlenet_aux", "train").macs);
});

Deno.test("training costs three forward passes", () => {
  const cost = costOf("d2l/lenet", "train");
  assertEquals(stepFlops(cost, "train", 2), 3 * stepFlops(cost, "forward", 2));
  assertEquals(stepBytes(cost, "train", 2), 3 * stepBytes(cost, "forward", 2));
});

Deno.test("LeNet's step costs what can be counted by hand", () => {
  // Convolutions of 5×5: 28² · 6 · 25 and 10² · 16 · 150; then 400 · 120, 120 · 84, 84 · 10.
  const macs = 117_600 + 240_000 + 48_000 + 10_080 + 840;
  assertEquals(stepFlops(costOf("d2l/lenet", "forward"), "forward", 3), 2 * 3 * macs);
  const outputs = 28 ** 2 * 6 + 10 ** 2 * 16 + 120 + 84 + 10;
  assertEquals(stepBytes(costOf("d2l/lenet", "forward"), "forward", 3), 4 * (2 * 3 * outputs + 61_706));
});
