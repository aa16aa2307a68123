import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../../../backends/select.ts";
import { sequential } from "../../../models/block.ts";
import { modelDiagram, type ModelDiagramOptions } from "../../../models/diagram/diagram.ts";
import * as nn from "../../../models/nn.ts";
import { describeModel } from "../../../models/registry.ts";

const block = sequential(nn.flatten(), nn.linear(10));

Deno.test("modelDiagram() takes a name, a description and a block, and no tensor", async () => {
  await useBackend("cpu");
  const before = tf.memory().numTensors;
  const byName = modelDiagram("d2l/lenet");
  assertEquals(modelDiagram(describeModel("d2l/lenet"), { title: "d2l/lenet" }), byName);
  const ofBlock = modelDiagram(block, { format: "mermaid", inputShape: [4, 4, 1] });
  assert(ofBlock.includes('n2["1 · Linear<br/>10<br/>170 params"]'), ofBlock);
  assert(ofBlock.includes("accTitle: Network"), ofBlock);
  assert(modelDiagram("d2l/lenet", { inputShape: [40, 40, 3] }).includes(">40×40×3<"));
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("Infinity draws every layer", () => {
  const text = modelDiagram("torchvision/resnet50", { format: "mermaid", depth: Infinity });
  for (const { name } of describeModel("torchvision/resnet50").layers) {
    const label = name.split(".").slice(/^\d+$/.test(name.split(".").at(-1) ?? "") ? -2 : -1).join(".");
    assert(text.includes(`"${label} · `), name);
  }
  assertEquals(text.match(/^ +n\d+\[/gm)?.length, describeModel("torchvision/resnet50").layers.length);
});

for (
  const [title, options, message, kind] of [
    ["depth 0", { depth: 0 }, "Expected depth of modelDiagram() to be greater than 0 but found 0", RangeError],
    ["half a depth", { depth: 1.5 }, "Expected depth of modelDiagram() to be of type int but found 1.5", RangeError],
    [
      "an unknown format",
      { format: "png" },
      'Expected format of modelDiagram() to be one of "svg", "mermaid" but found "png"',
      RangeError,
    ],
    ["an unknown option", { deep: 1 }, 'Expected options of modelDiagram() to be known but found "deep"', TypeError],
  ] as [string, ModelDiagramOptions, string, typeof Error][]
) {
  Deno.test(`modelDiagram() refuses ${title}`, () => {
    assertEquals(assertThrows(() => modelDiagram("d2l/lenet", options), kind).message, message);
  });
}

Deno.test("modelDiagram() refuses a block without an input, and names what is near an unknown name", () => {
  assertThrows(
    () => modelDiagram(block),
    RangeError,
    "Expected inputShape of modelDiagram() for a block but found none",
  );
  assertThrows(() => modelDiagram("d2l/lenett" as "d2l/lenet"), RangeError, 'is it "d2l/lenet"');
});
