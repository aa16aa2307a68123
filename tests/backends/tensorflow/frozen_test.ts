import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { compile } from "../../../backends/tensorflow/mod.ts";
import { groupedConv2D } from "../../../models/ops/grouped_conv2d.ts";
import { logistic } from "../../../models/ops/logistic.ts";
import { onlyOutput } from "../../../models/ops/op.ts";
import { assertClose, hashed } from "../../models/layers/support.ts";
import { testOnTensorFlow } from "./support.ts";

const filled = <R extends tf.Rank>(seed: number, shape: number[]): tf.Tensor<R> =>
  tf.tensor(hashed(seed, tf.util.sizeFromShape(shape)), shape as tf.ShapeMap[R]);

const ACTIVATIONS: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  none: (x) => x,
  relu: tf.relu,
  silu: (x) => tf.mul(x, logistic(x)),
};

const around = (before: number, behind: number): tf.backend_util.ExplicitPadding => [
  [0, 0],
  [before, behind],
  [behind, before],
  [0, 0],
];

const blocks = fc.record({
  kind: fc.constantFrom("plain", "depthwise", "groups", "none"),
  batch: fc.integer({ min: 1, max: 3 }),
  height: fc.integer({ min: 3, max: 8 }),
  width: fc.integer({ min: 3, max: 8 }),
  channels: fc.constantFrom(1, 2, 4, 6),
  multiplier: fc.integer({ min: 1, max: 2 }),
  size: fc.constantFrom(1, 3),
  stride: fc.integer({ min: 1, max: 2 }),
  pad: fc.constantFrom<"same" | "valid" | tf.backend_util.ExplicitPadding>("same", "valid", around(1, 1), around(0, 2)),
  biased: fc.boolean(),
  normalized: fc.boolean(),
  activation: fc.constantFrom(...Object.keys(ACTIVATIONS)),
});
type Block = typeof blocks extends fc.Arbitrary<infer B> ? B : never;

/** A convolution, a bias, a BatchNorm and an activation, or some of them; the weights are captured. */
function build(block: Block): { run: (x: tf.Tensor4D) => tf.Tensor; weights: tf.Tensor[] } {
  const { kind, channels, multiplier, size, stride, pad } = block;
  const groups = kind === "groups" && channels % 2 === 0 ? 2 : 1;
  const outputs = kind === "none" ? channels : channels * multiplier;
  const filter = filled<tf.Rank.R4>(
    1,
    kind === "depthwise" ? [size, size, channels, multiplier] : [size, size, channels / groups, outputs],
  );
  const [bias, mean, offset, scale] = [2, 3, 4, 5].map((seed) => filled<tf.Rank.R1>(seed, [outputs]));
  assert(bias && mean && offset && scale);
  const variance = tf.tidy(() => tf.add(0.5, tf.square(mean)) as tf.Tensor1D);
  const convolve = (x: tf.Tensor4D): tf.Tensor => {
    switch (kind) {
      case "none":
        return x;
      case "depthwise":
        return tf.depthwiseConv2d(x, filter, stride, pad);
      case "groups":
        return onlyOutput(groupedConv2D({ x, filter }, { strides: [stride, stride], pad, dilations: [1, 1], groups }));
      default:
        return tf.conv2d(x, filter, stride, pad);
    }
  };
  const run = (x: tf.Tensor4D) =>
    tf.tidy(() => {
      const y = convolve(x);
      const biased = block.biased ? tf.add(y, bias) : y;
      const normalized = block.normalized
        ? tf.batchNorm(biased as tf.Tensor4D, mean, variance, offset, scale, 1e-3)
        : biased;
      return tf.add(ACTIVATIONS[block.activation]?.(normalized) ?? normalized, 0);
    });
  return { run, weights: [filter, bias, mean, offset, scale, variance] };
}

testOnTensorFlow("what is fused in a function with constant weights gives what op by op gives", () => {
  fc.assert(
    fc.property(blocks, (block) => {
      const { run, weights } = build(block);
      const x = filled<tf.Rank.R4>(9, [block.batch, block.height, block.width, block.channels]);
      const frozen = compile(run, { frozen: true });
      const [expected, found] = [run(x), frozen(x)];
      assertEquals(found.shape, expected.shape);
      assertClose(found.dataSync(), [...expected.dataSync()], 1e-5);
      frozen.dispose();
      tf.dispose([x, expected, found, weights]);
    }),
    { numRuns: 150 },
  );
});

testOnTensorFlow("a reshape to the shape that is there is no operation, and stands between no two", () => {
  const x = filled(1, [2, 2]);
  const operations = [(x: tf.Tensor) => tf.relu(tf.reshape(x, [2, 2])), (x: tf.Tensor) => tf.relu(x)].map((run) => {
    const compiled = compile(run);
    compiled(x).dispose();
    const counts = compiled.signatures.map(({ operations }) => operations);
    compiled.dispose();
    return counts;
  });
  assertEquals(operations[0], operations[1]);
  x.dispose();
});
