/**
 * Tests on WebGPU run where there is an adapter, be it software; elsewhere they are
 * ignored, each by its name. With CONVBENCH_TEST_WEBGPU=required they fail instead.
 *
 * This module imports the one that opens libtensorflow where it is installed, before
 * it asks for an adapter: the process does not survive the other order.
 *
 * @module
 */
import { useBackend } from "../../../backends/select.ts";
import { leaksNothing } from "../../backends_under_test.ts";

async function startsWebGPU(): Promise<boolean> {
  if (Deno.env.get("CONVBENCH_TEST_WEBGPU") === "required") return true;
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
