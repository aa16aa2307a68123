import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../../backends/select.ts";
import { createWorkload, defaultBatch, MODES } from "../../bench/workloads.ts";
import { syntheticBatch } from "../../data/synthetic.ts";
import { createModel } from "../../models/registry.ts";
import { softmaxCrossEntropy } from "../../training/loss.ts";
import { testOnTensorFlow } from "../backends/tensorflow/support.ts";

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

for (const mode of MODES) {
  testOnTensorFlow(`a compiled ${mode} step gives the number of the eager one`, async () => {
    for (const name of ["d2l/bnlenet", "torchvision/googlenet_aux"] as const) {
      const [eager, compiled] = [createWorkload(name, mode, 2), createWorkload(name, mode, 2, { compiled: true })];
      const [expected, found, again] = [await eager.step(), await compiled.step(), await compiled.step()];
      assertAlmostEquals(found, expected, 1e-4 * Math.abs(expected) + 1e-5);
      // Moving statistics move with each training step; nothing else does.
      if (mode === "forward") assertEquals(again, found);
      for (const each of [eager, compiled]) each.dispose();
    }
  });
}

Deno.test("a workload is compiled only where the backend can", async () => {
  await useBackend("wasm");
  assertThrows(
    () => createWorkload("d2l/lenet", "train", 1, { compiled: true }),
    Error,
    "that can compile, tensorflow",
  );
});

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

Deno.test("a forward step of a network with auxiliary classifiers runs the main output alone, training all of them", async () => {
  await useBackend("wasm");
  const before = tf.memory().numTensors;
  const convolutions = async (mode: "forward" | "train") => {
    const workload = createWorkload("torchvision/googlenet_aux", mode, 1);
    const { kernels } = await tf.profile(() => {
      workload.step();
      return tf.scalar(0);
    });
    workload.dispose();
    return kernels.filter(({ name }) => name === "Conv2D" || name === "FusedConv2D").length;
  };
  // 57 convolutions (Szegedy et al. 2015, table 1), and one in each of the two classifiers.
  assertEquals([await convolutions("forward"), await convolutions("train")], [57, 59]);
  assert(tf.memory().numTensors - before <= 2, "tf.profile() leaves its scalars");
});

Deno.test("the loss of a training step is the main one and 0.3 of each auxiliary one", async () => {
  await useBackend("wasm");
  const name = "torchvision/googlenet_aux";
  /** Loss and all gradients as one number, as a step gives it, with a loss that is written out here. */
  const expected = async (weight: number) => {
    const model = createModel(name);
    const { images, labels } = syntheticBatch({ batchSize: 1, inputShape: [224, 224, 3], classes: 1000 });
    const sum = tf.tidy(() => {
      const { value, grads } = tf.variableGrads(() => {
        const [main, ...others] = model.apply(images, { training: true }) as tf.Tensor[];
        assert(main !== undefined && others.length === 2);
        const auxiliary = others.map((logits) => tf.mul(softmaxCrossEntropy(logits, labels), weight));
        return tf.addN([softmaxCrossEntropy(main, labels), ...auxiliary]) as tf.Scalar;
      });
      return tf.addN([value, ...Object.values(grads).map((gradient) => tf.sum(gradient))]);
    });
    const [number = NaN] = await sum.data();
    model.dispose();
    tf.dispose([images, labels, sum]);
    return number;
  };
  const workload = createWorkload(name, "train", 1);
  const value = await workload.step();
  workload.dispose();
  const [right, wrong] = [await expected(0.3), await expected(1)];
  assertAlmostEquals(value / right, 1, 1e-3);
  assert(Math.abs(value / wrong - 1) > 1e-2, `${value} against ${wrong} with other weights`);
});

Deno.test("small nets take the book's batch, large ones a small one, and a GPU more", () => {
  assertEquals([defaultBatch("d2l/lenet"), defaultBatch("d2l/alexnet")], [128, 16]);
  assertEquals([defaultBatch("torchvision/vgg19"), defaultBatch("torchvision/efficientnet_b7")], [1, 1]);
  assertEquals([defaultBatch("d2l/lenet", "gpu"), defaultBatch("torchvision/vgg19", "gpu")], [128, 128]);
});
