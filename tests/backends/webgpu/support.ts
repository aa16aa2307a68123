/**
 * Tests on WebGPU run where CONVBENCH_TEST_WEBGPU asks for them: `on` where there is an
 * adapter, be it software, `required` so that they fail where there is none, `all` with
 * every golden file. Else they are ignored, each by its name: Mesa's LLVM and TensorFlow's
 * in one process have ended whole runs of tests, so they have a run of their own.
 *
 * @module
 */
import { useBackend } from "../../../backends/select.ts";
import { leaksNothing } from "../../backends_under_test.ts";

async function startsWebGPU(): Promise<boolean> {
  const asked = Deno.env.get("CONVBENCH_TEST_WEBGPU");
  if (asked === undefined) return false;
  if (asked === "required") return true;
  try {
    await useBackend("webgpu");
    return true;
  } catch {
    return false;
  }
}

/** Whether tests on WebGPU run. */
export const hasWebGPU: boolean = await startsWebGPU();

/** A test on WebGPU; it fails where tensors are left behind. */
export function testOnWebGPU(name: string, run: () => void | Promise<void>): void {
  Deno.test({
    name: `${name}, on webgpu`,
    ignore: !hasWebGPU,
    async fn() {
      await useBackend("webgpu");
      await leaksNothing(run);
    },
  });
}
