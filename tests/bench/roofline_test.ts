import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { Report, Result } from "../../bench/report/schema.ts";
import { roofline } from "../../bench/roofline.ts";

/** 40 operations and 4·(2·1 + 3) = 20 bytes a step; thrice in training. */
const result: Result = {
  name: "a forward",
  model: "a",
  mode: "forward",
  backend: "wasm",
  precision: "float32",
  batch: 1,
  samplesMs: [1000],
  process: [0],
  median: 1000,
  confidenceInterval: null,
  imagesPerSecond: 1,
  firstStepMs: null,
  peakMemory: null,
  params: 3,
  macs: 20,
  activations: 1,
  utilisation: null,
};

const report = (limit: Report["limit"], ...results: Result[]) => ({ limit, results }) as unknown as Report;

Deno.test("a result lies at its operations a byte, at what it reached, beneath what bounds it", () => {
  const picture = roofline(report({ convolution: 100, matmul: 50, copy: 200 }, result));
  assert(picture);
  assertEquals([picture.compute, picture.bandwidth, picture.ridge], [100, 200, 0.5]);
  assertEquals(picture.points, [{
    name: "a forward",
    model: "a",
    mode: "forward",
    intensity: 2,
    flops: 40,
    roof: 100,
    share: 0.4,
    bound: "compute",
  }]);
});

Deno.test("left of the ridge the roof is the bandwidth", () => {
  const [point] = roofline(report({ convolution: 1000, matmul: 50, copy: 200 }, result))?.points ?? [];
  assertEquals([point?.roof, point?.bound], [400, "bandwidth"]);
});

Deno.test("training has the intensity of the forward pass, and thrice its operations", () => {
  const train: Result = { ...result, mode: "train" };
  const [point] = roofline(report({ convolution: 100, matmul: 50, copy: 200 }, train))?.points ?? [];
  assertAlmostEquals(point?.intensity ?? NaN, 2);
  assertEquals(point?.flops, 120);
});

Deno.test("what was reached is the samples' median, not what the file says beside them", () => {
  const picture = roofline(report({ convolution: 100, matmul: 50, copy: 200 }, {
    ...result,
    samplesMs: [500, 2000, 4000],
    median: 1,
  }));
  assertEquals(picture?.points[0]?.flops, 20);
});

Deno.test("without limit or counts there is no roof, or no point", () => {
  assertEquals(roofline(report(undefined, result)), undefined);
  assertEquals(roofline(report({ convolution: null, matmul: 5, copy: null }, result)), undefined);
  assertEquals(roofline(report({ convolution: 1, matmul: 1, copy: 1 }, { ...result, macs: null }))?.points, []);
  assertEquals(roofline(report({ convolution: 1, matmul: 1, copy: 1 }, { ...result, macs: 0 }))?.points, []);
});
