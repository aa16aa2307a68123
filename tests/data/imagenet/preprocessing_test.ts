import { assertEquals, assertThrows } from "@std/assert";
import { imagenetClasses } from "../../../data/imagenet/classes.ts";
import { imagenetPreprocessing, imagenetTags } from "../../../data/imagenet/preprocessing.ts";
import type { Preprocessing } from "../../../data/images/preprocess.ts";
import fixture from "../../fixtures/images/preprocessing.json" with { type: "json" };
import { sha256 } from "../support.ts";

/** With what `preprocess()` takes where nothing is said. */
const completed = (preprocessing: Preprocessing) => ({
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
  transformInput: false,
  ...preprocessing,
});

Deno.test("imagenetPreprocessing() is what torchvision and timm say of each of their weights", () => {
  for (const { model, tag, ...expected } of fixture.rows) {
    assertEquals<unknown>(completed(imagenetPreprocessing(model, tag)), expected, `${model} ${tag}`);
  }
  assertEquals(fixture.rows.length, 145);
});

Deno.test("imagenetTags() has the weights of every network, the library's own choice first", () => {
  const tags = Map.groupBy(fixture.rows, ({ model }) => model);
  for (const [model, rows] of tags) {
    assertEquals(imagenetTags(model), rows.map(({ tag }) => tag), model);
    assertEquals(imagenetPreprocessing(model), imagenetPreprocessing(model, rows[0]?.tag));
  }
  assertEquals(imagenetTags("d2l/lenet"), []);
});

Deno.test("imagenetPreprocessing() answers with an object of the caller's own", () => {
  imagenetPreprocessing("torchvision/alexnet").resize = 1;
  assertEquals(imagenetPreprocessing("torchvision/alexnet").resize, 256);
});

Deno.test("imagenetPreprocessing() throws on a network without weights, with the nearest name", () => {
  assertThrows(
    () => imagenetPreprocessing("torchvision/resnet51"),
    RangeError,
    'Expected a network with ImageNet weights but found "torchvision/resnet51": is it "torchvision/resnet50"',
  );
});

Deno.test("imagenetPreprocessing() throws on weights that the network does not have", () => {
  assertThrows(
    () => imagenetPreprocessing("torchvision/alexnet", "IMAGENET1K_V2"),
    RangeError,
    'Expected the tag of torchvision/alexnet to be IMAGENET1K_V1 but found "IMAGENET1K_V2"',
  );
});

Deno.test("imagenetClasses are torchvision's thousand names", async () => {
  assertEquals(imagenetClasses.length, 1000);
  assertEquals(await sha256(new TextEncoder().encode(imagenetClasses.join("\n"))), fixture.classes_sha256);
});
