import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { movingAverage } from "../../../models/ops/moving_average.ts";
import { onlyOutput } from "../../../models/ops/op.ts";
import { assertClose, testOnBackends } from "../layers/support.ts";

testOnBackends("MovingAverage is (1 - momentum) · old + momentum · value", () => {
  const [old, value] = [tf.tensor1d([1, -2, 0.5]), tf.tensor1d([3, 4, -1])];
  for (const [momentum, expected] of [[0, [1, -2, 0.5]], [0.25, [1.5, -0.5, 0.125]], [1, [3, 4, -1]]] as const) {
    const moved = onlyOutput(movingAverage({ old, value }, { momentum }));
    assertClose(moved.dataSync(), expected, 1e-7);
    moved.dispose();
  }
  tf.dispose([old, value]);
});

testOnBackends("MovingAverage has gradients of zero, and what it is made of is none the worse", () => {
  const [old, value] = [tf.tensor1d([1, 2]), tf.tensor1d([3, 4])];
  const run = (old: tf.Tensor, value: tf.Tensor) =>
    // value flows through the product too: that gradient has to remain.
    tf.add(onlyOutput(movingAverage({ old, value }, { momentum: 0.5 })), tf.mul(value, 10));
  const [dold, dvalue] = tf.grads(run)([old, value]) as [tf.Tensor, tf.Tensor];
  assertEquals([...dold.dataSync()], [0, 0]);
  assertEquals([...dvalue.dataSync()], [10, 10]);
  tf.dispose([old, value, dold, dvalue]);
});
