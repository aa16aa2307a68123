import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { layers as upstream, sequential } from "@tensorflow/tfjs-layers";
import { named } from "../../../models/block.ts";
import { buildModel } from "../../../models/build.ts";
import { describe } from "../../../models/describe.ts";
import { BatchNorm, type BatchNormConfig } from "../../../models/layers/batch_norm.ts";
import * as nn from "../../../models/nn.ts";
import { declaredWeights, loadStateDict, stateDict } from "../../../models/state_dict.ts";
import { CASES, goldenOf, MOMENTA, movedOf } from "../batch_norm_support.ts";
import {
  assertClose,
  hashed,
  nchw,
  nhwc,
  nhwcShape,
  type Refusal,
  testOnBackends,
  testRefusals,
  weights,
} from "./support.ts";

const NAMES = {
  torch: ["weight", "bias", "running_mean", "running_var"],
  book: ["gamma", "beta", "moving_mean", "moving_var"],
} as const;

const layerOf = (config: BatchNormConfig = {}) => new BatchNorm({ name: "n", ...config });

/** A model of one BatchNorm, with the weights of a golden case. */
function modelOf(name: (typeof CASES)[number], definition: "torch" | "book", momentum: number) {
  const golden = goldenOf(name);
  const { gamma, beta, moving_mean, moving_var, shape_nchw } = golden;
  const model = buildModel(named({ n: nn.batchNorm({ definition, momentum, eps: golden.eps }) }), {
    inputShape: nhwcShape(shape_nchw).slice(1, shape_nchw.length),
  });
  const shape = definition === "torch" ? [3] : name === "2d" ? [1, 3] : [1, 3, 1, 1];
  const values = [gamma, beta, moving_mean, moving_var];
  loadStateDict(
    model,
    Object.fromEntries(
      NAMES[definition].map((key, i) => [
        `n.${key}`,
        { dtype: "F32", shape, data: Float32Array.from(values[i] ?? []) },
      ]),
    ),
  );
  const x = nhwc(Float32Array.from(golden.x), shape_nchw);
  const dy = nhwc(Float32Array.from(golden.grad_out), shape_nchw);
  return { golden, model, x, dy };
}

for (const name of CASES) {
  for (const definition of ["torch", "book"] as const) {
    testOnBackends(
      `BatchNorm (${definition}) gives PyTorch's outputs, gradients and moving statistics, ${name}`,
      async () => {
        for (const momentum of MOMENTA) {
          const { golden, model, x, dy } = modelOf(name, definition, momentum);
          const variables = declaredWeights(model).map(([, { variable }]) => variable.read() as tf.Variable);
          for (const mode of ["eval", "train"] as const) {
            const training = mode === "train";
            let y: number[] = [];
            const { value, grads } = tf.tidy(() =>
              tf.engine().gradients(() => {
                const output = model.apply(x, { training }) as tf.Tensor;
                y = Array.from(nchw(output));
                return tf.sum(tf.mul(output, dy));
              }, [x, ...variables.slice(0, 2)])
            );
            const [dx, dgamma, dbeta] = grads as [tf.Tensor, tf.Tensor, tf.Tensor];
            assertClose(y, golden[mode].y, 1e-5, `${mode} output`);
            assertClose(nchw(dx), golden[mode].grad_x, 1e-5, `${mode} gradient of x`);
            assertClose(dgamma.dataSync(), golden[mode].grad_gamma, 1e-5, `${mode} gradient of gamma`);
            assertClose(dbeta.dataSync(), golden[mode].grad_beta, 1e-5, `${mode} gradient of beta`);
            tf.dispose([value, ...grads]);

            const dict = await stateDict(model);
            const [, , mean, variance] = NAMES[definition].map((key) => dict[`n.${key}`]?.data ?? []);
            const expected = training
              ? movedOf(golden, momentum, definition)
              : { mean: golden.moving_mean, variance: golden.moving_var };
            assertClose(mean ?? [], expected.mean, 1e-5, `mean after ${mode}`);
            assertClose(variance ?? [], expected.variance, 1e-5, `variance after ${mode}`);
          }
          tf.dispose([x, dy]);
          model.dispose();
        }
      },
    );
  }
}

Deno.test("BatchNorm declares four values a channel, of which two are learned", () => {
  assertEquals(weights(layerOf(), [null, 5, 4, 3]), [
    "parameter weight [3] as [3]",
    "parameter bias [3] as [3]",
    "buffer running_mean [3] as [3]",
    "buffer running_var [3] as [3]",
  ]);
  assertEquals(weights(layerOf({ definition: "book" }), [null, 5, 4, 3]), [
    "parameter gamma [3] as [1,3,1,1]",
    "parameter beta [3] as [1,3,1,1]",
    "attribute moving_mean [3] as [1,3,1,1]",
    "attribute moving_var [3] as [1,3,1,1]",
  ]);
  assertEquals(weights(layerOf({ definition: "book" }), [null, 3])[0], "parameter gamma [3] as [1,3]");
});

Deno.test("BatchNorm has PyTorch's defaults and names, keeps the shape and counts no multiply-accumulates", () => {
  assertEquals(layerOf().options, { eps: 1e-5, momentum: 0.1, definition: "torch", initialGamma: 1 });
  assertEquals(layerOf().typeName([null, 3]), "BatchNorm1d");
  assertEquals(layerOf().typeName([null, 5, 4, 3]), "BatchNorm2d");
  assertEquals(layerOf({ definition: "book" }).typeName([null, 3]), "BatchNorm");
  assertEquals(layerOf().computeOutputShape([null, 5, 4, 3]), [null, 5, 4, 3]);
  assertEquals(layerOf().macs([null, 5, 4, 3]), 0);
});

testOnBackends("BatchNorm does what tf.layers.batchNormalization does, in training and in evaluation", () => {
  const [momentum, eps] = [0.1, 1e-3];
  const inputShape = [4, 3, 2];
  const model = buildModel(nn.batchNorm({ definition: "book", momentum, eps }), { inputShape });
  // TensorFlow's momentum is the share of the old statistics: 1 minus PyTorch's.
  const theirs = sequential({
    layers: [upstream.batchNormalization({ inputShape, momentum: 1 - momentum, epsilon: eps })],
  });
  const x = tf.tensor4d(hashed(1, 3 * 24, 2), [3, 4, 3, 2]);
  const start = [[1.5, 0.5], [0.25, -1], [0.1, -0.2], [0.8, 1.3]].map((values) => tf.tensor1d(values));
  model.setWeights(start);
  theirs.setWeights(start);
  for (const training of [true, false, true, false]) {
    const [a, b] = [model, theirs].map((layer) => tf.tidy(() => layer.apply(x, { training }) as tf.Tensor));
    assertClose(a?.dataSync() ?? [], b?.dataSync() ?? [NaN], 1e-5, training ? "training output" : "output");
    tf.dispose([a, b] as tf.Tensor[]);
    for (const [i, weight] of theirs.getWeights().entries()) {
      assertClose(model.getWeights()[i]?.dataSync() ?? [], weight.dataSync(), 1e-5, `weight ${i}`);
    }
  }
  tf.dispose([x, ...start]);
  theirs.dispose();
  model.dispose();
});

testOnBackends(
  "BatchNorm and tf.layers.batchNormalization hold four values a channel and list two as trainable",
  () => {
    const channels = 6;
    const block = named({ n: nn.batchNorm() });
    const model = buildModel(block, { inputShape: [5, 5, channels] });
    const theirs = sequential({ layers: [upstream.batchNormalization({ inputShape: [5, 5, channels] })] });
    for (const layer of [model, theirs]) {
      assertEquals(layer.countParams(), 4 * channels);
      assertEquals(layer.weights.map(({ shape }) => shape), Array(4).fill([channels]));
      assertEquals([layer.trainableWeights.length, layer.nonTrainableWeights.length], [2, 2]);
    }
    const last = ({ originalName }: { originalName: string }) => originalName.split("/").at(-1);
    assertEquals(theirs.trainableWeights.map(last), ["gamma", "beta"]);
    assertEquals(theirs.nonTrainableWeights.map(last), ["moving_mean", "moving_variance"]);
    assertEquals(model.trainableWeights.map(last), ["weight", "bias"]);
    assertEquals(model.nonTrainableWeights.map(last), ["running_mean", "running_var"]);

    const { params, buffers } = describe(block, { inputShape: [5, 5, channels] });
    assertEquals({ params, buffers }, { params: 2 * channels, buffers: 2 * channels });
    const book = describe(nn.batchNorm({ definition: "book" }), { inputShape: [5, 5, channels] });
    assertEquals({ params: book.params, buffers: book.buffers }, { params: 2 * channels, buffers: 0 });
    theirs.dispose();
    model.dispose();
  },
);

testOnBackends("BatchNorm of the book takes one value a channel in training and gives beta", () => {
  const model = buildModel(nn.batchNorm({ definition: "book" }), { inputShape: [2] });
  const x = tf.tensor2d([[3, -4]]);
  const y = tf.tidy(() => model.apply(x, { training: true }) as tf.Tensor);
  assertEquals([...y.dataSync()].map(Math.abs), [0, 0]);
  tf.dispose([x, y]);
  model.dispose();
});

const refusals: Refusal[] = [
  ["an eps of zero", () => layerOf({ eps: 0 }), "Expected eps of n to be greater than 0 but found 0"],
  ["a NaN momentum", () => layerOf({ momentum: NaN }), "Expected momentum of n to be of type number but found NaN"],
  ["a momentum over one", () => layerOf({ momentum: 2 }), "Expected momentum of n to be at most 1 but found 2"],
  ["a negative momentum", () => layerOf({ momentum: -1 }), "Expected momentum of n to be at least 0 but found -1"],
  [
    "an unknown definition",
    () => layerOf({ definition: "tf" as "book" }),
    'Expected definition of n to be one of "torch", "book" but found "tf"',
  ],
  [
    "an input of three axes",
    () => buildModel(named({ n: nn.batchNorm() }), { inputShape: [5, 3] }),
    "Expected the input of n to have 2 or 4 axes, channels last, but found shape [null, 5, 3]",
  ],
  [
    "an unknown number of channels",
    () => layerOf().weightSpecs([null, null]),
    "Expected the input of n to have 2 or 4 axes, channels last, but found shape [null, null]",
  ],
  [
    "two inputs",
    () => layerOf().computeOutputShape([[null, 3], [null, 3]]),
    "Expected inputShape to be one shape but found 2",
  ],
  [
    "one value a channel in training, as PyTorch's",
    () => {
      const model = buildModel(named({ n: nn.batchNorm() }), { inputShape: [2] });
      try {
        tf.tidy(() => model.apply(tf.zeros([1, 2]), { training: true }) as tf.Tensor);
      } finally {
        model.dispose();
      }
    },
    "Expected more than one value per channel in training of n but found shape [1,2]",
  ],
];
testRefusals("BatchNorm", refusals);
