import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../../../backends/select.ts";
import { defineOp, onlyOutput } from "../../../models/ops/op.ts";
import { leaksNothing } from "../layers/support.ts";

/** An operation of the tests: `x` times `factor`, and the number of times that its fallback ran. */
function scaled(kernelName: string) {
  let runs = 0;
  const op = defineOp<{ x: tf.Tensor }, { factor: number }>({
    kernelName,
    fallback: ({ x }, { factor }) => {
      runs++;
      return [tf.mul(x, factor)];
    },
    gradient: {
      gradFunc: (dy, _saved, attrs) => ({ x: () => tf.mul(dy as tf.Tensor, attrs.factor as number) }),
    },
  });
  return { op: (x: tf.Tensor, factor: number) => onlyOutput(op({ x }, { factor })), runs: () => runs };
}

Deno.test("an operation runs its fallback where the backend has no kernel, and has its gradient", async () => {
  await useBackend("cpu");
  const { op, runs } = scaled("TestScaledFallback");
  assertEquals(tf.getKernel("TestScaledFallback", "cpu") ?? null, null);
  await leaksNothing(() => {
    const x = tf.tensor1d([1, 2]);
    const y = op(x, 3);
    assertEquals([...y.dataSync()], [3, 6]);
    const dx = tf.grad((x) => op(x, 3))(x);
    assertEquals([...dx.dataSync()], [3, 3]);
    tf.dispose([x, y, dx]);
  });
  assertEquals(runs(), 2);
  tf.unregisterKernel("TestScaledFallback", "cpu");
});

Deno.test("an operation runs the backend's kernel where there is one, with the same gradient", async () => {
  await useBackend("cpu");
  const { op, runs } = scaled("TestScaledKernel");
  tf.registerKernel({
    kernelName: "TestScaledKernel",
    backendName: "cpu",
    kernelFunc: ({ inputs }) => tf.tidy(() => tf.mul(inputs.x as tf.Tensor, 100)),
  });
  await leaksNothing(() => {
    const x = tf.tensor1d([1, 2]);
    const y = op(x, 3);
    assertEquals([...y.dataSync()], [100, 200]);
    const dx = tf.grad((x) => op(x, 3))(x);
    assertEquals([...dx.dataSync()], [3, 3]);
    tf.dispose([x, y, dx]);
  });
  assertEquals(runs(), 0);
  tf.unregisterKernel("TestScaledKernel", "cpu");
});

Deno.test("an operation's fallback records nothing on the tape: its own gradient alone is used", async () => {
  await useBackend("cpu");
  const op = defineOp<{ x: tf.Tensor }, object>({
    kernelName: "TestSquareWithOddGradient",
    fallback: ({ x }) => [tf.square(x)],
    gradient: { gradFunc: (dy) => ({ x: () => tf.mul(dy as tf.Tensor, 7) }) },
  });
  await leaksNothing(() => {
    const x = tf.tensor1d([1, 2]);
    const dx = tf.grad((x) => onlyOutput(op({ x }, {})))(x);
    assertEquals([...dx.dataSync()], [7, 7]);
    tf.dispose([x, dx]);
  });
  tf.unregisterKernel("TestSquareWithOddGradient", "cpu");
});

Deno.test("onlyOutput() refuses an operation that gives nothing", () => {
  assertThrows(() => onlyOutput([]), Error, "Expected the operation to give a tensor but found none");
});
