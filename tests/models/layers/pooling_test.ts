import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { AvgPool2d, type AvgPool2dConfig } from "../../../models/layers/avg_pool2d.ts";
import { MaxPool2d } from "../../../models/layers/max_pool2d.ts";
import type { PoolingConfig } from "../../../models/layers/pooling.ts";
import { testLikeTorch, testOnBackends, testRefusals } from "./support.ts";

testLikeTorch("MaxPool2d", "maxPool2d");
testLikeTorch("AvgPool2d", "avgPool2d");

const max = (config: Partial<PoolingConfig> = {}) => new MaxPool2d({ name: "p", kernelSize: 3, ...config });
const avg = (config: Partial<AvgPool2dConfig> = {}) => new AvgPool2d({ name: "p", kernelSize: 3, ...config });

Deno.test("MaxPool2d and AvgPool2d have PyTorch's defaults: the stride is the window", () => {
  const defaults = { kernelSize: [3, 2], stride: [3, 2], padding: [0, 0], ceilMode: false };
  assertEquals(max({ kernelSize: [3, 2] }).options, { ...defaults } as unknown as MaxPool2d["options"]);
  assertEquals(
    avg({ kernelSize: [3, 2] }).options,
    { ...defaults, countIncludePad: true } as unknown as AvgPool2d["options"],
  );
});

Deno.test("MaxPool2d and AvgPool2d hold no weights and count no multiply-accumulates", () => {
  for (const layer of [max(), avg()]) {
    assertEquals(layer.weightSpecs([null, 9, 9, 2]), []);
    assertEquals(layer.macs([null, 9, 9, 2]), 0);
  }
  assertEquals([max().typeName(), avg().typeName()], ["MaxPool2d", "AvgPool2d"]);
});

Deno.test("MaxPool2d and AvgPool2d compute output shapes as PyTorch does", () => {
  const cases: [Partial<PoolingConfig>, [number, number], [number, number]][] = [
    [{}, [9, 11], [3, 3]],
    [{ stride: 2 }, [54, 54], [26, 26]],
    [{ stride: 2, padding: 1 }, [112, 111], [56, 56]],
    [{ stride: 2, ceilMode: true }, [112, 111], [56, 55]],
    // The last window would start in the padding behind the image: PyTorch drops it.
    [{ kernelSize: 2, padding: 1, ceilMode: true }, [5, 4], [3, 3]],
    [{ stride: 2, ceilMode: true }, [2, 3], [1, 1]],
    [{ kernelSize: [1, 4], stride: [2, 1] }, [5, 4], [3, 1]],
  ];
  for (const [config, [height, width], expected] of cases) {
    for (const layer of [max(config), avg(config)]) {
      assertEquals(layer.computeOutputShape([null, height, width, 5]), [null, ...expected, 5]);
    }
  }
});

testOnBackends("MaxPool2d never lets padding win over negative values", () => {
  const x = tf.fill([1, 2, 3, 1], -5) as tf.Tensor4D;
  const y = tf.tidy(() => max({ stride: 2, padding: 1, ceilMode: true }).call(x));
  assertEquals([...y.dataSync()], [-5, -5, -5, -5]);
  tf.dispose([x, y]);
});

testOnBackends("MaxPool2d gives the gradient to the first of equal values, as PyTorch does", () => {
  const x = tf.ones([1, 2, 2, 1]);
  const dx = tf.grad((x) => max({ kernelSize: 2 }).call(x))(x);
  assertEquals([...dx.dataSync()], [1, 0, 0, 0]);
  tf.dispose([x, dx]);
});

testRefusals("MaxPool2d", [
  ["a kernel of zero", () => max({ kernelSize: 0 }), "Expected kernelSize of p to be greater than 0 but found 0"],
  ["half a kernel", () => max({ kernelSize: 1.5 }), "Expected kernelSize of p to be of type int but found 1.5"],
  ["a negative stride", () => max({ stride: [1, -1] }), "Expected stride[1] of p to be greater than 0 but found -1"],
  ["half a stride", () => max({ stride: 0.5 }), "Expected stride of p to be of type int but found 0.5"],
  [
    "padding over half of the window",
    () => max({ padding: 2 }),
    "Expected padding of p to be at most half of kernelSize 3 but found 2",
  ],
  [
    "padding over half of the window on one axis",
    () => max({ kernelSize: [3, 2], padding: [1, 2] }),
    "Expected padding of p to be at most half of kernelSize 2 but found 2",
  ],
  [
    "features in place of an image",
    () => max().computeOutputShape([null, 5]),
    "Expected the input of p to have shape [batch, height, width, channels] but found [null, 5]",
  ],
  [
    "an input that is too small",
    () => max().computeOutputShape([null, 5, 2, 1]),
    "Expected the input of p to be at least 3 wide but found 2",
  ],
  [
    "an input that is too small for a partial window",
    () => max({ stride: 2, ceilMode: true }).computeOutputShape([null, 1, 5, 1]),
    "Expected the input of p to be at least 2 wide but found 1",
  ],
]);

testRefusals("AvgPool2d", [
  ["negative padding", () => avg({ padding: -1 }), "Expected padding of p to be at least 0 but found -1"],
  [
    "padding over half of the window",
    () => avg({ kernelSize: 2, padding: 2 }),
    "Expected padding of p to be at most half of kernelSize 2 but found 2",
  ],
  [
    "a ceilMode that is no boolean",
    () => avg({ ceilMode: "yes" as unknown as boolean }),
    'Expected ceilMode of p to be of type boolean but found "yes"',
    TypeError,
  ],
  [
    "a countIncludePad that is no boolean",
    () => avg({ countIncludePad: null as unknown as boolean }),
    "Expected countIncludePad of p to be of type boolean but found null",
    TypeError,
  ],
  [
    "an input of three axes",
    () => avg().computeOutputShape([null, 5, 5]),
    "Expected the input of p to have shape [batch, height, width, channels] but found [null, 5, 5]",
  ],
  [
    "an input that is too small",
    () => avg({ kernelSize: 5, padding: 1 }).computeOutputShape([null, 2, 5, 1]),
    "Expected the input of p to be at least 3 wide but found 2",
  ],
]);
