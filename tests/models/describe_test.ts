import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { mainOutputShape, type ModelDescription } from "../../models/describe.ts";
import { describeModel, listModels } from "../../models/registry.ts";
import modelsJson from "../fixtures/models.json" with { type: "json" };
import { assertCounts, type TorchCounts } from "./torch_counts.ts";

/** The book's `layer_summary` of a network, beside its counts. */
type Summarised = TorchCounts & {
  readonly layer_summary?: readonly (readonly [type: string, shape: number[], params: number])[];
};

type Fixture = Readonly<Record<string, Summarised>>;

const COUNTS = new URL("../fixtures/counts/", import.meta.url);

/** All of tests/fixtures/counts: a family each. */
function readCounts(): Fixture {
  const files = [...Deno.readDirSync(COUNTS)].map(({ name }) => name).filter((name) => name.endsWith(".json")).sort();
  return Object.assign({}, ...files.map((name) => JSON.parse(Deno.readTextFileSync(new URL(name, COUNTS)))));
}

const FIXTURES: Readonly<Record<string, Fixture>> = {
  "models.json": modelsJson as unknown as Fixture,
  "counts/": readCounts(),
};

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

for (const [file, fixture] of Object.entries(FIXTURES)) {
  for (const name of listModels()) {
    for (const variant of ["", "_imagenet"]) {
      const expected = fixture[`${name}${variant}`];
      if (expected === undefined) continue;
      Deno.test(`${name}${variant} has PyTorch's shapes, counts and layers of ${file}`, async () => {
        const [, c = 0, h = 0, w = 0] = expected.input_shape;
        // What the catalog has by itself is what stands there without a variant.
        const description = variant === ""
          ? describeModel(name)
          : describeModel(name, { inputShape: [h, w, c], classes: expected.classes ?? 0 });
        assertEquals(nchw(description.inputShape).slice(1), [c, h, w]);
        assertEquals(mainOutputShape(description), [null, expected.classes]);
        await assertCounts(description, expected);
        const rows = expected.layer_summary;
        if (rows === undefined) return;
        assertEquals(summary(description), rows.map(([, shape, params]) => [shape.slice(1), params]));
        // Where a child of net is a layer itself, its type can be compared too.
        for (const [child, [type]] of rows.entries()) {
          const layer = description.layers.find(({ name }) => name === `net.${child}`);
          if (layer !== undefined) assertEquals(layer.type, type);
        }
      });
    }
  }
}

Deno.test("every network of the catalog is compared with PyTorch's counts", () => {
  const compared = Object.values(FIXTURES).flatMap((fixture) => Object.keys(fixture));
  assertEquals(listModels().filter((name) => !compared.includes(name)), []);
});

Deno.test("every network of the book is compared with the book's layer_summary", () => {
  const summarised = Object.values(FIXTURES).flatMap((fixture) =>
    Object.keys(fixture).filter((name) => fixture[name]?.layer_summary !== undefined)
  );
  assertEquals(listModels("d2l/*").filter((name) => !summarised.includes(name)), []);
});

Deno.test("activations are the outputs of convolutions and linear layers", () => {
  assertEquals(describeModel("d2l/lenet").activations, 28 * 28 * 6 + 10 * 10 * 16 + 120 + 84 + 10);
});

Deno.test("describeModel() allocates no tensor and needs no backend", () => {
  for (const name of listModels()) describeModel(name);
  assertEquals(tf.engine().state.numTensors, 0);
  assertEquals(tf.getBackend(), undefined);
});
