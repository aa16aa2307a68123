import { assertEquals, assertThrows } from "@std/assert";
import { adaptKeys } from "../../../models/weights/keys.ts";

/** What becomes of the keys of a file, for a model that has `model`. */
const adapted = (file: string[], model: string[] = []) =>
  Object.fromEntries(
    [...adaptKeys(new Map(file.map((key) => [key, key])), new Set(model))].map(([to, from]) => [from, to]),
  );

Deno.test("DenseNet's old names become today's, as torchvision's pattern has them", () => {
  const rename = {
    "features.denseblock1.denselayer2.norm.1.weight": "features.denseblock1.denselayer2.norm1.weight",
    "features.denseblock1.denselayer2.norm.2.running_var": "features.denseblock1.denselayer2.norm2.running_var",
    "features.denseblock4.denselayer16.conv.2.weight": "features.denseblock4.denselayer16.conv2.weight",
    // None of the dense layers.
    "features.transition1.norm.weight": "features.transition1.norm.weight",
    "features.norm5.weight": "features.norm5.weight",
    "classifier.weight": "classifier.weight",
  };
  assertEquals(adapted(Object.keys(rename)), rename);
});

Deno.test("names of distributed and compiled models lose what wraps them, in either order", () => {
  const rename = {
    "module.fc.weight": "fc.weight",
    "_orig_mod.conv1.weight": "conv1.weight",
    "_orig_mod.module.bn1.bias": "bn1.bias",
    "module._orig_mod.bn1.weight": "bn1.weight",
    "module.features.denseblock1.denselayer1.conv.1.weight": "features.denseblock1.denselayer1.conv1.weight",
  };
  assertEquals(adapted(Object.keys(rename)), rename);
  assertEquals(adapted(["module.weight"], ["module.weight"]), { "module.weight": "module.weight" });
});

Deno.test("GoogLeNet's heads are dropped for a model without them, and kept for one with them", () => {
  const file = ["conv1.conv.weight", "aux1.conv.conv.weight", "aux2.fc2.bias"];
  assertEquals(Object.keys(adapted(file, ["conv1.conv.weight"])), ["conv1.conv.weight"]);
  assertEquals(Object.keys(adapted(file, file)), file);
});

Deno.test("num_batches_tracked is dropped", () => {
  assertEquals(adapted(["bn.num_batches_tracked", "module.bn.num_batches_tracked"]), {});
});

Deno.test("two tensors for one weight are refused", () => {
  assertThrows(
    () => adapted(["fc.weight", "module.fc.weight"]),
    RangeError,
    "Expected the file to hold fc.weight once but found it twice, as module.fc.weight",
  );
});
