import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import fc from "fast-check";
import { useBackend } from "../../../backends/select.ts";
import { type Block, named, sequential } from "../../../models/block.ts";
import { buildModel } from "../../../models/build.ts";
import * as nn from "../../../models/nn.ts";
import { type StateDict, stateDict } from "../../../models/state_dict.ts";
import { loadWeights } from "../../../models/weights/load_weights.ts";
import { writeSafetensors } from "../../../models/weights/safetensors.ts";
import { testOnBackends } from "../../backends_under_test.ts";
import { assertDict, expected, network, PTH, readFixture } from "./support.ts";

await useBackend("cpu");

const fixturePath = (name: string) => new URL(name, PTH).pathname;
const NOTHING = { missing: [], unexpected: [] };

/** A model for one test; checks that no tensor is left. */
async function using(model: () => LayersModel, test: (model: LayersModel) => Promise<void>): Promise<void> {
  const before = tf.memory().numTensors;
  const made = model();
  await test(made);
  made.dispose();
  assertEquals(tf.memory().numTensors, before);
}

/** Weights with other values than any model starts with. */
const changed = (dict: StateDict): StateDict =>
  Object.fromEntries(
    Object.entries(dict).map(([key, { shape, data }], at) => {
      return [key, { dtype: "F32", shape, data: data.map((_, i) => at + i / 1024) }];
    }),
  );

for (const file of ["network_zip.pth", "network_old.pth"]) {
  testOnBackends(`loadWeights() reads ${file} from a path, a Blob and a stream`, async () => {
    const bytes = await readFixture(file);
    for (const source of [fixturePath(file), new Blob([bytes]), new Blob([bytes]).stream()]) {
      await using(network, async (model) => {
        assertEquals(await loadWeights(model, source), NOTHING);
        assertDict(await stateDict(model), expected.network);
      });
    }
  });
}

testOnBackends("a prediction made before does not bring old weights back", async () => {
  const x = tf.ones([1, 4, 4, 3]);
  const predict = async (model: LayersModel) => {
    const y = tf.tidy(() => model.predict(x) as tf.Tensor);
    const values = await y.data();
    y.dispose();
    return values.slice();
  };
  await using(() => network(1), (fresh) =>
    using(() => network(2), async (used) => {
      await predict(used);
      await loadWeights(fresh, fixturePath("network_zip.pth"));
      await loadWeights(used, fixturePath("network_zip.pth"));
      assertEquals(await predict(used), await predict(fresh));
    }));
  x.dispose();
});

testOnBackends(
  "values that were read before, and tensors that share a weight's memory, stay as they were",
  async () => {
    await using(() => network(1), async (model) => {
      const [kernel] = model.getLayer("0").getWeights();
      assert(kernel !== undefined);
      const dictBefore = await stateDict(model);
      const row = kernel.slice([0, 0, 0, 0], [1, 3, 3, 4]);
      const clone = kernel.clone();
      const [rowBefore, cloneBefore] = [(await row.data()).slice(), (await clone.data()).slice()];
      const live = await kernel.data();
      const before = live.slice();
      await loadWeights(model, new Blob([writeSafetensors(changed(dictBefore))]));
      assertEquals(live, before);
      assertEquals(await row.data(), rowBefore);
      assertEquals(await clone.data(), cloneBefore);
      assertEquals(await stateDict(model), changed(dictBefore));
      tf.dispose([row, clone]);
    });
  },
);

testOnBackends("weights that were written before are written again, and again", async () => {
  await using(() => network(1), async (model) => {
    const first = changed(await stateDict(model));
    for (const dict of [first, changed(changed(first)), first]) {
      await loadWeights(model, new Blob([writeSafetensors(dict)]));
      assertEquals(await stateDict(model), dict);
    }
  });
});

Deno.test("weights larger than a piece are put together from pieces, whatever their layout", async () => {
  const block = sequential(nn.conv2d(96, 5), nn.flatten(), nn.linear(700));
  await using(() => buildModel(block, { inputShape: [16, 16, 3], name: "large" }), async (model) => {
    const dict = changed(await stateDict(model));
    assert(Object.values(dict).some(({ data }) => data.length > 2 ** 22));
    await loadWeights(model, new Blob([writeSafetensors(dict)]));
    for (const [key, { data }] of Object.entries(await stateDict(model))) assertEquals(data, dict[key]?.data, key);
  });
});

for (const format of ["zip", "old"]) {
  Deno.test(`a checkpoint of a distributed run loads by the model's own names (${format})`, () =>
    using(network, async (model) => {
      assertEquals(await loadWeights(model, fixturePath(`checkpoint_${format}.pth`)), NOTHING);
      assertDict(await stateDict(model), expected.checkpoint);
    }));
}

Deno.test("averaged weights of a compiled, distributed run load as well", () =>
  using(network, async (model) => {
    assertEquals(await loadWeights(model, fixturePath("checkpoint_ema_zip.pth")), NOTHING);
    assertDict(await stateDict(model), expected.checkpoint_ema);
  }));

Deno.test("DenseNet's old names load, and heads that the model lacks are dropped", async () => {
  const block: Block = named({
    features: named({ denseblock1: named({ denselayer1: named({ norm1: nn.batchNorm(), conv1: nn.conv2d(2, 1) }) }) }),
    flatten: nn.flatten(),
    classifier: nn.linear(2),
  });
  await using(() => buildModel(block, { inputShape: [2, 2, 1], name: "dense" }), async (model) => {
    const dict = changed(await stateDict(model));
    const old = Object.entries(dict).map(([key, tensor]) => [key.replace(/(norm|conv)1\./, "$1.1."), tensor]);
    assertEquals(old[0]?.[0], "features.denseblock1.denselayer1.norm.1.weight");
    const heads = { "aux1.fc1.weight": { dtype: "F32", shape: [1], data: Float32Array.of(1) } } as const;
    const file = { ...Object.fromEntries(old), ...heads } as StateDict;
    assertEquals(await loadWeights(model, new Blob([writeSafetensors(file)])), NOTHING);
    assertEquals(await stateDict(model), dict);
  });
});

Deno.test("weights of another network: one message names all keys, and nothing changes", () =>
  using(network, async (model) => {
    const before = await stateDict(model);
    const other = buildModel(sequential(nn.conv2d(4, 5, { padding: 1 }), nn.flatten(), nn.linear(5)), {
      inputShape: [4, 4, 3],
    });
    const file = new Blob([writeSafetensors(await stateDict(other))]);
    other.dispose();
    await assertRejects(
      () => loadWeights(model, file),
      RangeError,
      "Expected weights to fit network but found keys that are " +
        "missing: 1.weight, 1.bias, 1.running_mean, 1.running_var, 3.weight, 3.bias; " +
        "unexpected: 2.weight, 2.bias; misshapen: 0.weight (expected shape [4,3,3,3] but found [4,3,5,5])",
    );
    assertEquals(await stateDict(model), before);
  }));

Deno.test("without strict, what fits is loaded and the rest is told", () =>
  using(network, async (model) => {
    const before = await stateDict(model);
    const bias = Object.entries(before).filter(([key]) => key === "3.bias");
    const { "3.bias": _, ...rest } = changed(before);
    const file: StateDict = { ...rest, extra: { dtype: "F32", shape: [], data: Float32Array.of(1) } };
    const result = await loadWeights(model, new Blob([writeSafetensors(file)]), { strict: false });
    assertEquals(result, { missing: ["3.bias"], unexpected: ["extra"] });
    assertEquals(await stateDict(model), { ...rest, ...Object.fromEntries(bias) });
  }));

Deno.test("the folders that streams are put aside in are gone afterwards", async () => {
  const folders = async () => {
    const names: string[] = [];
    for await (const { name } of Deno.readDir(Deno.env.get("TMPDIR") ?? "/tmp")) {
      if (name.startsWith("convbench-")) names.push(name);
    }
    return names.toSorted();
  };
  const before = await folders();
  await using(network, async (model) => {
    const bytes = await readFixture("network_zip.pth");
    await loadWeights(model, new Blob([bytes]).stream());
    await assertRejects(() => loadWeights(model, new Blob([bytes.slice(0, 2000)]).stream()));
  });
  assertEquals(await folders(), before);
});

Deno.test("a stream that breaks leaves the model as it was, and its error is the one that is thrown", () =>
  using(network, async (model) => {
    const before = await stateDict(model);
    const bytes = writeSafetensors(changed(before));
    const broken = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => controller.enqueue(bytes.slice(0, bytes.length - 8)),
      pull: (controller) => controller.error(new Error("the line is down")),
    });
    await assertRejects(() => loadWeights(model, broken), Error, "the line is down");
    const texts = new ReadableStream({ start: (controller) => controller.enqueue("text") });
    await assertRejects(() => loadWeights(model, texts as never), TypeError, 'to give bytes but found "text"');
    assertEquals(await stateDict(model), before);
  }));

Deno.test("a source that fails to be read half-way leaves the model as it was", () =>
  using(network, async (model) => {
    const before = await stateDict(model);
    class Failing extends Blob {
      override slice(start?: number, end?: number, type?: string): Blob {
        if ((end ?? this.size) > this.size - 8) throw new Error("the disk is gone");
        return super.slice(start, end, type);
      }
    }
    await assertRejects(
      () => loadWeights(model, new Failing([writeSafetensors(changed(before))])),
      Error,
      "the disk is gone",
    );
    assertEquals(await stateDict(model), before);
  }));

const DAMAGED: [file: string, error: typeof RangeError | typeof TypeError, message: string][] = [
  ["evil_system_zip.pth", TypeError, "found posix.system"],
  ["evil_system_old.pth", TypeError, "found posix.system"],
  ["refused_bomb.pth", RangeError, "compressed or encrypted"],
  ["refused_huge_expanded.pth", RangeError, "unexpected: weight"],
  [
    "expected.json",
    RangeError,
    "Expected a safetensors file or one of torch.save() but found a file that begins with {",
  ],
];
for (const [file, type, message] of DAMAGED) {
  Deno.test(`loadWeights() refuses ${file}; the model is as it was`, () =>
    using(network, async (model) => {
      const before = await stateDict(model);
      await assertRejects(() => loadWeights(model, fixturePath(file)), type, message);
      assertEquals(await stateDict(model), before);
    }));
}

Deno.test("a path that is none, a folder, and what is no source are named", () =>
  using(network, async (model) => {
    await assertRejects(() => loadWeights(model, "no/such/file.pth"), Error, "no/such/file.pth");
    await assertRejects(() => loadWeights(model, fixturePath("")), TypeError, "to be a file but found a folder");
    await assertRejects(() => loadWeights(model, 3 as never), TypeError, "a path, a Blob or a stream but found 3");
  }));

for (const file of ["network_zip.pth", "network_old.pth", "network.safetensors"]) {
  Deno.test(`whatever happens to the bytes of ${file}, the model has the file's weights or its own`, () =>
    using(network, async (model) => {
      const original = file.endsWith(".pth")
        ? await readFixture(file)
        : writeSafetensors(changed(await stateDict(model)));
      const before = await stateDict(model);
      const change = fc.record({ at: fc.nat({ max: original.length - 1 }), byte: fc.nat({ max: 255 }) });
      const cut = fc.nat({ max: original.length });
      let refused = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(change, { maxLength: 3 }), fc.option(cut), async (changes, end) => {
          const bytes = original.slice(0, end ?? original.length);
          for (const { at, byte } of changes) if (at < bytes.length) bytes[at] = byte;
          try {
            assertEquals(await loadWeights(model, new Blob([bytes])), NOTHING);
            await loadWeights(model, new Blob([writeSafetensors(before)]));
          } catch (error) {
            refused++;
            if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
            assertEquals(await stateDict(model), before);
          }
        }),
        { numRuns: 150 },
      );
      assertNotEquals(refused, 0);
    }));
}
