import { assert, assertEquals } from "@std/assert";
import type * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { addN } from "../../../backends/webgpu/add_n.ts";

Deno.test("a sum of many tensors binds no more buffers than a shader takes, and frees what lies between", () => {
  const limits = fc.record({ count: fc.integer({ min: 1, max: 70 }), limit: fc.integer({ min: 3, max: 16 }) });
  fc.assert(fc.property(limits, ({ count, limit }) => {
    // A tensor is its value here; its data are itself.
    const tensor = (value: number) => ({ dataId: { value }, shape: [], dtype: "float32" }) as tf.TensorInfo;
    const value = ({ dataId }: tf.TensorInfo) => (dataId as { value: number }).value;
    const inputs = Array.from({ length: count }, (_, i) => tensor(2 ** (i % 50)));
    const made = new Set<object>();
    const backend = {
      device: { limits: { maxStorageBuffersPerShaderStage: limit } },
      disposeData: (dataId: object) => assert(made.delete(dataId), "freed once, and no input"),
    };
    const sum = addN({ inputs, backend }, (some) => {
      assert(some.length < limit);
      const result = tensor(some.reduce((total, each) => total + value(each), 0));
      made.add(result.dataId);
      return result;
    });
    assertEquals(value(sum), inputs.reduce((total, each) => total + value(each), 0));
    assertEquals([...made], [sum.dataId]);
  }));
});
