import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { DATA_TYPES } from "../../../backends/tensorflow/binding/constants.ts";
import { executeAsync, tensorDevice, TensorFlowError, typeAttribute } from "../../../backends/tensorflow/mod.ts";
import { binding, testOnTensorFlow } from "./support.ts";

const { TF_FLOAT, TF_INT32, TF_INT64, TF_BOOL, TF_UINT8, TF_COMPLEX64, TF_STRING } = DATA_TYPES;
const text = new TextEncoder();

testOnTensorFlow("values of every type come back as they went in", () => {
  const b = binding();
  const cases: [number[], number, Parameters<typeof b.createTensor>[2]][] = [
    [[2, 3], TF_FLOAT, Float32Array.of(0, -0, 1.5, NaN, Infinity, 1e-40)],
    [[], TF_INT32, Int32Array.of(-(2 ** 31))],
    [[3], TF_BOOL, Uint8Array.of(1, 0, 1)],
    [[1, 2], TF_UINT8, Uint8Array.of(0, 255)],
    [[2], TF_COMPLEX64, Float32Array.of(1, 2, 3, 4)],
    [[0, 4], TF_FLOAT, new Float32Array()],
    [[3], TF_STRING, [text.encode(""), text.encode("é"), new Uint8Array(100_000).fill(7)]],
  ];
  for (const [shape, dtype, values] of cases) {
    const id = b.createTensor(shape, dtype, values);
    assertEquals(b.tensorDataSync(id), values);
    b.deleteTensor(id);
  }
  // Int64 goes in as pairs of int32, the low half first, and comes out whole.
  const id = b.createTensor([2], TF_INT64, Int32Array.of(5, 0, -1, -1));
  assertEquals(b.tensorDataSync(id), BigInt64Array.of(5n, -1n));
  b.deleteTensor(id);
});

testOnTensorFlow("any float32 tensor comes back bit by bit, read at once or later", async () => {
  await fc.assert(
    fc.asyncProperty(fc.float32Array({ maxLength: 64 }), async (values) => {
      const x = tf.tensor1d(values);
      const y = tf.tidy(() => tf.reshape(tf.concat([x, x]), [2, -1].map((n, i) => i === 1 ? values.length : n)));
      const expected = new Uint8Array(Float32Array.from([...values, ...values]).buffer);
      for (const found of [y.dataSync(), await y.data()]) {
        assertEquals(new Uint8Array((found as Float32Array).slice().buffer), expected);
      }
      tf.dispose([x, y]);
    }),
    { numRuns: 50 },
  );
});

testOnTensorFlow("values that do not fit their type or shape are refused, and leave nothing behind", () => {
  const b = binding();
  const create = (shape: unknown, dtype: number, values: unknown) => () =>
    b.createTensor(shape as number[], dtype, values as Float32Array);
  assertThrows(create([2], TF_FLOAT, Int32Array.of(1, 2)), TypeError, "Tensor type does not match Int32Array");
  assertThrows(create([2], TF_FLOAT, Float32Array.of(1)), RangeError, "num_elements=2, array_length=1");
  assertThrows(create([2], TF_INT64, Int32Array.of(1, 2)), RangeError, "num_elements=4, array_length=2");
  assertThrows(create([-1], TF_FLOAT, new Float32Array()), TypeError, "Expected shape to be a list of sizes");
  assertThrows(create("2", TF_FLOAT, new Float32Array(2)), TypeError, "Expected shape to be a list of sizes");
  assertThrows(create([2], TF_STRING, [text.encode("a")]), RangeError, "Expected 2 strings for shape [2] but found 1");
  assertThrows(create([1], TF_STRING, ["a"]), TypeError, "expecting Uint8Array but found string");
  assertThrows(create([1], TF_FLOAT, 1), TypeError, "Expected values to be a typed array");
  assertThrows(() => b.tensorDataSync(-5), RangeError, "tensor_id: -5");
  assertThrows(() => b.deleteTensor(-5), RangeError, "tensor_id: -5");
});

testOnTensorFlow("an error of TensorFlow's names the op, the shapes and the reason, and leaves nothing behind", () => {
  const b = binding();
  const [x, y] = [
    b.createTensor([2, 2], TF_FLOAT, new Float32Array(4)),
    b.createTensor([3, 3], TF_FLOAT, new Float32Array(9)),
  ];
  const before = b.getNumOfTensors();
  const error = assertThrows(
    () => b.executeOp("MatMul", [{ name: "T", type: b.TF_ATTR_TYPE, value: TF_FLOAT }], [x, y], 1),
    TensorFlowError,
    "MatMul(FLOAT [2,2], FLOAT [3,3]): Matrix size-incompatible: In[0]: [2,2], In[1]: [3,3]",
  );
  assertEquals(error.code, "INVALID_ARGUMENT");
  assertThrows(() => b.executeOp("NoSuchOp", [], [], 1), TensorFlowError, "NoSuchOp");
  assertThrows(() => b.executeOp("MatMul", [], [x, 999_999], 1), RangeError, "tensor_id: 999999");
  assertThrows(
    () => b.executeOp("Cast", [{ name: "SrcT", type: 77, value: 1 }], [x], 1),
    RangeError,
    "Expected the type of attribute SrcT to be a TF_AttrType but found 77",
  );
  for (
    const [type, value, expected] of [
      [b.TF_ATTR_STRING, 1, "a string"],
      [b.TF_ATTR_INT, NaN, "a finite number"],
      [b.TF_ATTR_INT, [1, "2"], "a list of finite numbers"],
      [b.TF_ATTR_FLOAT, "1", "a number"],
      [b.TF_ATTR_BOOL, 1, "a boolean"],
      [b.TF_ATTR_SHAPE, 4, "a shape"],
    ] as const
  ) {
    assertThrows(
      () => b.executeOp("Cast", [{ name: "a", type, value }], [x], 1),
      TypeError,
      `Expected attribute a to be ${expected}`,
    );
  }
  assertThrows(() => b.executeOp("MatMul", [], [x, y], -1), TypeError, "a number of outputs");
  // The next call is none the worse.
  const [z] = b.executeOp("MatMul", [{ name: "T", type: b.TF_ATTR_TYPE, value: TF_FLOAT }], [x, x], 1);
  assertEquals(z?.shape, [2, 2]);
  assertEquals(b.getNumOfTensors(), before + 1);
  for (const id of [x, y, z?.id ?? -1]) b.deleteTensor(id);
});

testOnTensorFlow("executeAsync() leaves the event loop free, and its inputs may go meanwhile", async () => {
  const size = 2048;
  const x = tf.ones([size, size]);
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  const running = executeAsync("MatMul", [typeAttribute(x)], [x, x], 1);
  x.dispose();
  const [product] = await running;
  clearInterval(timer);
  assert(product !== undefined && ticks > 2, `${ticks} ticks`);
  const corner = tf.slice(product, [size - 1, size - 1], [1, 1]);
  assertEquals([...await corner.data()], [size]);
  tf.dispose([product, corner]);
});

testOnTensorFlow("an error of executeAsync() is that of the op, and leaves nothing behind", async () => {
  const [x, y] = [tf.ones([2, 3]), tf.ones([2, 3])];
  await assertRejects(
    () => executeAsync("MatMul", [typeAttribute(x)], [x, y], 1),
    TensorFlowError,
    "MatMul(FLOAT [2,3], FLOAT [2,3]): ",
  );
  // TensorFlow itself would end the process.
  await assertRejects(
    () => executeAsync("Sum", [], [x, x, y, y], 1),
    RangeError,
    "Expected Sum to get 2 inputs at most but found 4",
  );
  const [joined] = await executeAsync("AddN", [typeAttribute(x), { name: "N", type: 1, value: 3 }], [x, x, y], 1);
  assertEquals(new Set(await joined?.data()), new Set([3]));
  tf.dispose([x, y, joined ?? []]);
});

testOnTensorFlow("many reads and ops at a time each get their own values", async () => {
  const tensors = Array.from({ length: 64 }, (_, i) => tf.fill([257], i));
  const squares = tensors.map((x) => executeAsync("Mul", [typeAttribute(x)], [x, x], 1));
  const values = await Promise.all(tensors.map((x) => x.data()));
  assertEquals(values.map(([first]) => first), Array.from({ length: 64 }, (_, i) => i));
  for (const [i, square] of (await Promise.all(squares)).entries()) {
    const [y] = square;
    assertEquals(new Set(await y?.data()), new Set([i * i]));
    tf.dispose(square);
  }
  tf.dispose(tensors);
});

testOnTensorFlow("a tensor lies where its op ran, and is told so by name", () => {
  const x = tf.ones([2, 2]);
  const outputs = [x, tf.matMul(x, x), tf.cast(x, "int32"), tf.relu(x)];
  for (const y of outputs) assertEquals(tensorDevice(y), "/job:localhost/replica:0/task:0/device:CPU:0");
  tf.dispose(outputs);
});
