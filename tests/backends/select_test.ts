import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { availableBackends, useBackend } from "../../backends/select.ts";
import type { BackendName } from "../../backends/source.ts";
import { hasTensorFlow } from "../backends_under_test.ts";

Deno.test("useBackend() takes the best that runs here, and the named one", async () => {
  const best = await useBackend();
  // No machine of these tests has a GPU: TensorFlow on the CPU where it is installed, else wasm.
  const expected = hasTensorFlow ? "tensorflow" : "wasm";
  assertEquals([best.name, best.device, best.available], [expected, "cpu", true]);
  assertEquals(
    best.passedOver.map(({ name, device }) => `${name} ${device}`),
    hasTensorFlow ? ["tensorflow gpu", "webgpu gpu"] : ["tensorflow gpu", "webgpu gpu", "tensorflow cpu"],
  );
  assertEquals(tf.getBackend(), expected);
  const { name, passedOver } = await useBackend("cpu");
  assertEquals({ name, passedOver }, { name: "cpu", passedOver: [] });
  assertEquals(tf.getBackend(), "cpu");
});

Deno.test("an unknown backend is refused, and the current one stays", async () => {
  await useBackend("cpu");
  await assertRejects(
    () => useBackend("cuda" as BackendName),
    RangeError,
    'Expected backend to be one of tensorflow, webgpu, wasm, cpu but found "cuda"',
  );
  assertEquals(tf.getBackend(), "cpu");
});

Deno.test("a GPU that is not there is an error, never a silent fallback", async () => {
  await useBackend("cpu");
  const error = await assertRejects(() => useBackend(undefined, { device: "gpu" }), Error);
  assertStringIncludes(
    error.message,
    "Expected a backend on the gpu that runs here but found none (tensorflow on the gpu: ",
  );
  assertStringIncludes(
    error.message,
    "tensorflow on the cpu: it computes on the cpu; wasm on the cpu: it computes on the cpu; cpu on the cpu: it computes on the cpu)",
  );
  await assertRejects(() => useBackend("wasm", { device: "gpu" }), Error, "wasm on the cpu: it computes on the cpu");
  assertEquals(tf.getBackend(), "cpu");
});

Deno.test("unknown options are refused", async () => {
  await assertRejects(() => useBackend("cpu", { devise: "gpu" } as object), TypeError, 'found "devise"');
});

Deno.test("availableBackends() tells of all and leaves the current one", async () => {
  await useBackend("cpu");
  const infos = await availableBackends();
  assertEquals(infos.map(({ name, device }) => `${name} ${device}`), [
    "tensorflow gpu",
    "webgpu gpu",
    "tensorflow cpu",
    "wasm cpu",
    "cpu cpu",
    "webgpu cpu",
  ]);
  // The last one needs a software adapter, which a machine of these tests may have.
  assertEquals(infos.slice(0, 5).map(({ available }) => available), [false, false, hasTensorFlow, true, true]);
  assertEquals(infos.slice(3, 5).map(({ version }) => version), ["4.22.0", "4.22.0"]);
  assertEquals(infos.every(({ available, reason }) => available || (reason ?? "").length > 0), true);
  assertEquals(tf.getBackend(), "cpu");
});

Deno.test("a backend that cannot start is passed over with its reason, and refused by name", async () => {
  // A process of its own, in which wasm finds no WebAssembly and TensorFlow no library.
  const select = new URL("../../backends/select.ts", import.meta.url).href;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      `delete globalThis.WebAssembly; console.warn = () => {};
      const { useBackend } = await import(${JSON.stringify(select)});
      const { name, passedOver } = await useBackend();
      const refused = await useBackend("wasm").catch((error) => error.message);
      console.log(JSON.stringify({ name, passedOver, refused }));`,
    ],
    env: { TF_LIB: "/nothing/here" },
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert(text !== "", new TextDecoder().decode(stderr));
  const { name, passedOver, refused } = JSON.parse(text);
  assertEquals(name, "cpu");
  assertEquals(passedOver.map(({ name }: { name: string }) => name), ["tensorflow", "webgpu", "tensorflow", "wasm"]);
  assert(passedOver.every(({ reason }: { reason: string }) => reason.length > 0));
  assert(refused.startsWith("Expected a backend that runs here but found none (wasm on the cpu: "), refused);
});

Deno.test("tensorflow after webgpu is refused where the process would not survive it", async () => {
  // A process of its own, in which WebGPU is asked for first.
  const select = new URL("../../backends/select.ts", import.meta.url).href;
  const { stdout, stderr, code } = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      `const { availableBackends, useBackend } = await import(${JSON.stringify(select)});
      await useBackend("webgpu").catch(() => {});
      const refused = await useBackend("tensorflow").catch((error) => error.message);
      const names = (await availableBackends()).map(({ name }) => name);
      console.log(JSON.stringify({ refused, names }));`,
    ],
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  const { refused, names } = JSON.parse(new TextDecoder().decode(stdout));
  assertEquals(names.length, 6);
  if (Deno.build.os === "linux") assertStringIncludes(refused, "Expected tensorflow to start before webgpu");
});

Deno.test("where there is no WebGPU, it is passed over and refused with that reason", async () => {
  const select = new URL("../../backends/select.ts", import.meta.url).href;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      `Object.defineProperty(navigator, "gpu", { value: undefined });
      const { useBackend } = await import(${JSON.stringify(select)});
      const { passedOver } = await useBackend();
      const refused = await useBackend("webgpu").catch((error) => error.message);
      console.log(JSON.stringify({ reason: passedOver.find(({ name }) => name === "webgpu").reason, refused }));`,
    ],
    env: { TF_LIB: "/nothing/here" },
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert(text !== "", new TextDecoder().decode(stderr));
  const { reason, refused } = JSON.parse(text);
  assertStringIncludes(reason, "Expected navigator.gpu but found none");
  assertStringIncludes(refused, "Expected navigator.gpu but found none");
});
