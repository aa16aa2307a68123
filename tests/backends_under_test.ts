/**
 * The backends that tests run on. TensorFlow has to be installed first (`deno task
 * setup`): where it is not, tests on it are ignored, each by its name. With
 * CONVBENCH_TEST_TENSORFLOW=required, as in CI, they fail instead.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../backends/select.ts";
import type { BackendName } from "../backends/source.ts";

/** All of them. */
export const BACKENDS = ["cpu", "wasm", "tensorflow"] as const satisfies BackendName[];

async function startsTensorFlow(): Promise<boolean> {
  if (Deno.env.get("CONVBENCH_TEST_TENSORFLOW") === "required") return true;
  try {
    await useBackend("tensorflow", { device: "cpu" });
    return true;
  } catch {
    return false;
  }
}

/** Whether tests on TensorFlow run. */
export const hasTensorFlow: boolean = await startsTensorFlow();

/** Whether tests on `backend` are ignored here. */
export const ignoredOn = (backend: BackendName): boolean => backend === "tensorflow" && !hasTensorFlow;

/** What there is of tensors: tfjs' count, the backend's, and TensorFlow's own. */
export function tensorCounts(): { tensors: number; data: number; handles: number } {
  const { binding } = tf.backend() as { binding?: { getNumOfTensors(): number } };
  return {
    tensors: tf.memory().numTensors,
    data: tf.backend().numDataIds(),
    handles: binding?.getNumOfTensors() ?? 0,
  };
}

/** Fails where `run` leaves tensors behind on the current backend. */
export async function leaksNothing(run: () => void | Promise<void>): Promise<void> {
  const before = tensorCounts();
  await run();
  assertEquals(tensorCounts(), before, "tensors leaked");
}

/** A test on each backend; it fails where tensors are left behind. */
export function testOnBackends(
  title: string,
  run: () => void | Promise<void>,
  backends: readonly BackendName[] = BACKENDS,
): void {
  for (const backend of backends) {
    Deno.test({
      name: `${title}, on ${backend}`,
      ignore: ignoredOn(backend),
      async fn() {
        await useBackend(backend);
        await leaksNothing(run);
      },
    });
  }
}
