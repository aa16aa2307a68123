import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { mainOutputShape, type ModelDescription } from "../../models/describe.ts";
import { describeModel, listModels } from "../../models/registry.ts";
import expectations from "../fixtures/models.json" with { type: "json" };

interface Expectation {
  readonly input_shape: number[];
  readonly classes: number;
  readonly output_shape: number[];
  readonly params: number;
  readonly buffers: number;
  readonly macs: number;
  readonly layer_summary?: readonly (readonly [type: string, shape: number[], params: number])[];
}

const torch = expectations as unknown as Record<string, Expectation>;

/** NHWC as PyTorch prints it. */
const nchw = ([n = null, ...rest]: readonly (number | null)[]): (number | null)[] =>
  rest.length === 3 ? [n, rest[2] ?? null, rest[0] ?? null, rest[1] ?? null] : [n, ...rest];

/** Shape and parameters of each child of `net`, as the book's layer_summary has them. */
function summary({ layers }: ModelDescription): [shape: (number | null)[], params: number][] {
  const children = new Map<string, [(number | null)[], number]>();
  for (const { name, outputShape, params } of layers) {
    const child = name.split(".").slice(0, 2).join(".");
    children.set(child, [nchw(outputShape).slice(1), (children.get(child)?.[1] ?? 0) + params]);
  }
  return [...children.values()];
}

for (const name of listModels()) {
  for (const variant of ["", "_imagenet"]) {
    const expected = torch[`${name}${variant}`];
    if (expected === undefined) continue;
    Deno.test(`${name}${variant} has PyTorch's shapes, parameters, buffers and multiply-accumulates`, () => {
      const [, c = 0, h = 0, w = 0] = expected.input_shape;
      const description = describeModel(name, { inputShape: [h, w, c], classes: expected.classes });
      assertEquals(nchw(mainOutputShape(description)).slice(1), expected.output_shape.slice(1));
      const { params, buffers, macs } = description;
      assertEquals({ params, buffers, macs }, {
        params: expected.params,
        buffers: expected.buffers,
        macs: expected.macs,
      });
      const rows = expected.layer_summary;
      if (rows !== undefined) {
        assertEquals(summary(description), rows.map(([, shape, params]) => [shape.slice(1), params]));
        // Where a child of net is a layer itself, its type can be compared too.
        for (const [child, [type]] of rows.entries()) {
          const layer = description.layers.find(({ name }) => name === `net.${child}`);
          if (layer !== undefined) assertEquals(layer.type, type);
        }
      }
    });
  }
}

Deno.test("every network of the catalog is compared with PyTorch's counts", () => {
  assertEquals(listModels().filter((name) => torch[name] === undefined), []);
});

Deno.test("activations are the outputs of convolutions and linear layers", () => {
  assertEquals(describeModel("d2l/lenet").activations, 28 * 28 * 6 + 10 * 10 * 16 + 120 + 84 + 10);
});

Deno.test("describeModel() allocates no tensor and needs no backend", () => {
  for (const name of listModels()) describeModel(name);
  assertEquals(tf.engine().state.numTensors, 0);
  assertEquals(tf.getBackend(), undefined);
});
