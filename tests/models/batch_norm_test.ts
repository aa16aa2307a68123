import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { useBackend } from "../../backends/select.ts";
import { batchNorm, type BatchNormOptions } from "../../models/batch_norm.ts";
import { CASES, goldenOf, MOMENTA, movedOf, numericGradients, reference } from "./batch_norm_support.ts";
import { assertClose, hashed, leaksNothing, nchw, nhwc, testOnBackends } from "./layers/support.ts";

const floats = (values: readonly number[]) => Float32Array.from(values);
const values = (tensor: tf.Tensor | undefined) => [...(tensor?.dataSync() ?? [])];

for (const name of CASES) {
  const golden = goldenOf(name);
  const load = () => ({
    x: nhwc(floats(golden.x), golden.shape_nchw),
    dy: nhwc(floats(golden.grad_out), golden.shape_nchw),
    gamma: tf.tensor1d(golden.gamma),
    beta: tf.tensor1d(golden.beta),
    mean: tf.tensor1d(golden.moving_mean),
    variance: tf.tensor1d(golden.moving_var),
  });

  for (const mode of ["train", "eval"] as const) {
    testOnBackends(`batchNorm() gives the book's ${mode} output and gradients, ${name}`, () => {
      const { x, dy, gamma, beta, mean, variance } = load();
      const options = { eps: golden.eps, training: mode === "train" };
      const run = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) =>
        batchNorm(x, gamma, beta, mean, variance, options).y;
      const y = tf.tidy(() => run(x, gamma, beta));
      assertEquals(y.shape, x.shape);
      assertClose(nchw(y), golden[mode].y);
      const [dx, dgamma, dbeta] = tf.grads(run)([x, gamma, beta], dy) as [tf.Tensor, tf.Tensor, tf.Tensor];
      assertClose(nchw(dx), golden[mode].grad_x, 1e-5, "gradient of x");
      assertClose(values(dgamma), golden[mode].grad_gamma, 1e-5, "gradient of gamma");
      assertClose(values(dbeta), golden[mode].grad_beta, 1e-5, "gradient of beta");
      tf.dispose([x, dy, gamma, beta, mean, variance, y, dx, dgamma, dbeta]);
    });
  }

  testOnBackends(`batchNorm() moves towards the batch's mean and biased variance, ${name}`, () => {
    const { x, dy, gamma, beta, mean, variance } = load();
    for (const momentum of MOMENTA) {
      const result = batchNorm(x, gamma, beta, mean, variance, { momentum, training: true });
      const expected = movedOf(golden, momentum, "book");
      assertClose(values(result.movingMean), expected.mean);
      assertClose(values(result.movingVar), expected.variance);
      tf.dispose({ ...result });
    }
    // The old ones are the caller's and stay as they were.
    assertEquals(values(mean), [...floats(golden.moving_mean)]);
    tf.dispose([x, dy, gamma, beta, mean, variance]);
  });
}

testOnBackends(
  "batchNorm() gives the moving statistics back as they were in evaluation, as tensors of their own",
  () => {
    const [x, ones, mean, variance] = [tf.ones([2, 3]), tf.ones([3]), tf.tensor1d([1, 2, 3]), tf.tensor1d([4, 5, 6])];
    const result = batchNorm(x, ones, ones, mean, variance);
    tf.dispose([mean, variance]);
    assertEquals([values(result.movingMean), values(result.movingVar)], [[1, 2, 3], [4, 5, 6]]);
    tf.dispose([x, ones, ...Object.values(result)]);
  },
);

testOnBackends("batchNorm() takes parameters with leading axes of size one, as the book has them", () => {
  const x = tf.tensor4d(hashed(1, 36), [2, 3, 2, 3]);
  const [flat, book] = [[3], [1, 1, 1, 3]].map((shape) =>
    ["gamma", "beta", "mean", "var"].map((_, k) => tf.tidy(() => tf.abs(tf.tensor(hashed(k, 3), shape))))
  ) as [tf.Tensor[], tf.Tensor[]];
  for (const training of [true, false]) {
    const [a, b] = [flat, book].map((tensors) => {
      const [gamma, beta, mean, variance] = tensors as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
      return batchNorm(x, gamma, beta, mean, variance, { training });
    }) as [ReturnType<typeof batchNorm>, ReturnType<typeof batchNorm>];
    for (const key of ["y", "movingMean", "movingVar"] as const) assertEquals(values(b[key]), values(a[key]));
    assertEquals(b.movingMean.shape, [1, 1, 1, 3]);
    tf.dispose([...Object.values(a), ...Object.values(b)]);
  }
  tf.dispose([x, ...flat, ...book]);
});

testOnBackends("batchNorm() never differentiates through moving statistics", () => {
  const tensors = tf.tidy(() => ({
    x: tf.tensor2d(hashed(1, 12), [4, 3]),
    gamma: tf.tensor1d(hashed(2, 3)),
    beta: tf.tensor1d(hashed(3, 3)),
    mean: tf.tensor1d(hashed(4, 3)),
    variance: tf.abs(tf.tensor1d(hashed(5, 3))),
  }));
  const { x, gamma, beta, mean, variance } = tensors;
  const inputs = [x, gamma, beta, mean, variance];
  for (const training of [true, false]) {
    const run = () => batchNorm(x, gamma, beta, mean, variance, { training });
    const { value, grads } = tf.engine().gradients(() => {
      const { y, movingMean, movingVar } = run();
      // y makes a path to every input; its share is nothing.
      return tf.addN([tf.sum(movingMean), tf.sum(movingVar), tf.mul(0, tf.sum(y))]) as tf.Scalar;
    }, inputs);
    for (const gradient of grads) assertEquals(values(gradient).every((value) => value === 0), true);
    tf.dispose([value, ...grads]);
  }
  const { value, grads: [dx, dmean, dvariance] } = tf.engine().gradients(
    () => tf.sum(batchNorm(x, gamma, beta, mean, variance).y),
    [x, mean, variance],
  );
  assertEquals(values(dx).every((value) => value !== 0), true);
  assertEquals([...values(dmean), ...values(dvariance)], Array(6).fill(0));
  tf.dispose({ ...tensors });
  tf.dispose([value, dx, dmean, dvariance] as tf.Tensor[]);
});

const shapes = fc.oneof(
  fc.tuple(fc.integer({ min: 3, max: 9 }), fc.integer({ min: 1, max: 5 })),
  fc.tuple(
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 2, max: 3 }),
    fc.integer({ min: 2, max: 3 }),
    fc.integer({ min: 1, max: 4 }),
  ),
) as fc.Arbitrary<number[]>;

testOnBackends("batchNorm() in training has the gradients that finite differences of its definition have", () => {
  const cases = fc.record({
    shape: shapes,
    k: fc.nat(100_000),
    offset: fc.constantFrom(0, -0.5, 3),
    eps: fc.constantFrom(1e-5, 1e-3, 0.1),
  });
  fc.assert(
    fc.property(cases, ({ shape, k, offset, eps }) => {
      const channels = shape[shape.length - 1] ?? 1;
      const size = shape.reduce((a, b) => a * b, 1);
      const inputs = {
        x: [...hashed(k, size).map((value) => value + offset)],
        gamma: [...hashed(k + 1, channels).map((value) => value + 1.5)],
        beta: [...hashed(k + 2, channels)],
      };
      const dy = [...hashed(k + 3, size)];
      const expected = reference(inputs, eps);
      const numeric = numericGradients(inputs, dy, eps);
      tf.tidy(() => {
        const [x, gamma, beta] = [tf.tensor(inputs.x, shape), tf.tensor1d(inputs.gamma), tf.tensor1d(inputs.beta)];
        const [mean, variance] = [tf.zeros([channels]), tf.ones([channels])];
        const run = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) =>
          batchNorm(x, gamma, beta, mean, variance, { eps, momentum: 1, training: true });
        const { y, movingMean, movingVar } = run(x, gamma, beta);
        assertClose(values(y), expected.y);
        assertClose(values(movingMean), expected.mean);
        assertClose(values(movingVar), expected.variance);
        const [dx, dgamma, dbeta] = tf.grads((...args: tf.Tensor[]) =>
          run(...args as [tf.Tensor, tf.Tensor, tf.Tensor]).y
        )(
          [x, gamma, beta],
          tf.tensor(dy, shape),
        );
        assertClose(values(dx), numeric.x, 1e-4, "gradient of x");
        assertClose(values(dgamma), numeric.gamma, 1e-4, "gradient of gamma");
        assertClose(values(dbeta), numeric.beta, 1e-4, "gradient of beta");
      });
    }),
    { numRuns: 60 },
  );
});

const REFUSED: [
  string,
  BatchNormOptions | undefined,
  Partial<Record<"x" | "gamma" | "beta" | "mean" | "variance", number[]>>,
  string,
][] = [
  [
    "an x of three axes",
    {},
    { x: [2, 4, 3] },
    "Expected x to have 2 or 4 axes, channels last, but found shape [2,4,3]",
  ],
  ["an x of one axis", {}, { x: [3] }, "Expected x to have 2 or 4 axes, channels last, but found shape [3]"],
  [
    "an x of five axes",
    {},
    { x: [1, 1, 1, 1, 3] },
    "Expected x to have 2 or 4 axes, channels last, but found shape [1,1,1,1,3]",
  ],
  [
    "a gamma of other channels",
    {},
    { gamma: [4] },
    "Expected gamma to hold one value for each of 3 channels but found shape [4]",
  ],
  [
    "a gamma with its channels first",
    {},
    { gamma: [3, 1] },
    "Expected gamma to hold one value for each of 3 channels but found shape [3,1]",
  ],
  [
    "a beta that is a scalar",
    {},
    { beta: [] },
    "Expected beta to hold one value for each of 3 channels but found shape []",
  ],
  [
    "a moving mean of other channels",
    {},
    { mean: [2] },
    "Expected movingMean to hold one value for each of 3 channels but found shape [2]",
  ],
  [
    "a moving variance of two values a channel",
    {},
    { variance: [2, 3] },
    "Expected movingVar to hold one value for each of 3 channels but found shape [2,3]",
  ],
  ["an eps of zero", { eps: 0 }, {}, "Expected eps of batchNorm() to be greater than 0 but found 0"],
  ["a negative eps", { eps: -1e-5 }, {}, "Expected eps of batchNorm() to be greater than 0 but found -0.00001"],
  ["a NaN momentum", { momentum: NaN }, {}, "Expected momentum of batchNorm() to be of type number but found NaN"],
  ["a momentum over one", { momentum: 1.1 }, {}, "Expected momentum of batchNorm() to be at most 1 but found 1.1"],
  ["a negative momentum", { momentum: -0.1 }, {}, "Expected momentum of batchNorm() to be at least 0 but found -0.1"],
];

for (const [title, options, changes, message] of REFUSED) {
  Deno.test(`batchNorm() refuses ${title}`, async () => {
    await useBackend("cpu");
    await leaksNothing(() => {
      const shapes = { x: [4, 3], gamma: [3], beta: [3], mean: [3], variance: [3], ...changes };
      const [x, gamma, beta, mean, variance] = Object.values(shapes).map((shape) => tf.ones(shape)) as [
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
      ];
      for (const training of [true, false]) {
        const error = assertThrows(
          () => batchNorm(x, gamma, beta, mean, variance, { ...options, training }),
          RangeError,
        );
        assertEquals((error as Error).message, message);
      }
      tf.dispose([x, gamma, beta, mean, variance]);
    });
  });
}

Deno.test("batchNorm() refuses options of the wrong type, and those that it does not know", async () => {
  await useBackend("cpu");
  const [x, ones] = [tf.ones([4, 3]), tf.ones([3])];
  const message = (options: object) =>
    (assertThrows(() => batchNorm(x, ones, ones, ones, ones, options), TypeError) as Error).message;
  assertEquals(message({ training: 1 }), "Expected training of batchNorm() to be of type boolean but found 1");
  assertEquals(message({ epsilon: 1e-3 }), 'Expected options of batchNorm() to be known but found "epsilon"');
  tf.dispose([x, ones]);
});
