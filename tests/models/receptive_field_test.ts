import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { useBackend } from "../../backends/select.ts";
import { type Block, sequential } from "../../models/block.ts";
import { buildModel } from "../../models/build.ts";
import { catalog, type ModelName } from "../../models/catalog.ts";
import { describe } from "../../models/describe.ts";
import { inception } from "../../models/inception.ts";
import {
  adaptiveAvgPool2d,
  add,
  avgPool2d,
  concat,
  conv2d,
  flatten,
  linear,
  maxPool2d,
  relu,
} from "../../models/nn.ts";
import { receptiveField } from "../../models/receptive_field.ts";
import { VGG_BLOCKS, vggBlock } from "../../models/vgg.ts";

const inputShape = [224, 224, 3];

Deno.test("VGG-16 sees 196 pixels in conv5_3 and 212 in pool5, at a stride of 16 and 32", () => {
  const stages = VGG_BLOCKS[16].map(([convolutions, channels]) => vggBlock(convolutions, channels));
  const conv5 = Array.from({ length: 3 }, () => conv2d(512, 3, { padding: 1 }));
  assertEquals(receptiveField(sequential(...stages.slice(0, 4), ...conv5), { inputShape }), {
    size: [196, 196],
    stride: [16, 16],
    start: [-90, -90],
  });
  assertEquals(receptiveField(sequential(...stages), { inputShape }), {
    size: [212, 212],
    stride: [32, 32],
    start: [-90, -90],
  });
});

// Behind the global average of a 7×7 map at stride 32, which adds 6 · 32 to what Araujo et al. 2019 list for the map.
const KNOWN: [ModelName, number][] = [
  // As in the paper: the stride is on the first 1×1.
  ["timm/legacy_seresnet50", 483],
  ["timm/legacy_seresnet101", 1027],
  ["timm/legacy_seresnet152", 1507],
  // On the 3×3: of three windows, the step from one map to the next comes one window later.
  ["torchvision/resnet50", 483 - 8 - 16 - 32],
  ["torchvision/densenet121", 11 + 6 * 8 + 4 + 12 * 16 + 8 + 24 * 32 + 16 + 16 * 64],
];
for (const [name, size] of KNOWN) {
  Deno.test(`a unit of ${name}'s last map sees ${size} pixels`, () => {
    const { inputShape, block } = catalog[name];
    const field = receptiveField(block({ classes: 10 }), { inputShape });
    assertEquals(field.size.map((pixels) => pixels - 6 * 32), [size, size]);
  });
}

Deno.test("every network of the catalog sees the whole of its image", () => {
  for (const [name, { inputShape, block }] of Object.entries(catalog)) {
    const { size, start } = receptiveField(block({ classes: 10 }), { inputShape });
    for (const axis of [0, 1] as const) {
      // All but what strides leave over at the far end: fewer pixels than one step of the last map.
      const isWhole = start[axis] <= 0 && start[axis] + size[axis] > inputShape[axis] - 32;
      assertEquals(isWhole, true, `${name} sees ${size} from ${start} on`);
    }
  }
});

Deno.test("a window that is not square gives a field that is not square", () => {
  const block = sequential(
    conv2d(1, [1, 5], { stride: [1, 2], padding: [0, 2] }),
    maxPool2d([3, 1], { stride: [2, 1], padding: [1, 0] }),
    conv2d(1, [2, 2], { dilation: [3, 1] }),
  );
  assertEquals(receptiveField(block, { inputShape: [40, 40, 1] }), { size: [9, 7], stride: [2, 2], start: [-1, -2] });
});

Deno.test("linear layers and adaptive pools see the map as a whole, or their share of it", () => {
  const field = (block: Block) => receptiveField(block, { inputShape: [12, 10, 1] });
  assertEquals(field(sequential(flatten(), linear(3))).size, [12, 10]);
  assertEquals(field(adaptiveAvgPool2d(1)), { size: [12, 10], stride: [12, 10], start: [0, 0] });
  assertEquals(field(adaptiveAvgPool2d([5, 4])), { size: [4, 3], stride: [2.4, 2.5], start: [0, 0] });
});

Deno.test("receptiveField() refuses what a network refuses", () => {
  assertThrows(() => receptiveField(conv2d(1, 5), { inputShape: [4, 4, 1] }), RangeError, "at least 5");
});

const branches = (first: Block, second: Block, merge: typeof add): Block => (x, path) =>
  merge(`${path}.merge`, first(x, `${path}.first`), second(x, `${path}.second`));

const window = fc.record({ kernel: fc.integer({ min: 1, max: 3 }), stride: fc.integer({ min: 1, max: 2 }) });
const blocks: fc.Arbitrary<Block> = fc.oneof(
  window.map(({ kernel, stride }) => conv2d(2, kernel, { stride, padding: kernel >> 1 })),
  fc.integer({ min: 1, max: 3 }).map((dilation) => conv2d(2, 3, { dilation })),
  window.map(({ kernel, stride }) => maxPool2d(kernel, { stride, padding: kernel >> 1 })),
  window.map(({ kernel, stride }) => avgPool2d(kernel, { stride })),
  fc.constant(relu()),
  fc.constant(inception(1, [1, 1], [1, 1], 1)),
  window.map(({ stride }) =>
    branches(conv2d(2, 3, { stride, padding: 1 }), conv2d(2, 1, { stride }), stride === 1 ? add : concat)
  ),
);

/** The first and last pixel along `axis`, through the middle, that change the unit in the middle of the output. */
async function seen(block: Block, size: number, axis: 0 | 1): Promise<{ unit: number; first: number; last: number }> {
  const model = buildModel(block, { inputShape: [size, size, 1] });
  // Nothing but sums of what is not negative: whatever a unit sees of an impulse arrives.
  for (const weight of model.weights) {
    const shape = weight.shape as number[];
    const values = shape.length > 1 ? tf.ones(shape) : tf.zeros(shape);
    weight.write(values);
    values.dispose();
  }
  const impulses = tf.tidy(() => {
    // Image i is bright in row (or column) i: a line that every field of the other axis crosses.
    const lines = tf.reshape(tf.eye(size), axis === 0 ? [size, size, 1, 1] : [size, 1, size, 1]);
    return tf.tile(lines, axis === 0 ? [1, 1, size, 1] : [1, size, 1, 1]);
  });
  const output = tf.tidy(() => tf.sum(model.predict(impulses) as tf.Tensor, [axis === 0 ? 2 : 1, 3]) as tf.Tensor2D);
  const values = await output.array();
  const unit = Math.floor((output.shape[1] ?? 0) / 2);
  const changed = values.map((row) => (row[unit] ?? 0) > 0);
  tf.dispose([impulses, output]);
  model.dispose();
  return { unit, first: changed.indexOf(true), last: changed.lastIndexOf(true) };
}

Deno.test("a field's ends are the first and last pixel that change a unit of the built network", async () => {
  await useBackend("cpu");
  const size = 45;
  const before = tf.memory().numTensors;
  await fc.assert(
    fc.asyncProperty(
      fc.array(blocks, { minLength: 1, maxLength: 4 }),
      fc.constantFrom(0 as const, 1 as const),
      async (parts, axis) => {
        const block = sequential(...parts);
        const field = receptiveField(block, { inputShape: [size, size, 1] });
        const [, ...sides] = describe(block, { inputShape: [size, size, 1] }).outputShape as number[];
        const unit = Math.floor((sides[axis] ?? 0) / 2);
        const first = field.start[axis] + unit * field.stride[axis];
        const last = first + field.size[axis] - 1;
        fc.pre(first >= 0 && last < size);
        assertEquals(await seen(block, size, axis), { unit, first, last });
      },
    ),
    { numRuns: 40 },
  );
  assertEquals(tf.memory().numTensors, before);
});
