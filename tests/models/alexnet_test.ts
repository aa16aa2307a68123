import { assertEquals, assertThrows } from "@std/assert";
import { alexNet } from "../../models/alexnet.ts";
import { describe } from "../../models/describe.ts";
import { describeModel } from "../../models/registry.ts";
import counts from "../fixtures/counts/alexnet.json" with { type: "json" };
import { GOLDENS } from "./full/vgg.ts";
import { testGolden } from "./golden_case.ts";
import { compareCounts } from "./torch_counts.ts";

compareCounts(counts);

testGolden("paper_alexnet_tiny", GOLDENS.paper_alexnet_tiny);

Deno.test("the paper's AlexNet has the sizes of figure 2 and the parameters that follow from them", () => {
  const { layers, params } = describeModel("paper/alexnet");
  const sizes = Object.fromEntries(layers.map(({ name, outputShape }) => [name, outputShape.slice(1)]));
  assertEquals(sizes.conv1, [55, 55, 96]);
  assertEquals(sizes.conv2, [27, 27, 256]);
  assertEquals([sizes.conv3, sizes.conv4, sizes.conv5], [[13, 13, 384], [13, 13, 384], [13, 13, 256]]);
  // Its caption: 253,440 neurons, then "186,624–64,896–64,896–43,264–4096–4096–1000". The
  // first number does not fit the figure, which has 55 · 55 · 96 = 290,400.
  const weighted = layers.filter(({ params }) => params > 0).map(({ outputShape }) =>
    outputShape.slice(1).reduce<number>((product, size) => product * (size ?? 0), 1)
  );
  assertEquals(weighted, [290_400, 186_624, 64_896, 64_896, 43_264, 4096, 4096, 1000]);
  // Kernels are 11×11×3, 5×5×48, 3×3×256, 3×3×192 and 3×3×192 (section 3.5); "60 million parameters" (abstract).
  const convolution = (filters: number, fanIn: number) => filters * (fanIn + 1);
  assertEquals(
    params,
    convolution(96, 11 * 11 * 3) + convolution(256, 5 * 5 * 48) + convolution(384, 3 * 3 * 256) +
      convolution(384, 3 * 3 * 192) + convolution(256, 3 * 3 * 192) +
      4096 * (6 * 6 * 256 + 1) + 4096 * (4096 + 1) + 1000 * (4096 + 1),
  );
});

Deno.test("the paper's normalisation stands behind the first two ReLUs, before the pools", () => {
  const types = describeModel("paper/alexnet").layers.map(({ type }) => type);
  const front = ["Conv2d", "ReLU", "LocalResponseNorm", "MaxPool2d"];
  assertEquals(types.slice(0, 8), [...front, ...front]);
  assertEquals(types.filter((type) => type === "LocalResponseNorm").length, 2);
});

Deno.test("torchvision's AlexNet has the same weights for every size from torchvision's min_size on", () => {
  const { params } = describeModel("torchvision/alexnet");
  assertEquals(describeModel("torchvision/alexnet", { inputShape: [63, 300, 3] }).params, params);
  assertThrows(
    () => describeModel("torchvision/alexnet", { inputShape: [32, 300, 3] }),
    RangeError,
    "Expected inputShape[0] to be at least 63 for torchvision/alexnet but found 32",
  );
});

Deno.test("alexNet() refuses an unknown definition, no classes, and channels that the paper's groups do not divide", () => {
  assertThrows(
    () => alexNet({ definition: "caffe" as "paper" }),
    RangeError,
    'Expected definition of alexNet() to be one of "d2l", "torchvision", "paper" but found "caffe"',
  );
  assertThrows(() => alexNet({ classes: 0 }), RangeError, "Expected classes of alexNet() to be greater than 0");
  const odd = alexNet({ definition: "paper", channels: [95, 256, 384, 384, 256] });
  assertThrows(
    () => describe(odd, { inputShape: [227, 227, 3] }),
    RangeError,
    "Expected groups of conv2 to divide 95 input channels and 256 filters but found 2",
  );
});
