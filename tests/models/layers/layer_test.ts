import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { Shape } from "@tensorflow/tfjs-layers";
import { useBackend } from "../../../backends/select.ts";
import { named, sequential } from "../../../models/block.ts";
import { buildModel, type BuildOptions } from "../../../models/build.ts";
import { AdaptiveAvgPool2d } from "../../../models/layers/adaptive_avg_pool2d.ts";
import { AvgPool2d } from "../../../models/layers/avg_pool2d.ts";
import { BatchNorm } from "../../../models/layers/batch_norm.ts";
import { Conv2d } from "../../../models/layers/conv2d.ts";
import { Dropout } from "../../../models/layers/dropout.ts";
import { Linear } from "../../../models/layers/linear.ts";
import { LocalResponseNorm } from "../../../models/layers/local_response_norm.ts";
import { MaxPool2d } from "../../../models/layers/max_pool2d.ts";
import { DeclaredLayer, imageSize, onlyShape, onlyTensor, tensorsOf } from "../../../models/layers/layer.ts";
import { outputSize, pair, positivePair } from "../../../models/layers/options.ts";
import * as nn from "../../../models/nn.ts";
import { type StateDict, stateDict } from "../../../models/state_dict.ts";
import { BACKENDS, testOnBackends } from "./support.ts";

const net = sequential(nn.conv2d(8, 3), nn.relu(), nn.flatten(), named({ head: nn.linear(16) }));

async function weightsOf(options: Partial<BuildOptions> = {}): Promise<StateDict> {
  const model = buildModel(net, { inputShape: [6, 6, 4], ...options });
  const dict = await stateDict(model);
  model.dispose();
  return dict;
}

testOnBackends("a model's weights are a function of its seed, and differ from weight to weight", async () => {
  const first = await weightsOf({ seed: 1 });
  assertEquals(await weightsOf({ seed: 1 }), first);
  const second = await weightsOf({ seed: 2 });
  for (const key of Object.keys(first)) assertNotEquals(second[key]?.data, first[key]?.data);
  assertNotEquals(first["0.bias"]?.data.slice(0, 4), first["3.head.bias"]?.data.slice(0, 4));
});

Deno.test("a model starts with the same weights on every backend", async () => {
  const dicts: StateDict[] = [];
  for (const backend of BACKENDS) {
    await useBackend(backend);
    dicts.push(await weightsOf({ seed: 3 }));
  }
  assertEquals(dicts[1], dicts[0]);
});

testOnBackends("weights start uniform in PyTorch's bounds, or in Glorot's", async () => {
  const [fanIn, fanOut] = [3 * 3 * 4, 3 * 3 * 8];
  const bounds = { torchDefault: 1 / Math.sqrt(fanIn), xavierUniform: Math.sqrt(6 / (fanIn + fanOut)) };
  for (const initializer of ["torchDefault", "xavierUniform"] as const) {
    const dict = await weightsOf({ initializer });
    const [weight, bias] = [dict["0.weight"]?.data ?? [], dict["0.bias"]?.data ?? []];
    const largest = Math.max(...weight.map(Math.abs));
    // 288 uniform values: the largest is within 5 % of the bound but for one seed in two million.
    assertEquals(largest <= bounds[initializer] && largest > 0.95 * bounds[initializer], true);
    assertEquals(bias.every((value) => Math.abs(value) <= bounds.torchDefault), true);
  }
});

testOnBackends(
  "kaimingNormal draws convolutions with variance 2 / fanOut, symmetric, and leaves linear layers alone",
  async () => {
    const model = buildModel(sequential(nn.conv2d(64, 3), nn.flatten(), nn.linear(4)), {
      inputShape: [3, 3, 32],
      initializer: "kaimingNormal",
    });
    const dict = await stateDict(model);
    model.dispose();
    const values = [...dict["0.weight"]?.data ?? []];
    const [count, deviation] = [values.length, Math.sqrt(2 / (3 * 3 * 64))];
    const moment = (k: number) => values.reduce((sum, value) => sum + (value / deviation) ** k, 0) / count;
    // Four standard errors of each moment of a normal distribution.
    assertEquals(Math.abs(moment(1)) < 4 / Math.sqrt(count), true);
    assertEquals(Math.abs(moment(2) - 1) < 4 * Math.sqrt(2 / count), true);
    assertEquals(Math.abs(moment(4) - 3) < 4 * Math.sqrt(96 / count), true);
    assertEquals(dict["2.weight"]?.data.every((value) => Math.abs(value) <= 1 / 8), true);
  },
);

Deno.test("a layer that lacks a weight says so", () => {
  class Lacking extends DeclaredLayer {
    static readonly className = "ConvbenchLacking";
    override typeName(): string {
      return "Lacking";
    }
    override computeOutputShape(inputShape: Shape | Shape[]): Shape {
      return onlyShape(inputShape);
    }
    override call(): tf.Tensor {
      return this.read("weight");
    }
  }
  const layer = new Lacking({ name: "l" });
  assertThrows(() => layer.call(), RangeError, "Expected l to hold a weight called weight");
});

Deno.test("tensorsOf(), onlyTensor() and onlyShape() take what tfjs hands over", async () => {
  await useBackend("cpu");
  const [a, b] = [tf.scalar(1), tf.scalar(2)];
  assertEquals(tensorsOf(a), [a]);
  assertEquals(tensorsOf([a, b]), [a, b]);
  assertEquals(onlyTensor([a]) === a && onlyTensor(b) === b, true);
  assertThrows(() => onlyTensor([]), RangeError, "Expected inputs to be one tensor but found 0");
  assertThrows(() => onlyTensor([a, b]), RangeError, "Expected inputs to be one tensor but found 2");
  assertEquals(onlyShape([null, 3]), [null, 3]);
  assertEquals(onlyShape([[null, 3]]), [null, 3]);
  tf.dispose([a, b]);
});

Deno.test("imageSize() is height, width and channels of an NHWC shape", () => {
  assertEquals(imageSize([null, 5, 4, 3], "x"), [5, 4, 3]);
  for (const shape of [[null, 5, 4], [null, 5, 4, 3, 2], [null, 5, 4, null], []]) {
    assertThrows(() => imageSize(shape, "x"), RangeError, "Expected the input of x to have shape");
  }
});

Deno.test("pairs are one number for both axes, or one each", () => {
  assertEquals(pair.parse(0), [0, 0]);
  assertEquals(positivePair.parse([3, 2]), [3, 2]);
  for (const wrong of [-1, 0.5, NaN, Infinity, "1", null, [1], [1, 1, 1], [1, -1]]) {
    assertEquals(pair.safeParse(wrong).success, false);
  }
  assertEquals(positivePair.safeParse(0).success, false);
});

Deno.test("outputSize() counts the windows that fit, one by one", () => {
  for (let size = 1; size <= 9; size++) {
    for (const kernelSize of [1, 2, 3]) {
      for (const stride of [1, 2, 3]) {
        for (const padding of [0, 1]) {
          for (const dilation of [1, 2]) {
            const extent = (kernelSize - 1) * dilation + 1;
            let expected = 0;
            for (let start = -padding; start + extent <= size + padding; start += stride) expected++;
            const found = () => outputSize(size, { kernelSize, stride, padding, dilation }, "x");
            if (expected > 0) assertEquals(found(), expected);
            else assertThrows(found, RangeError, `to be at least ${extent - 2 * padding} wide but found ${size}`);
          }
        }
      }
    }
  }
});

Deno.test("layers refuse options that they do not know, and take those that tfjs saves", () => {
  const make: Record<string, (config: object) => DeclaredLayer> = {
    Conv2d: (config) => new Conv2d({ filters: 1, kernelSize: 1, ...config }),
    Linear: (config) => new Linear({ units: 1, ...config }),
    BatchNorm: (config) => new BatchNorm(config),
    MaxPool2d: (config) => new MaxPool2d({ kernelSize: 2, ...config }),
    AvgPool2d: (config) => new AvgPool2d({ kernelSize: 2, ...config }),
    AdaptiveAvgPool2d: (config) => new AdaptiveAvgPool2d(config),
    Dropout: (config) => new Dropout(config),
    LocalResponseNorm: (config) => new LocalResponseNorm({ size: 3, ...config }),
  };
  for (const [type, layer] of Object.entries(make)) {
    assertThrows(() => layer({ strides: 2 }), TypeError, `Expected options of ${type} to be known but found "strides"`);
    assertEquals(layer({ name: "x", trainable: true, dtype: "float32", batchInputShape: [null, 4] }).name, "x");
  }
});
