import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { requestAdapter } from "../../../backends/webgpu/adapter.ts";
import { deviceTime } from "../../../backends/webgpu/device_time.ts";
import { runEach } from "../../../backends/webgpu/program.ts";
import { checkTensorFits } from "../../../backends/webgpu/webgpu_backend.ts";
import { useBackend } from "../../../backends/select.ts";
import type { Message } from "../../../bench/sampler/messages.ts";
import { runJob } from "../../../bench/sampler/run_job.ts";
import { hasWebGPU, testOnWebGPU } from "./support.ts";

type Backend = Parameters<typeof runEach>[0];

/** The device under the current backend. */
const device = () => (tf.backend() as Backend).device;

Deno.test({
  name: "useBackend() tells of the adapter, and never calls software a GPU",
  ignore: !hasWebGPU,
  async fn() {
    const { name, device, features, passedOver } = await useBackend("webgpu");
    assertEquals(name, "webgpu");
    assertEquals(typeof features.software, "boolean");
    assertEquals(device, features.software ? "cpu" : "gpu");
    assert(Number(features.maxBufferSize) > 0 && Number(features.maxStorageBufferBindingSize) > 0);
    if (features.software) {
      assertStringIncludes(passedOver[0]?.reason ?? "", "is software on the CPU");
      await assertRejects(() => useBackend("webgpu", { device: "gpu" }), Error, "is software on the CPU");
      assert((await useBackend()).name !== "webgpu");
    }
    assertEquals(tf.env().getBool("WEBGPU_CPU_FORWARD"), false);
  },
});

Deno.test("without WebGPU, or an adapter, it says so", async () => {
  await assertRejects(() => requestAdapter({ requestAdapter: () => Promise.resolve(null) }), TypeError, "adapter");
});

testOnWebGPU("a lost device is an error, and later calls work on a new one", async () => {
  const weights = tf.tensor([1, 2, 3]);
  const doubled = tf.mul(weights, 2);
  const pending = doubled.data();
  const before = device();
  before.destroy();
  await assertRejects(() => pending, Error, "Expected the WebGPU device to be there but it was lost (destroyed");
  await useBackend("webgpu");
  assert(device() !== before);
  await assertRejects(() => doubled.data(), Error, "lost");
  assertThrows(() => tf.mul(weights, 3), Error, "its tensors are gone");
  tf.dispose([weights, doubled]);
  const fresh = tf.tensor([1, 2, 3]);
  const tripled = tf.mul(fresh, 3);
  assertEquals([...await tripled.data()], [3, 6, 9]);
  tf.dispose([fresh, tripled]);
});

testOnWebGPU("values that never went to the lost device are used on the new one", async () => {
  const x = tf.tensor([4]);
  device().destroy();
  await device().lost;
  await useBackend("webgpu");
  const y = tf.add(x, 1);
  assertEquals([...await y.data()], [5]);
  tf.dispose([x, y]);
});

testOnWebGPU("a shader that does not compile is an error with its kernel's name, and others go on", async () => {
  const backend = tf.backend() as Backend;
  const run = () =>
    tf.engine().makeTensorFromTensorInfo(
      runEach(backend, { name: "BrokenKernel", outputShape: [3], inputs: {}, value: "return oops;" }),
    );
  const broken = [run(), run()];
  const outcomes = await Promise.allSettled(broken.map((tensor) => tensor.data()));
  for (const outcome of outcomes) {
    assert(outcome.status === "rejected");
    assertStringIncludes(outcome.reason.message, "BrokenKernel");
  }
  tf.dispose(broken);
  const ones = tf.ones([3]);
  const y = tf.add(ones, ones);
  assertEquals([...await y.data()], [2, 2, 2]);
  tf.dispose([ones, y]);
});

Deno.test("a tensor that exceeds a limit is a RangeError with the limit and the shape", () => {
  const limits = { maxStorageBufferBindingSize: 1 << 20, maxBufferSize: 1 << 21 };
  checkTensorFits([512, 512], 1 << 20, limits);
  assertThrows(() => checkTensorFits([1024, 512], 1 << 21, limits), RangeError, "maxStorageBufferBindingSize");
  assertThrows(() => checkTensorFits([1024, 512], 1 << 21, limits), RangeError, "shape [1024, 512]");
  const wide = { ...limits, maxStorageBufferBindingSize: 1 << 30 };
  assertThrows(() => checkTensorFits([1024, 1024], 1 << 22, wide), RangeError, "maxBufferSize");
});

testOnWebGPU("a tensor that the adapter cannot hold is a RangeError, and leaves nothing behind", () => {
  const most = device().limits.maxStorageBufferBindingSize;
  const size = Math.floor(most / 4) + 1;
  const one = tf.scalar(1);
  assertThrows(() => tf.tidy(() => tf.broadcastTo(one, [size])), RangeError, `[${size}]`);
  one.dispose();
});

testOnWebGPU("dataSync() says that reading is asynchronous", () => {
  const y = tf.tidy(() => tf.add(tf.ones([2]), 1));
  assertThrows(() => y.dataSync(), TypeError, "await tensor.data()");
  y.dispose();
});

testOnWebGPU("deviceTime() gives the kernels' milliseconds, and fails without leaving timers behind", async () => {
  const x = tf.ones([64, 64]);
  const { kernelMs, wallMs } = await deviceTime(() => tf.matMul(x, x).dispose());
  assert(kernelMs > 0 && wallMs >= kernelMs, `${kernelMs} of ${wallMs} ms`);
  await assertRejects(
    () =>
      deviceTime(() => {
        throw new RangeError("no");
      }),
    RangeError,
    "no",
  );
  assertEquals((tf.backend() as unknown as { activeTimers?: unknown }).activeTimers ?? undefined, undefined);
  x.dispose();
});

testOnWebGPU("a process of the sampler tells what kernels took, after its samples", async () => {
  const told: Message[] = [];
  const job = { kind: "model", model: "d2l/lenet", mode: "train", batch: 2, samples: 2, backend: "webgpu" } as const;
  const before = tf.memory().numTensors;
  await runJob(job, { tell: (message) => told.push(message), peakMemory: () => 0 });
  const types = told.map(({ type }) => type);
  assertEquals(types.slice(-2), ["device", "end"]);
  const [device] = told.filter((message) => message.type === "device");
  assert((device?.ms ?? 0) > 0, `${device?.ms} ms`);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("deviceTime() needs webgpu", async () => {
  await useBackend("cpu");
  await assertRejects(() => deviceTime(() => {}), TypeError, "found cpu");
});
