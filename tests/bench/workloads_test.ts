import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../../backends/select.ts";
import { createWorkload, defaultBatch, MODES } from "../../bench/workloads.ts";

for (const mode of MODES) {
  Deno.test(`a ${mode} step gives a finite number and leaves no tensor`, async () => {
    await useBackend("wasm");
    const before = tf.memory().numTensors;
    const workload = createWorkload("d2l/bnlenet", mode, 4);
    const between = tf.memory().numTensors;
    const values = [await workload.step(), await workload.step()];
    assert(values.every(Number.isFinite));
    assertEquals(tf.memory().numTensors, between);
    workload.dispose();
    assertEquals(tf.memory().numTensors, before);
  });
}

Deno.test("a training step runs every gradient kernel, a forward step none", async () => {
  await useBackend("wasm");
  const kernels = async (mode: "forward" | "train") => {
    const workload = createWorkload("d2l/lenet", mode, 2);
    // tf.profile() sees the kernels of a synchronous stretch: a step is one up to its first await.
    const { kernelNames } = await tf.profile(() => {
      workload.step();
      return tf.scalar(0);
    });
    workload.dispose();
    return kernelNames;
  };
  assert((await kernels("train")).includes("Conv2DBackpropFilter"));
  assertEquals((await kernels("forward")).filter((name) => /Grad|Backprop/.test(name)), []);
});

Deno.test("small nets take the book's batch, large ones a small one", () => {
  assertEquals([defaultBatch("d2l/lenet"), defaultBatch("d2l/alexnet")], [128, 16]);
});
