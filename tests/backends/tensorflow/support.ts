/**
 * What the tests of the tensorflow backend share.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { TensorFlowBinding } from "../../../backends/tensorflow/binding/mod.ts";
import { useBackend } from "../../../backends/select.ts";
import { hasTensorFlow, leaksNothing } from "../../backends_under_test.ts";

/** The running binding, for what tfjs' ops do not reach. */
export function binding(): TensorFlowBinding {
  return (tf.backend() as unknown as { binding: TensorFlowBinding }).binding;
}

/** A test on TensorFlow; it fails where tfjs or TensorFlow has more tensors afterwards. */
export function testOnTensorFlow(name: string, run: () => void | Promise<void>): void {
  Deno.test({
    name,
    ignore: !hasTensorFlow,
    async fn() {
      await useBackend("tensorflow", { device: "cpu" });
      await leaksNothing(run);
    },
  });
}
