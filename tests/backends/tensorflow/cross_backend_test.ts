import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { useBackend } from "../../../backends/select.ts";
import { type Block, sequential } from "../../../models/block.ts";
import { buildModel } from "../../../models/build.ts";
import { describe } from "../../../models/describe.ts";
import * as nn from "../../../models/nn.ts";
import { declaredWeights, stateDict } from "../../../models/state_dict.ts";
import { hasTensorFlow, leaksNothing } from "../../backends_under_test.ts";
import { hashed } from "../../models/layers/support.ts";
import { TINY_MODELS } from "../../models/tiny_models.ts";

const SEED = 20_261_124;
/** Of the largest value; gradients go through everything twice. */
const TOLERANCE = { output: 2e-5, gradient: 1e-4 };
/**
 * Of a gradient's norm, in whole networks: where two values that a maximum is taken of,
 * or one and the zero of a ReLU, are as close as rounding, backends differ in which it is.
 */
const NETWORK_TOLERANCE = 0.1;
/** Gradients that are smaller than this are sums that cancel: what is left of them is rounding. */
const LEAST_GRADIENT = 0.1;
/** As {@linkcode LEAST_GRADIENT}, of the largest norm in the network. */
const LEAST_NORM = 1e-2;

interface Net {
  readonly block: Block;
  readonly inputShape: readonly number[];
  readonly batch: number;
  /** Its layers, for whoever reads a counterexample; none where they do not fit. */
  readonly layers?: readonly string[];
}

/** Everything that a net computes, by name, with its shape. */
type Numbers = Map<string, { shape: readonly number[]; values: Float32Array }>;

/** Masks are drawn by each backend's own generator. */
const isRandom = ({ block, inputShape }: Net): boolean =>
  describe(block, { inputShape }).layers.some(({ type }) => type === "Dropout" || type === "StochasticDepth");

/** Outputs, gradients of a weighted sum of them by the input and all weights, and the state after it, on `backend`. */
async function numbersOn(backend: "wasm" | "tensorflow", net: Net): Promise<Numbers> {
  await useBackend(backend, { device: "cpu" });
  const numbers: Numbers = new Map();
  const take = (name: string, x: tf.Tensor) =>
    numbers.set(name, { shape: x.shape, values: Float32Array.from(x.dataSync()) });
  const { block, inputShape, batch } = net;
  await leaksNothing(async () => {
    const model = buildModel(block, { inputShape, seed: 7 });
    const x = tf.tensor(hashed(1, batch * tf.util.sizeFromShape([...inputShape])), [batch, ...inputShape]);
    const run = (x: tf.Tensor, training: boolean) => [model.apply(x, { training })].flat() as tf.Tensor[];
    tf.tidy(() => run(x, false).forEach((y, i) => take(`output ${i}`, y)));
    const declared = declaredWeights(model).filter(([, { spec }]) => spec.role === "parameter");
    const variables = declared.map(([, { variable }]) => variable.read() as tf.Variable);
    const loss = () =>
      tf.addN(
        run(x, !isRandom(net)).map((y, i) => {
          take(`output ${i} with gradients`, y);
          return tf.sum(tf.mul(y, tf.tensor(hashed(2 + i, y.size), y.shape)));
        }),
      ) as tf.Scalar;
    const { value, grads } = tf.tidy(() => tf.engine().gradients(loss, [x, ...variables]));
    grads.forEach((gradient, i) => take(`${GRADIENT}${declared[i - 1]?.[0] ?? "x"}`, gradient));
    for (const [name, { shape, data }] of Object.entries(await stateDict(model))) {
      numbers.set(`state ${name}`, { shape, values: data });
    }
    tf.dispose([x, value, ...grads]);
    model.dispose();
  });
  return numbers;
}

type Compare = (name: string, found: Float32Array, expected: Float32Array) => void;

/** Fails where wasm and tensorflow do not agree on anything that `net` computes; gradients are held by `compare`. */
async function assertAgree(net: Net, compare: (expected: Numbers) => Compare = eachValue): Promise<void> {
  const expected = await numbersOn("wasm", net);
  const found = await numbersOn("tensorflow", net);
  assertEquals([...found.keys()], [...expected.keys()]);
  const compareGradient = compare(expected);
  for (const [name, { shape, values }] of expected) {
    const ours = found.get(name);
    assertEquals(ours?.shape, shape, name);
    if (name.startsWith(GRADIENT)) compareGradient(name, ours?.values ?? new Float32Array(), values);
    else assertEach(name, ours?.values ?? new Float32Array(), values, { tolerance: TOLERANCE.output, least: 1e-3 });
  }
}

const GRADIENT = "gradient of ";
const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

/** Fails where a value is farther off than `tolerance` of the largest one, or of `least`. */
function assertEach(
  name: string,
  found: Float32Array,
  expected: Float32Array,
  { tolerance, least }: { tolerance: number; least: number },
): void {
  const allowed = tolerance * expected.reduce((most, value) => Math.max(most, Math.abs(value)), least);
  for (const [i, value] of expected.entries()) {
    const ok = Math.abs(value - (found[i] ?? NaN)) <= allowed;
    assert(ok, `Expected ${name}[${i}] to be ${value} but found ${found[i]}`);
  }
}

const eachValue = (): Compare => (name, found, expected) =>
  assertEach(name, found, expected, { tolerance: TOLERANCE.gradient, least: LEAST_GRADIENT });

function byNorm(all: Numbers): Compare {
  const gradients = [...all].filter(([name]) => name.startsWith(GRADIENT));
  const least = LEAST_NORM * Math.max(...gradients.map(([, { values }]) => norm(values)));
  return (name, found, expected) => {
    const off = norm(expected.map((value, i) => value - (found[i] ?? NaN))) / Math.max(norm(expected), least);
    assert(off <= NETWORK_TOLERANCE, `Expected ${name} to be as on wasm but found it ${off} of its norm away`);
  };
}

const test = (name: string, fn: () => Promise<void>) => Deno.test({ name, ignore: !hasTensorFlow, fn });

for (const [name, { inputShape, block }] of Object.entries(TINY_MODELS)) {
  test(`wasm and tensorflow agree on a small ${name}: outputs, gradients and state`, () =>
    assertAgree({ block: block(), inputShape, batch: 8 }, byNorm));
}

const size = fc.integer({ min: 5, max: 11 });
const stride = fc.integer({ min: 1, max: 3 });
const pair = (min: number, max: number) => fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));
const window = fc.record({ kernelSize: pair(1, 4), stride: fc.tuple(stride, stride) });

/** Padding of up to half the window. */
const halved = ({ kernelSize: [h, w] }: { kernelSize: [number, number] }): fc.Arbitrary<[number, number]> =>
  fc.tuple(fc.integer({ min: 0, max: h >> 1 }), fc.integer({ min: 0, max: w >> 1 }));
const padded = window.chain((at) => halved(at).map((padding) => ({ ...at, padding })));

/** A layer with its options at random; `channels` in, and out of it. */
type Drawn = (channels: number) => readonly [block: Block, channels: number];

const convolutions = fc.record({
  at: padded,
  filters: fc.constantFrom(2, 4, 8),
  grouping: fc.constantFrom("none", "two", "depthwise"),
  bias: fc.boolean(),
}).map(({ at: { kernelSize, ...options }, filters, grouping, bias }): Drawn => (channels) => {
  const depthwise = grouping === "depthwise";
  const out = depthwise ? channels : filters;
  const groups = depthwise ? channels : grouping === "two" && channels % 2 === 0 ? 2 : 1;
  return [nn.conv2d(out, kernelSize, { ...options, groups, bias }), out];
});

const poolings = fc.record({ at: padded, ceilMode: fc.boolean(), kind: fc.constantFrom("max", "avg", "inside") })
  .map(({ at: { kernelSize, ...options }, ceilMode, kind }): Drawn => (channels) => [
    kind === "max"
      ? nn.maxPool2d(kernelSize, { ...options, ceilMode })
      : nn.avgPool2d(kernelSize, { ...options, ceilMode, countIncludePad: kind === "avg" }),
    channels,
  ]);

const others = fc.constantFrom<Block[]>(
  nn.relu(),
  nn.sigmoid(),
  nn.silu(),
  nn.batchNorm(),
  nn.batchNorm({ momentum: 0.3, eps: 1e-3 }),
  nn.localResponseNorm({ size: 3, alpha: 0.5, beta: 0.75, k: 1 }),
  nn.adaptiveAvgPool2d([2, 3]),
).map((block): Drawn => (channels) => [block, channels]);

/** A chain of layers and a linear one behind it. */
function chain(drawn: readonly Drawn[], first: number): Block {
  const blocks: Block[] = [];
  let channels = first;
  for (const draw of drawn) {
    const [block, out] = draw(channels);
    blocks.push(block);
    channels = out;
  }
  return sequential(...blocks, nn.flatten(), nn.linear(3));
}

/** The layers with their output shapes; none where they do not fit the image or each other. */
function layersOf(block: Block, inputShape: readonly number[]): string[] {
  try {
    return describe(block, { inputShape }).layers.map(({ type, outputShape }) => `${type} [${outputShape}]`);
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
}

const nets = (layers: fc.Arbitrary<Drawn[]>): fc.Arbitrary<Net> =>
  fc.record({
    drawn: layers,
    height: size,
    width: size,
    channels: fc.constantFrom(1, 2, 4, 6),
    batch: fc.integer({ min: 1, max: 3 }),
  }).map(({ drawn, height, width, channels, batch }) => {
    const block = chain(drawn, channels);
    const inputShape = [height, width, channels];
    return { block, inputShape, batch, layers: layersOf(block, inputShape) };
  });

async function check(runs: number, nets: fc.Arbitrary<Net>): Promise<void> {
  await fc.assert(fc.asyncProperty(nets.filter(({ layers = [] }) => layers.length > 0), (net) => assertAgree(net)), {
    numRuns: runs,
    seed: SEED,
  });
}

const one = (layer: fc.Arbitrary<Drawn>) => nets(fc.tuple(layer));

test("wasm and tensorflow agree on convolutions: 60 windows, strides, paddings and groups", () =>
  check(60, one(convolutions)));

test("wasm and tensorflow agree on pooling: 60 windows, strides, paddings and divisors", () =>
  check(60, one(poolings)));

test("wasm and tensorflow agree on the other layers: 30 cases", () => check(30, one(others)));

test("wasm and tensorflow agree on chains of two to five layers at random: 60 nets", () =>
  check(60, nets(fc.array(fc.oneof(convolutions, poolings, others), { minLength: 2, maxLength: 5 }))));

// oneDNN skips rows there (TensorFlow 2.21) where it is asked with the width's own stride.
test("wasm and tensorflow agree on convolutions of one channel into one column, whatever the strides", async () => {
  for (const kernelSize of [[1, 2], [2, 3], [3, 2]] as const) {
    for (const stride of [[1, 2], [1, 3], [2, 3], [3, 1]] as const) {
      const block = sequential(nn.conv2d(3, [...kernelSize], { stride: [...stride] }));
      await assertAgree({ block, inputShape: [5, 3, 1], batch: 2 });
    }
  }
});
