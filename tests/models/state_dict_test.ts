import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { layers, sequential as tfSequential } from "@tensorflow/tfjs-layers";
import { useBackend } from "../../backends/select.ts";
import { loadWeights } from "../../models/weights/load_weights.ts";
import { createModel } from "../../models/registry.ts";
import { writeSafetensors } from "../../models/weights/safetensors.ts";
import { loadStateDict, type StateDict, stateDict } from "../../models/state_dict.ts";
import golden from "../fixtures/golden/d2l_bnlenet.json" with { type: "json" };

await useBackend("cpu");

/** A model and its dict for one test; checks that nothing leaks. */
async function withModel(test: (model: ReturnType<typeof createModel>, dict: StateDict) => unknown): Promise<void> {
  const before = tf.memory().numTensors;
  const model = createModel("d2l/bnlenet", { seed: 1 });
  await test(model, await stateDict(model));
  model.dispose();
  assertEquals(tf.memory().numTensors, before);
}

Deno.test("stateDict() has PyTorch's names, shapes and order", () =>
  withModel((_, dict) => {
    const parameters = Object.entries(dict).filter(([key]) => !key.includes("running"));
    assertEquals(
      parameters.map(([key, { shape }]) => ({ key, shape })),
      golden.params.map(({ name, shape }) => ({ key: name, shape })),
    );
    const keys = Object.keys(dict);
    const first = keys.indexOf("net.1.weight");
    assertEquals(keys.slice(first, first + 4), [
      "net.1.weight",
      "net.1.bias",
      "net.1.running_mean",
      "net.1.running_var",
    ]);
  }));

Deno.test("the book's scratch layer keeps the book's shapes, and its moving statistics may be missing", async () => {
  const model = createModel("d2l/bnlenet_scratch");
  const dict = await stateDict(model);
  assertEquals(dict["net.1.gamma"]?.shape, [1, 6, 1, 1]);
  assertEquals(dict["net.10.beta"]?.shape, [1, 120]);
  assertEquals(dict["net.1.moving_var"]?.shape, [1, 6, 1, 1]);
  const withoutMoving = Object.fromEntries(Object.entries(dict).filter(([key]) => !key.includes("moving")));
  assertEquals(loadStateDict(model, withoutMoving), { missing: [], unexpected: [] });
  model.dispose();
});

Deno.test("convolutions are OIHW and linear layers behind a flatten are permuted", async () => {
  const model = createModel("d2l/lenet");
  const dict = await stateDict(model);
  // Value o·1000 + i·100 + h·10 + w in PyTorch's order; it has to come back from [h, w, i, o].
  const oihw = Float32Array.from({ length: 16 * 6 * 25 }, (_, at) => {
    const [w, h, i, o] = [at % 5, Math.floor(at / 5) % 5, Math.floor(at / 25) % 6, Math.floor(at / 150)];
    return o * 1000 + i * 100 + h * 10 + w;
  });
  // Column (c·5 + y)·5 + x of PyTorch's linear layer is row (y·5 + x)·16 + c here.
  const linear = Float32Array.from({ length: 120 * 400 }, (_, at) => at % 400);
  loadStateDict(model, {
    ...dict,
    "net.3.weight": { dtype: "F32", shape: [16, 6, 5, 5], data: oihw },
    "net.7.weight": { dtype: "F32", shape: [120, 400], data: linear },
  });
  const value = (layer: string) => model.getLayer(layer).getWeights()[0]?.arraySync() as number[][][][] & number[][];
  const [kernel, matrix] = [value("net.3"), value("net.7")];
  assertEquals(kernel[2]?.[4]?.[5]?.[15], 15_524);
  const [y, x, c] = [3, 1, 7];
  assertEquals(matrix[(y * 5 + x) * 16 + c]?.[0], (c * 5 + y) * 5 + x);
  assertEquals((await stateDict(model))["net.3.weight"]?.data, oihw);
  model.dispose();
});

Deno.test("one error names all keys that are missing, unexpected or misshapen, and nothing changes", () =>
  withModel(async (model, dict) => {
    const before = await stateDict(model);
    const { "net.0.bias": _, "net.4.weight": weight, ...rest } = dict;
    const wrong: StateDict = {
      ...rest,
      "net.4.weight": { dtype: "F32", shape: [6, 16, 5, 5], data: weight?.data ?? new Float32Array() },
      "net.1.weight": { dtype: "F32", shape: [6], data: new Float32Array(5) },
      "fc.weight": { dtype: "F32", shape: [1], data: new Float32Array(1) },
    };
    const error = assertThrows(() => loadStateDict(model, wrong), RangeError);
    assertEquals(
      error.message,
      "Expected dict to fit d2l/bnlenet but found keys that are missing: net.0.bias; unexpected: fc.weight; " +
        "misshapen: net.1.weight (expected 6 values but found 5), " +
        "net.4.weight (expected shape [16,6,5,5] but found [6,16,5,5])",
    );
    assertEquals(await stateDict(model), before);
  }));

Deno.test("without strict, missing and unexpected keys are told and left alone; misshapen ones stay errors", () =>
  withModel(async (model, dict) => {
    const bias = { dtype: "F32", shape: [6], data: Float32Array.of(1, 2, 3, 4, 5, 6) } as const;
    const partial: StateDict = {
      "net.0.bias": { ...bias, shape: [...bias.shape] },
      "fc.weight": { ...bias, shape: [6] },
    };
    const { missing, unexpected } = loadStateDict(model, partial, { strict: false });
    assertEquals(unexpected, ["fc.weight"]);
    assertEquals(missing, Object.keys(dict).filter((key) => key !== "net.0.bias"));
    assertEquals((await stateDict(model))["net.0.bias"]?.data, bias.data);
    assertThrows(
      () => loadStateDict(model, { "net.0.bias": { ...bias, shape: [2, 3] } }, { strict: false }),
      RangeError,
      "misshapen",
    );
  }));

Deno.test("num_batches_tracked is ignored", () =>
  withModel((model, dict) => {
    const tracked = { dtype: "F32", shape: [], data: Float32Array.of(3) } as const;
    const result = loadStateDict(model, { ...dict, "net.1.num_batches_tracked": { ...tracked, shape: [] } });
    assertEquals(result, { missing: [], unexpected: [] });
  }));

Deno.test("a model with weights in tfjs' own layers is refused by name", async () => {
  const model = tfSequential({ layers: [layers.dense({ units: 2, inputShape: [3], name: "mine" })] });
  assertThrows(() => loadStateDict(model, {}), TypeError, "found Dense mine");
  model.dispose();
  await Promise.resolve();
});

Deno.test("loadWeights() reads a path, a Blob and a stream, and leaves the model alone where the file is damaged", () =>
  withModel(async (model, dict) => {
    const changed = {
      ...dict,
      "net.0.bias": { dtype: "F32" as const, shape: [6], data: Float32Array.of(9, 8, 7, 6, 5, 4) },
    };
    const bytes = writeSafetensors(changed);
    const path = await Deno.makeTempFile({ suffix: ".safetensors" });
    await Deno.writeFile(path, bytes);
    for (const source of [path, new Blob([bytes]), new Blob([bytes]).stream()]) {
      loadStateDict(model, dict);
      assertEquals(await loadWeights(model, source), { missing: [], unexpected: [] });
      assertEquals(await stateDict(model), changed);
    }
    const cut = new Blob([bytes.subarray(0, bytes.length - 4)]);
    let message = "";
    await loadWeights(model, cut).catch((error) => message = error.message);
    assertEquals(message.startsWith("Expected data_offsets of net.15.bias"), true, message);
    assertEquals(await stateDict(model), changed);
    await Deno.remove(path);
  }));
