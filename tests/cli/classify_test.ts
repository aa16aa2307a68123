import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { useBackend } from "../../backends/select.ts";
import { parseClassifyOptions } from "../../cli/classify.ts";
import { UsageError } from "../../cli/flags.ts";
import { imagenetClasses } from "../../data/imagenet/classes.ts";
import type { ModelName } from "../../models/catalog.ts";
import { createModel } from "../../models/registry.ts";
import { type StateDict, stateDict } from "../../models/state_dict.ts";
import { writeSafetensors } from "../../models/weights/safetensors.ts";
import fixture from "../fixtures/images/classified.json" with { type: "json" };
import { type GoldenParameter, parameterValues, runningMean, runningVar } from "../models/golden_fill.ts";
import { runDeno } from "../run_deno.ts";

const classify = (...args: string[]) => runDeno(["cli.ts", "classify", ...args]);
const PICTURES = "tests/fixtures/images";

/** `dict` with the values that golden_fill.py fills a network of PyTorch's with. */
function filled(dict: StateDict): StateDict {
  let [k, batchNorms] = [0, 0];
  const values = (name: string, shape: number[]): Float32Array<ArrayBuffer> => {
    const fan_in = shape.slice(1).reduce((a, b) => a * b, 1);
    if (name.endsWith("running_mean")) return runningMean(batchNorms, fan_in * (shape[0] ?? 1));
    if (name.endsWith("running_var")) return runningVar(batchNorms++, fan_in * (shape[0] ?? 1));
    const kind: GoldenParameter["kind"] = shape.length > 1 ? "conv_w" : name.endsWith(".bias") ? "bias" : "bn_gamma";
    return parameterValues({ k: k++, name, kind, shape, fan_in });
  };
  return Object.fromEntries(
    Object.entries(dict).map(([name, { shape }]) => [name, { dtype: "F32", shape, data: values(name, shape) }]),
  );
}

/** Runs `use` with a file of the weights that the fixture's networks have. */
async function withWeights(name: ModelName, use: (path: string) => Promise<void>): Promise<void> {
  await useBackend("cpu");
  const model = createModel(name);
  const bytes = writeSafetensors(filled(await stateDict(model)));
  model.dispose();
  const path = await Deno.makeTempFile({ suffix: ".safetensors" });
  try {
    await Deno.writeFile(path, bytes);
    await use(path);
  } finally {
    await Deno.remove(path);
  }
}

for (const [model, rows] of Map.groupBy(fixture.rows, ({ model }) => model as ModelName)) {
  Deno.test(`classify answers what torchvision answers, from the file to the name: ${model}`, async () => {
    await withWeights(model, async (weights) => {
      for (const { file, tag, labels, indices, probabilities } of rows) {
        const args = ["--model", model, "--weights", weights, "--top", "6", "--backend", "wasm", "--json"];
        const { code, stdout, stderr } = await classify(`${PICTURES}/${file}`, ...args);
        assertEquals(code, 0, stderr);
        const { classes, ...rest } = JSON.parse(stdout);
        assertEquals(rest, { image: `${PICTURES}/${file}`, model, tag, backend: "wasm" });
        assertEquals(classes.map(({ index }: { index: number }) => index), indices);
        assertEquals(classes.map(({ label }: { label: string }) => label), labels);
        classes.forEach(({ probability }: { probability: number }, i: number) => {
          const expected = probabilities[i] ?? NaN;
          assert(Math.abs(probability / expected - 1) < 1e-4, `${file} ${i}: ${probability} for ${expected}`);
        });
      }
    });
  });
}

Deno.test("classify prints the likeliest classes for people, with the flags before or behind the picture", async () => {
  await withWeights("torchvision/googlenet", async (weights) => {
    const args = ["--model", "torchvision/googlenet", "--weights", weights, "--top", "2", "--backend", "wasm"];
    const { code, stdout, stderr } = await classify(...args, `${PICTURES}/rgb_8.png`);
    assertEquals(code, 0, stderr);
    assertEquals(stdout.trimEnd().split("\n"), [
      `${PICTURES}/rgb_8.png by torchvision/googlenet (IMAGENET1K_V1) on wasm`,
      ` 24.38 %  ${imagenetClasses[971]} (971)`,
      ` 19.68 %  ${imagenetClasses[962]} (962)`,
    ]);
  });
});

const picture = `${PICTURES}/grey.jpg`;
const known = ["--model", "torchvision/resnet18", "--weights", "no-such-file"];
for (
  const [what, args, message] of [
    ["no picture", known, "Expected a picture to classify but found none"],
    ["no network", [picture], "Expected --model to name a network but found none"],
    [
      "an unknown network",
      [picture, "--model", "torchvision/resnet19"],
      'Expected a network with ImageNet weights but found "torchvision/resnet19": is it "torchvision/resnet18"',
    ],
    [
      "no weights",
      [picture, "--model", "torchvision/resnet18"],
      "Expected --weights to name a file with the weights of torchvision/resnet18 but found none: export them with " +
      "python3 tools/export_weights.py torchvision/resnet18 FILE --weights DEFAULT (docs/pretrained.md)",
    ],
    [
      "a tag of other weights",
      [picture, ...known, "--tag", "IMAGENET1K_V2"],
      'Expected the tag of torchvision/resnet18 to be IMAGENET1K_V1 but found "IMAGENET1K_V2"',
    ],
    ["no classes", [picture, ...known, "--top", "0"], "Expected --top of classify to be at least 1 but found"],
    ["a second picture", [picture, ...known, "other.jpg"], "Expected a known flag but found other.jpg"],
    ["an unknown flag", [picture, ...known, "--wieghts=x"], "found --wieghts=x: is it --weights"],
  ] as const
) {
  Deno.test(`parseClassifyOptions() throws on ${what}`, () => {
    assertThrows(() => parseClassifyOptions(args), UsageError, message);
  });
}

Deno.test("classify ends with code 2 where it is called in a wrong way", async () => {
  const { code, stdout, stderr } = await classify(picture, "--model", "torchvision/resnet18");
  assertEquals([code, stdout], [2, ""]);
  assertStringIncludes(stderr, "Expected --weights to name a file");
  assertStringIncludes(stderr, "See convbench classify --help");
});

Deno.test("parseClassifyOptions() takes flags before and behind the picture, and what the library would load", () => {
  const expected = {
    image: picture,
    model: "torchvision/resnet18" as const,
    weights: "no-such-file",
    tag: "IMAGENET1K_V1",
    top: 5,
    json: false,
  };
  assertEquals(parseClassifyOptions([picture, ...known]), expected);
  assertEquals(parseClassifyOptions(["--json", ...known, picture, "--top=3"]), { ...expected, json: true, top: 3 });
  assertEquals(parseClassifyOptions([...known, "--backend", "wasm", picture]), { ...expected, backend: "wasm" });
});

for (
  const [what, file, message] of [
    ["a picture that is not there", "nothing.jpg", "Expected a picture at nothing.jpg but found no such file"],
    ["a picture in CMYK", `${PICTURES}/cmyk.jpg`, `Expected ${PICTURES}/cmyk.jpg to be a JPEG in grey or colour`],
    ["a file that is no picture", "deno.json", "Expected deno.json to be a JPEG or PNG but found something else"],
  ] as const
) {
  Deno.test(`classify ends with code 1 for ${what}, before a network is built`, async () => {
    const { code, stdout, stderr } = await classify(file, ...known);
    assertEquals([code, stdout], [1, ""]);
    assertStringIncludes(stderr, message);
  });
}

Deno.test("classify --help tells its flags", async () => {
  const { code, stdout } = await classify("--help");
  assertEquals(code, 0);
  assertStringIncludes(stdout, "Usage: convbench classify IMAGE --model NAME --weights FILE");
});
