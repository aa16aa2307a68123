import { assert, assertEquals } from "@std/assert";
import { useBackend } from "../../../backends/select.ts";
import { createModel } from "../../../models/registry.ts";
import { stateDict } from "../../../models/state_dict.ts";
import { writeSafetensors } from "../../../models/weights/safetensors.ts";
import { BACKENDS, ignoredOn } from "../../backends_under_test.ts";
import { runDeno } from "../../run_deno.ts";

Deno.test("while weights are loaded, memory grows by less than half of the file", async () => {
  await useBackend("cpu");
  const model = createModel("d2l/alexnet", { seed: 2 });
  const file = await Deno.makeTempFile({ suffix: ".safetensors" });
  await Deno.writeFile(file, writeSafetensors(await stateDict(model)));
  model.dispose();
  for (const backend of BACKENDS.filter((name) => !ignoredOn(name))) {
    const { code, stdout, stderr } = await runDeno(["tests/models/weights/memory_child.ts", backend, file]);
    assertEquals(code, 0, stderr);
    const { rise, size } = JSON.parse(stdout) as { rise: number; size: number };
    assert(size > 180_000_000);
    // More than half of this file is one tensor.
    assert(rise < size / 2, `${backend}: ${rise} of ${size}`);
  }
  await Deno.remove(file);
});
