/** What process_test.ts runs in processes of their own. */
import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../../../backends/select.ts";

const message = (error: unknown): string => error instanceof Error ? error.message : String(error);

async function product(): Promise<string> {
  const x = tf.tensor2d([[1, 2], [3, 4]]);
  return `${tf.getBackend()} ${await tf.matMul(x, x).data()}`;
}

const PARTS: Record<string, () => Promise<void>> = {
  async choose() {
    const { name, passedOver } = await useBackend();
    console.log(name);
    console.log(passedOver.find(({ name, device }) => name === "tensorflow" && device === "cpu")?.reason);
  },
  async run() {
    await useBackend("tensorflow");
    console.log(await product());
  },
  async gpu() {
    await useBackend("tensorflow");
    await useBackend("tensorflow", { device: "gpu" }).catch((error) => console.log(message(error)));
    console.log(await product());
  },
  async settings() {
    await useBackend("tensorflow", { gpuMemoryLimit: 1024 });
    await useBackend("tensorflow");
    await useBackend("tensorflow", { gpuMemoryLimit: 2048 }).catch((error) => console.log(message(error)));
  },
  async collect() {
    await useBackend("tensorflow");
    const { tensorflowMemory } = await import("../../../backends/tensorflow/mod.ts");
    const before = tensorflowMemory().handles;
    const x = tf.scalar(1);
    for (let i = 0; i < 1000; i++) tf.add(x, x);
    const lost = tensorflowMemory().handles - before;
    const { gc } = globalThis as unknown as { gc: () => void };
    for (let round = 0; round < 20; round++) {
      gc();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    console.log(JSON.stringify({ lost, after: tensorflowMemory().handles - before }));
  },
};

await PARTS[Deno.args[0] ?? ""]?.();
