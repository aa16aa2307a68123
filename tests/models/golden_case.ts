/**
 * Golden files as tests.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../../backends/select.ts";
import type { Block } from "../../models/block.ts";
import { buildModel } from "../../models/build.ts";
import { loadStateDict } from "../../models/state_dict.ts";
import {
  compareSummary,
  compareValues,
  type Deviation,
  deviations,
  type Golden,
  goldenState,
  nhwc,
  type Summary,
} from "./golden.ts";
import { ignoredOn, tensorCounts } from "../backends_under_test.ts";
import { images } from "./golden_fill.ts";

/** A golden file of a network of ImageNet's size: one image, evaluated. */
export type FullGolden = Pick<Golden, "name" | "input_shape_nchw" | "params"> & {
  readonly out: Summary & { readonly proj: number };
  readonly out_first32: number[];
  readonly argmax: number;
  readonly torch_f32_maxabs: number;
};

async function read(name: string): Promise<unknown> {
  return JSON.parse(await Deno.readTextFile(new URL(`../fixtures/golden/${name}.json`, import.meta.url)));
}

/** Every deviation of an evaluated network from `golden`. Owns and frees all it makes. */
export async function fullDeviations(golden: FullGolden, block: Block): Promise<Deviation[]> {
  const shape = golden.input_shape_nchw as [number, number, number, number];
  const [, c, h, w] = shape;
  const model = buildModel(block, { inputShape: [h, w, c] });
  loadStateDict(model, goldenState(golden));
  const logits = tf.tidy(() => model.apply(nhwc(images(shape), shape), { training: false }) as tf.Tensor);
  const values = await logits.data() as Float32Array;
  logits.dispose();
  model.dispose();
  const allowed = Math.max(1e-5, 10 * golden.torch_f32_maxabs / golden.out.absmax);
  // Scaled by the largest of all outputs, as the tolerances are: put it behind the first 32.
  const expected = [...golden.out_first32, golden.out.absmax];
  const found = [...values.subarray(0, 32), Math.max(...values.map(Math.abs))];
  const best = values.indexOf(Math.max(...values));
  return [
    compareValues("first logits", found, expected, allowed),
    ...compareSummary("logits", values, golden.out, { k: 400_000, allowed, absolute: allowed }),
    { what: "argmax", found: Math.abs(best - golden.argmax), allowed: 0 },
  ];
}

function assertWithin(all: readonly Deviation[]): void {
  assertEquals(all.filter((deviation) => !isWithin(deviation)), []);
}

/**
 * The golden file, and PyTorch's numbers where one ReLU or maximum is decided the
 * other way that float32 does not resolve (make_golden_alternates.py).
 */
async function readGoldens(name: string): Promise<[Golden, ...Golden[]]> {
  const golden = await read(name) as Golden;
  const alternates = await read(`${name}.alternates`).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }) as Partial<Golden>[];
  return [golden, ...alternates.map((alternate) => ({ ...golden, ...alternate }))];
}

const isWithin = ({ found, allowed }: Deviation): boolean => found <= allowed;

/**
 * Registers a test for each backend, TensorFlow always among them, op by op and compiled: all numbers of
 * `name`'s golden file, forward, backward and the step after.
 */
export function testGolden(
  name: string,
  block: () => Block,
  backends: readonly ("wasm" | "cpu")[] = ["wasm", "cpu"],
): void {
  const runs = [...[...backends, "tensorflow" as const].map((backend) => ({ backend, compiled: false })), {
    backend: "tensorflow" as const,
    compiled: true,
  }];
  for (const { backend, compiled } of runs) {
    Deno.test({
      name: `${name} gives PyTorch's outputs, loss and gradients on ${backend}${compiled ? ", compiled" : ""}`,
      ignore: ignoredOn(backend),
      async fn() {
        await useBackend(backend);
        const [golden, ...alternates] = await readGoldens(name);
        const before = tensorCounts();
        let all = await deviations(golden, block(), { compiled });
        for (const alternate of alternates) {
          if (all.every(isWithin)) break;
          const others = await deviations(alternate, block(), { compiled });
          if (others.every(isWithin)) all = others;
        }
        assertWithin(all);
        assertEquals(all.length > 2 * golden.params.length, true);
        assertEquals(tensorCounts(), before);
      },
    });
  }
}

/**
 * Registers a test for each backend, TensorFlow always among them: the outputs of
 * `name`'s golden file, which is evaluated only.
 */
export function testFullGolden(
  name: string,
  block: () => Block,
  backends: readonly ("wasm" | "cpu")[] = ["wasm"],
): void {
  for (const backend of [...backends, "tensorflow"] as const) {
    Deno.test({
      name: `${name} gives PyTorch's outputs at ImageNet's size on ${backend}`,
      ignore: ignoredOn(backend),
      async fn() {
        await useBackend(backend);
        const before = tensorCounts();
        assertWithin(await fullDeviations(await read(name) as FullGolden, block()));
        assertEquals(tensorCounts(), before);
      },
    });
  }
}
