import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { useBackend } from "../../backends/select.ts";
import { catalog, type ModelName } from "../../models/catalog.ts";
import { createModel, type CreateModelOptions, describeModel, listModels } from "../../models/registry.ts";
import { stateDict } from "../../models/state_dict.ts";

Deno.test("listModels() takes globs over the whole name, or over the part behind the slash", () => {
  assertEquals(listModels(), Object.keys(catalog) as ModelName[]);
  assertEquals(listModels("d2l/{,bn}lenet"), ["d2l/lenet", "d2l/bnlenet"]);
  assertEquals(listModels("{alex,le}net"), ["d2l/lenet", "d2l/alexnet", "torchvision/alexnet", "paper/alexnet"]);
  assertEquals(listModels("nothing*"), []);
});

Deno.test("the catalog is frozen", () => {
  assertThrows(() => Object.assign(catalog, { "d2l/mine": catalog["d2l/lenet"] }), TypeError);
});

Deno.test("an unknown name is answered with the nearest one", () => {
  const error = assertThrows(() => describeModel("d2l/bnlennet" as ModelName), RangeError);
  assertEquals(
    error.message,
    'Expected name to be a model of listModels() but found "d2l/bnlennet": is it "d2l/bnlenet"',
  );
  assertThrows(() => describeModel("toString" as ModelName), RangeError, "Expected name");
});

for (const [name, minimum] of [["d2l/lenet", 12], ["d2l/bnlenet", 16], ["d2l/alexnet", 65]] as const) {
  Deno.test(`${name} says that it needs ${minimum} pixels, and takes them`, () => {
    const channels = 1;
    describeModel(name, { inputShape: [minimum, minimum, channels] });
    for (const [axis, inputShape] of [[0, [minimum - 1, 300, channels]], [1, [300, 1, channels]]] as const) {
      const error = assertThrows(() => describeModel(name, { inputShape: [...inputShape] }), RangeError);
      assertEquals(
        error.message,
        `Expected inputShape[${axis}] to be at least ${minimum} for ${name} but found ${inputShape[axis]}`,
      );
    }
  });
}

const WRONG: [string, object, string][] = [
  [
    "a size of zero",
    { inputShape: [0, 28, 1] },
    "Expected inputShape[0] of createModel() to be greater than 0 but found 0",
  ],
  ["a fractional size", { inputShape: [28, 28.5, 1] }, "Expected inputShape[1] of createModel()"],
  ["a negative number of channels", { inputShape: [28, 28, -1] }, "Expected inputShape[2] of createModel()"],
  ["no classes", { classes: 0 }, "Expected classes of createModel() to be greater than 0 but found 0"],
  ["an option that does not exist", { clases: 3 }, 'Expected options of createModel() to be known but found "clases"'],
  ["a dropout rate of one", { dropout: 1 }, "Expected dropout of createModel() to be less than 1 but found 1"],
  ["a seed that is no number", { seed: "1" }, 'Expected seed of createModel() to be of type number but found "1"'],
  ["an unknown initializer", { initializer: "he" }, "Expected initializer of createModel() to be one of"],
];
for (const [what, options, message] of WRONG) {
  Deno.test(`createModel() refuses ${what} and allocates nothing`, async () => {
    await useBackend("cpu");
    const before = tf.memory().numTensors;
    assertThrows(() => createModel("d2l/lenet", options as CreateModelOptions), Error, message);
    assertEquals(tf.memory().numTensors, before);
  });
}

Deno.test("a model names useBackend() where no backend is chosen", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      `import { createModel } from ${JSON.stringify(new URL("../../models/registry.ts", import.meta.url).href)};
      try { createModel("d2l/lenet"); } catch (error) { console.log(error.message); }`,
    ],
  }).output();
  assertEquals(
    new TextDecoder().decode(stdout).trim(),
    "Expected a backend before a model is built but found none: call await useBackend() first",
  );
});

Deno.test("createModel() gives a LayersModel of the description's shapes, which dispose() frees", async () => {
  await useBackend("wasm");
  const before = tf.memory().numTensors;
  for (const name of listModels("d2l/*lenet*")) {
    const model = createModel(name, { classes: 7, inputShape: [32, 36, 3] });
    assertEquals(model.outputs[0]?.shape, [null, 7]);
    assertEquals(
      model.trainableWeights.reduce((sum, { shape }) => sum + tf.util.sizeFromShape(shape as number[]), 0),
      describeModel(name, { classes: 7, inputShape: [32, 36, 3] }).params,
    );
    model.dispose();
  }
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("one seed gives the same weights on every backend, another seed gives others", async () => {
  const weights = async (backend: "cpu" | "wasm", seed: number) => {
    await useBackend(backend);
    const model = createModel("d2l/bnlenet", { seed });
    const dict = await stateDict(model);
    model.dispose();
    return dict;
  };
  const [cpu, wasm, other] = [await weights("cpu", 5), await weights("wasm", 5), await weights("cpu", 6)];
  assertEquals(cpu, wasm);
  assert(cpu["net.0.weight"]?.data.some((value, i) => value !== other["net.0.weight"]?.data[i]));
});

Deno.test("weights start as the book's init_cnn has them, and as PyTorch's default where that is asked for", async () => {
  await useBackend("cpu");
  const extent = async (initializer: "xavierUniform" | "torchDefault", key: string) => {
    const model = createModel("d2l/lenet", { initializer, seed: 3 });
    const values = (await stateDict(model))[key]?.data ?? new Float32Array();
    model.dispose();
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    return { max: values.reduce((a, b) => Math.max(a, Math.abs(b)), 0), mean, count: values.length };
  };
  // net.7: linear, 400 → 120; net.3: convolution, 6 → 16 channels, 5×5.
  for (
    const [initializer, key, bound] of [
      ["xavierUniform", "net.7.weight", Math.sqrt(6 / (400 + 120))],
      ["xavierUniform", "net.3.weight", Math.sqrt(6 / (25 * 6 + 25 * 16))],
      ["torchDefault", "net.7.weight", 1 / Math.sqrt(400)],
      ["torchDefault", "net.3.weight", 1 / Math.sqrt(25 * 6)],
      ["xavierUniform", "net.7.bias", 1 / Math.sqrt(400)],
    ] as const
  ) {
    const { max, mean, count } = await extent(initializer, key);
    assert(max <= bound && max > 0.9 * bound, `${initializer} ${key}: ${max} of ${bound}`);
    // Six standard deviations of the mean of uniform values.
    assert(Math.abs(mean) < 6 * bound / Math.sqrt(3 * count), `${initializer} ${key}: mean ${mean}`);
  }
});

Deno.test("a described size is the size that a built model has", async () => {
  await useBackend("cpu");
  fc.assert(
    fc.property(fc.integer({ min: 16, max: 40 }), fc.integer({ min: 16, max: 40 }), (height, width) => {
      const inputShape: [number, number, number] = [height, width, 1];
      const model = createModel("d2l/bnlenet", { inputShape });
      const shapes = model.layers.slice(1).map((layer) => layer.outputShape);
      model.dispose();
      assertEquals(shapes, describeModel("d2l/bnlenet", { inputShape }).layers.map(({ outputShape }) => outputShape));
    }),
    { numRuns: 10 },
  );
});
