import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { sequential } from "../../../models/block.ts";
import { useBackend } from "../../../backends/select.ts";
import { buildModel } from "../../../models/build.ts";
import { Conv2d, type Conv2dConfig } from "../../../models/layers/conv2d.ts";
import * as nn from "../../../models/nn.ts";
import { testLikeTorch, testRefusals, weights } from "./support.ts";

testLikeTorch("Conv2d", "conv2d");
testLikeTorch("Conv2d", "conv2dDilated");

const conv = (config: Partial<Conv2dConfig> = {}) => new Conv2d({ name: "c", filters: 4, kernelSize: 3, ...config });

Deno.test("Conv2d has PyTorch's defaults, and its type name", () => {
  assertEquals(conv().typeName(), "Conv2d");
  assertEquals(conv().options, {
    filters: 4,
    kernelSize: [3, 3],
    stride: [1, 1],
    padding: [0, 0],
    dilation: [1, 1],
    groups: 1,
    bias: true,
  });
});

Deno.test("Conv2d declares its weights in PyTorch's order and shapes", () => {
  const shape = [null, 9, 9, 6];
  assertEquals(weights(conv({ kernelSize: [3, 2] }), shape), [
    "parameter weight [3,2,6,4] as [4,6,3,2]",
    "parameter bias [4] as [4]",
  ]);
  assertEquals(weights(conv({ groups: 2, bias: false }), shape), ["parameter weight [3,3,3,4] as [4,3,3,3]"]);
  assertEquals(weights(conv({ filters: 12, groups: 6, bias: false }), shape), [
    "parameter weight [3,3,1,12] as [12,1,3,3]",
  ]);
});

Deno.test("Conv2d counts the multiply-accumulates of its output, per group", () => {
  assertEquals(conv({ padding: 1 }).macs([null, 8, 6, 2]), 8 * 6 * 4 * (3 * 3 * 2));
  assertEquals(conv({ kernelSize: [3, 1], stride: 2 }).macs([null, 9, 9, 2]), 4 * 5 * 4 * (3 * 1 * 2));
  assertEquals(conv({ padding: 1, groups: 2 }).macs([null, 8, 6, 2]), 8 * 6 * 4 * (3 * 3 * 1));
});

Deno.test("Conv2d computes output shapes as PyTorch does", () => {
  const shapeOf = (config: Partial<Conv2dConfig>, size: number) =>
    conv({ kernelSize: 3, ...config }).computeOutputShape([null, size, size, 1]);
  assertEquals(shapeOf({}, 3), [null, 1, 1, 4]);
  assertEquals(shapeOf({ kernelSize: 11, stride: 4, padding: 2 }, 224), [null, 55, 55, 4]);
  assertEquals(shapeOf({ stride: 2, padding: 1 }, 8), [null, 4, 4, 4]);
  assertEquals(shapeOf({ dilation: 2 }, 5), [null, 1, 1, 4]);
  assertEquals(shapeOf({ kernelSize: [1, 3], stride: [2, 1], padding: [0, 2] }, 6), [null, 3, 8, 4]);
  assertEquals(conv().computeOutputShape([7, 5, 5, 1]), [7, 3, 3, 4]);
});

Deno.test("Conv2d has no gradient where it is dilated, and says so", async () => {
  await useBackend("cpu");
  for (const groups of [1, 2, 4]) {
    const model = buildModel(nn.conv2d(4, 3, { dilation: 2, groups }), { inputShape: [6, 6, 4] });
    const x = tf.zeros([1, 6, 6, 4]);
    const gradient = tf.grad((x) => model.apply(x) as tf.Tensor);
    // No watch for leaks: tfjs keeps what a gradient saved where one of them throws.
    assertThrows(() => tf.tidy(() => gradient(x)), Error, "dilation");
    x.dispose();
    model.dispose();
  }
});

const shape = [null, 5, 5, 4];
testRefusals("Conv2d", [
  ["no filters", () => conv({ filters: 0 }), "Expected filters of c to be greater than 0 but found 0"],
  ["negative filters", () => conv({ filters: -1 }), "Expected filters of c to be greater than 0 but found -1"],
  ["half a filter", () => conv({ filters: 1.5 }), "Expected filters of c to be of type int but found 1.5"],
  ["NaN filters", () => conv({ filters: NaN }), "Expected filters of c to be of type number but found NaN"],
  ["a kernel of zero", () => conv({ kernelSize: 0 }), "Expected kernelSize of c to be greater than 0 but found 0"],
  [
    "a kernel of zero on one axis",
    () => conv({ kernelSize: [3, 0] }),
    "Expected kernelSize[1] of c to be greater than 0 but found 0",
  ],
  [
    "a kernel of one axis",
    () => conv({ kernelSize: [3] as unknown as [number, number] }),
    "Expected kernelSize of c to have at least 2 entries but found [3]",
  ],
  [
    "a kernel of three axes",
    () => conv({ kernelSize: [3, 3, 3] as unknown as [number, number] }),
    "Expected kernelSize of c to have at most 2 entries but found [3, 3, 3]",
  ],
  [
    "no kernel",
    () => new Conv2d({ filters: 4 } as Conv2dConfig),
    "Expected kernelSize of Conv2d to be of type number but found undefined",
    TypeError,
  ],
  ["a stride of zero", () => conv({ stride: 0 }), "Expected stride of c to be greater than 0 but found 0"],
  ["half a stride", () => conv({ stride: [1, 0.5] }), "Expected stride[1] of c to be of type int but found 0.5"],
  ["half a stride for both axes", () => conv({ stride: 0.5 }), "Expected stride of c to be of type int but found 0.5"],
  ["negative padding", () => conv({ padding: -1 }), "Expected padding of c to be at least 0 but found -1"],
  ["a dilation of zero", () => conv({ dilation: 0 }), "Expected dilation of c to be greater than 0 but found 0"],
  ["no groups", () => conv({ groups: 0 }), "Expected groups of c to be greater than 0 but found 0"],
  [
    "a bias that is no boolean",
    () => conv({ bias: "no" as unknown as boolean }),
    'Expected bias of c to be of type boolean but found "no"',
    TypeError,
  ],
  [
    "a stride beside a dilation, which tfjs does not know",
    () => conv({ stride: 2, dilation: [1, 2] }),
    "Expected stride or dilation of c to be 1 but found [2, 2] and [1, 2]",
  ],
  [
    "groups that do not divide the input's channels",
    () => conv({ groups: 3, filters: 6 }).weightSpecs(shape),
    "Expected groups of c to divide 4 input channels and 6 filters but found 3",
  ],
  [
    "groups that do not divide the filters, behind a layer that holds weights already",
    () => buildModel(sequential(nn.conv2d(4, 1), nn.conv2d(6, 3, { groups: 4 })), { inputShape: [5, 5, 4] }),
    "Expected groups of 1 to divide 4 input channels and 6 filters but found 4",
  ],
  [
    "features in place of an image",
    () => conv().computeOutputShape([null, 5]),
    "Expected the input of c to have shape [batch, height, width, channels] but found [null, 5]",
  ],
  [
    "an image of unknown size",
    () => conv().computeOutputShape([null, null, 5, 1]),
    "Expected the input of c to have shape [batch, height, width, channels] but found [null, null, 5, 1]",
  ],
  [
    "two inputs",
    () => conv().computeOutputShape([shape, shape]),
    "Expected inputShape to be one shape but found 2",
  ],
  [
    "an input that is too small",
    () => conv({ dilation: 2, padding: 1 }).computeOutputShape([null, 5, 2, 1]),
    "Expected the input of c to be at least 3 wide but found 2",
  ],
]);
