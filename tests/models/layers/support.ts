/**
 * What the tests of layers share: PyTorch's numbers of tests/fixtures/layers.json,
 * tests on each backend that watch for leaks, and comparisons.
 *
 * @module
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { Shape } from "@tensorflow/tfjs-layers";
import { useBackend } from "../../../backends/select.ts";
import { type Block, sequential } from "../../../models/block.ts";
import { buildModel } from "../../../models/build.ts";
import type { DeclaredLayer } from "../../../models/layers/layer.ts";
import { toTorch } from "../../../models/layers/weight_layout.ts";
import * as nn from "../../../models/nn.ts";
import { declaredWeights, loadStateDict, type StateDict } from "../../../models/state_dict.ts";
import fixture from "../../fixtures/layers.json" with { type: "json" };
import { BACKENDS, hasTensorFlow, leaksNothing, testOnBackends } from "../../backends_under_test.ts";
import { v } from "../golden_fill.ts";

export { BACKENDS, hasTensorFlow, leaksNothing, testOnBackends };

/** `values` as they are, `count` of them, from the hash that the fixtures rest on. */
export function hashed(k: number, count: number, scale = 1): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: count }, (_, i) => scale * v(k, i));
}

/** Fails where the largest deviation is over `tolerance` of the largest value expected. */
export function assertClose(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance = 1e-5,
  what = "values",
): void {
  assertEquals(found.length, expected.length, `the number of ${what}`);
  const values = Array.from(expected);
  const scale = Math.max(...values.map(Math.abs), 1e-3);
  // Not Math.max of the differences alone: it has to fail for NaN.
  const at = values.findIndex((value, i) => !(Math.abs(value - (found[i] ?? NaN)) <= tolerance * scale));
  assert(at < 0, `Expected ${what}[${at}] to be ${values[at]} but found ${found[at]}`);
}

/** What a layer refuses: a title, what is tried, the message; a RangeError unless it says otherwise. */
export type Refusal = readonly [title: string, run: () => unknown, message: string, kind?: typeof TypeError];

/** One test a refusal: that class of error with exactly that message, and nothing leaks. */
export function testRefusals(layer: string, refusals: readonly Refusal[]): void {
  for (const [title, run, message, kind = RangeError] of refusals) {
    Deno.test(`${layer} refuses ${title}`, async () => {
      await useBackend("cpu");
      await leaksNothing(() => {
        const error = assertThrows(run, kind);
        assertEquals((error as Error).message, message);
      });
    });
  }
}

/** The names, shapes, PyTorch's shapes and roles of a layer's weights. */
export function weights(layer: DeclaredLayer, inputShape: Shape): string[] {
  return layer.weightSpecs(inputShape).map(({ name, shape, layout, role }) =>
    `${role} ${name} [${shape}] as [${layout.torchShape}]`
  );
}

/** A case of layers.json. */
export interface Case {
  readonly title: string;
  readonly block: readonly (readonly [string, ...unknown[]])[];
  readonly inputShape: readonly number[];
  readonly params: readonly { readonly name: string; readonly shape: number[]; readonly grad?: readonly number[] }[];
  readonly outputShape: readonly number[];
  readonly y: readonly number[];
  readonly gradX?: readonly number[];
}

const { kX, kDy, scale } = fixture;

/** The cases of one family. */
export const casesOf = (family: keyof typeof fixture.cases): Case[] => fixture.cases[family] as unknown as Case[];

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** An NCHW shape as NHWC. */
export const nhwcShape = ([n = 1, c = 1, ...image]: readonly number[]): number[] => [n, ...image, c];

/** NCHW values as an NHWC tensor; what has two axes stays as it is. */
export function nhwc(values: Float32Array, shape: readonly number[]): tf.Tensor {
  return tf.tidy(() => {
    const tensor = tf.tensor(values, [...shape]);
    return shape.length === 4 ? tf.transpose(tensor, [0, 2, 3, 1]) : tensor;
  });
}

/** The values of a tensor in NCHW order. */
export const nchw = (x: tf.Tensor): ArrayLike<number> =>
  tf.tidy(() => (x.rank === 4 ? tf.transpose(x, [0, 3, 1, 2]) : x).dataSync());

function blockOf({ block }: Case): Block {
  const functions = nn as unknown as Record<string, (...args: unknown[]) => Block>;
  return sequential(...block.map(([name, ...args]) => {
    const make = functions[name];
    if (make === undefined) throw new RangeError(`Expected a function of nn but found ${name}`);
    return make(...args);
  }));
}

function assertGradients(test: Case, model: ReturnType<typeof buildModel>, x: tf.Tensor): void {
  const declared = declaredWeights(model);
  const variables = declared.map(([, { variable }]) => variable.read() as tf.Variable);
  const dy = nhwc(hashed(kDy, test.y.length), test.outputShape);
  const { value, grads } = tf.tidy(() =>
    tf.engine().gradients(() => tf.sum(tf.mul(model.apply(x, { training: true }) as tf.Tensor, dy)), [x, ...variables])
  );
  const [dx, ...others] = grads as tf.Tensor[];
  if (dx === undefined) throw new RangeError("Expected a gradient of x");
  assertClose(nchw(dx), test.gradX ?? [], 1e-5, "gradient of x");
  for (const [i, { name, grad = [] }] of test.params.entries()) {
    const weight = declared[i]?.[1];
    const gradient = others[i];
    if (weight === undefined || gradient === undefined) throw new RangeError(`Expected a gradient of ${name}`);
    const values = toTorch(gradient.dataSync() as Float32Array, weight.spec.layout);
    assertClose(values, grad, 1e-5, `gradient of ${name}`);
  }
  tf.dispose([dy, value, ...grads]);
}

/** Holds the block of a case against PyTorch: shape and values of the output, every gradient. */
export function assertLikeTorch(test: Case): void {
  const { inputShape, params } = test;
  const model = buildModel(blockOf(test), { inputShape: nhwcShape(inputShape).slice(1) });
  assertEquals(declaredWeights(model).map(([key]) => key), params.map(({ name }) => name));
  const dict: StateDict = Object.fromEntries(
    params.map(({ name, shape }, k) => [name, { dtype: "F32", shape, data: hashed(k, sizeOf(shape), scale) }]),
  );
  loadStateDict(model, dict);

  const x = nhwc(hashed(kX, sizeOf(inputShape)), inputShape);
  const y = tf.tidy(() => model.apply(x) as tf.Tensor);
  assertEquals(y.shape, nhwcShape(test.outputShape));
  assertEquals(model.outputs[0]?.shape.slice(1), y.shape.slice(1), "the shape that the model announces");
  assertClose(nchw(y), test.y, 1e-5, "output");
  if (test.gradX !== undefined) assertGradients(test, model, x);
  tf.dispose([x, y]);
  model.dispose();
}

/** One test a case and backend: PyTorch's outputs and gradients, and nothing leaks. */
export function testLikeTorch(layer: string, family: keyof typeof fixture.cases): void {
  for (const test of casesOf(family)) {
    const what = test.gradX === undefined ? "outputs" : "outputs and gradients";
    testOnBackends(`${layer} gives PyTorch's ${what}: ${test.title}`, () => assertLikeTorch(test));
  }
}
