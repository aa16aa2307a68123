/**
 * The documented behaviour of `@std/assert`, as far as this project uses it. Runs on
 * the real package where JSR is reachable, on the stand-in where it is not. The
 * outcomes are node's, so that no assertion judges itself.
 */
import * as std from "@std/assert";
import { deepStrictEqual, doesNotThrow, match, ok, rejects, strictEqual, throws } from "node:assert/strict";

function holds(fn: () => void): void {
  doesNotThrow(fn);
}

function fails(fn: () => void, message: RegExp = /./): void {
  throws(fn, (error: unknown) => error instanceof std.AssertionError && message.test(error.message));
}

Deno.test("assert() and fail() carry their message", () => {
  holds(() => std.assert("x"));
  fails(() => std.assert(0, "no"), /^no$/);
  fails(() => std.fail("no"), /^Failed assertion: no$/);
});

Deno.test("assertEquals() compares deeply", () => {
  holds(() => std.assertEquals({ a: [1, { b: Float32Array.of(1, NaN) }] }, { a: [1, { b: Float32Array.of(1, NaN) }] }));
  holds(() => std.assertEquals(new Map([["a", new Set([1])]]), new Map([["a", new Set([1])]])));
  fails(() => std.assertEquals([1, 2], [1, 3]), /^Values are not equal\./);
  fails(() => std.assertEquals([1], [2], "of lists"), /^Values are not equal: of lists/);
  fails(() => std.assertEquals<unknown>(1, "1"));
  fails(() => std.assertEquals<unknown>([1], { 0: 1, length: 1 }));
  fails(() => std.assertEquals<unknown>(Float32Array.of(1), Float64Array.of(1)));
  fails(() => std.assertEquals<unknown>(Float32Array.of(1), Float32Array.of(1, 2)));
  fails(() => std.assertEquals<unknown>({ a: undefined }, {}));
  fails(() => std.assertEquals<unknown>(new Map([["a", 1]]), new Map([["a", 2]])));
});

Deno.test("assertEquals() takes -0 for 0 and a null prototype for Object's", () => {
  holds(() => std.assertEquals(-0, 0));
  holds(() => std.assertEquals({ a: [-0] }, { a: [0] }));
  holds(() => std.assertEquals(Float32Array.of(-0, 1), Float32Array.of(0, 1)));
  holds(() => std.assertEquals(new Map([["a", [-0]]]), new Map([["a", [0]]])));
  holds(() => std.assertEquals(Object.assign(Object.create(null), { a: 1 }), { a: 1 }));
  fails(() => std.assertEquals([-0, 1], [0, 2]));
});

Deno.test("assertEquals() ends on objects that hold themselves", () => {
  const loop = (zero: number) => {
    const object: Record<string, unknown> = { zero };
    object.self = object;
    return object;
  };
  holds(() => std.assertEquals(loop(0), loop(-0)));
});

Deno.test("assertNotEquals() is the opposite of assertEquals()", () => {
  holds(() => std.assertNotEquals([1], [2]));
  fails(() => std.assertNotEquals([0], [-0]), /not to be/);
});

Deno.test("assertStrictEquals() tells -0 from 0 and copies from the thing itself", () => {
  const list = [1];
  holds(() => std.assertStrictEquals(list, list));
  holds(() => std.assertStrictEquals(NaN, NaN));
  fails(() => std.assertStrictEquals(-0, 0));
  fails(() => std.assertStrictEquals(list, [1]));
});

Deno.test("assertAlmostEquals() allows 1e-7 of the expected value unless told otherwise", () => {
  holds(() => std.assertAlmostEquals(1e6 + 0.09, 1e6));
  fails(() => std.assertAlmostEquals(1e6 + 0.11, 1e6));
  holds(() => std.assertAlmostEquals(0.01, 0.02, 0.1));
  fails(() => std.assertAlmostEquals(0, 1e-9));
  fails(() => std.assertAlmostEquals(NaN, 1, 10));
  holds(() => std.assertAlmostEquals(NaN, NaN));
  holds(() => std.assertAlmostEquals(Infinity, Infinity));
  fails(() => std.assertAlmostEquals(1, 2, 0.5, "loss"), /: loss$/);
});

Deno.test("assertThrows() gives the error and checks its class and message", () => {
  const error = new RangeError("Expected a to be 1");
  const fn = () => {
    throw error;
  };
  strictEqual(std.assertThrows(fn), error);
  strictEqual(std.assertThrows(fn, RangeError, "to be 1"), error);
  holds(() => std.assertThrows(fn, Error));
  fails(() => std.assertThrows(fn, TypeError), /TypeError/);
  fails(() => std.assertThrows(fn, RangeError, "to be 2"), /to be 2/);
  fails(() => std.assertThrows(() => 1, "why"), /^Expected function to throw: why$/);
  fails(() =>
    std.assertThrows(() => {
      throw "text";
    }, Error)
  );
});

Deno.test("assertRejects() gives the error, and wants a promise", async () => {
  const error = new TypeError("Expected x");
  strictEqual(await std.assertRejects(() => Promise.reject(error)), error);
  strictEqual(await std.assertRejects(() => Promise.reject(error), TypeError, "Expected"), error);
  await rejects(std.assertRejects(() => Promise.reject(error), RangeError), std.AssertionError);
  await rejects(std.assertRejects(() => Promise.resolve(1)), /^AssertionError: Expected function to reject\.$/);
  await rejects(
    std.assertRejects(() => {
      throw error;
    }, TypeError),
    /Function throws when expected to reject/,
  );
});

Deno.test("assertMatch(), assertStringIncludes() and assertArrayIncludes() look inside", () => {
  holds(() => std.assertMatch("conv1", /\d$/));
  fails(() => std.assertMatch("conv", /\d$/), /to match/);
  holds(() => std.assertStringIncludes("abc", "b"));
  fails(() => std.assertStringIncludes("abc", "d"), /to contain/);
  holds(() => std.assertArrayIncludes([{ a: 1 }, { a: 2 }], [{ a: 2 }]));
  fails(() => std.assertArrayIncludes([1, 2], [2, 3]), /to include/);
});

Deno.test("assertInstanceOf() and assertExists() narrow the type", () => {
  const value: unknown = new Map([["a", 1]]);
  std.assertInstanceOf(value, Map);
  strictEqual(value.size, 1);
  fails(() => std.assertInstanceOf([], Map), /"Map"/);
  const found: number | undefined = [1].find((x) => x === 1);
  std.assertExists(found);
  strictEqual(found.toFixed(), "1");
  holds(() => std.assertExists(0));
  fails(() => std.assertExists(null));
  fails(() => std.assertExists(undefined));
});

Deno.test("assertGreater() and its kind compare, and NaN is none of them", () => {
  holds(() => std.assertGreater(2, 1));
  fails(() => std.assertGreater(1, 1), /^Expect 1 > 1$/);
  holds(() => std.assertGreaterOrEqual(1, 1));
  fails(() => std.assertGreaterOrEqual(0, 1));
  holds(() => std.assertLess(1, 2));
  fails(() => std.assertLess(1, 1), /^Expect 1 < 1$/);
  holds(() => std.assertLessOrEqual(1, 1));
  fails(() => std.assertLessOrEqual(NaN, 1));
  fails(() => std.assertLess(2, 1, "slower"), /^slower$/);
});

Deno.test("AssertionError is an Error that says what it is", () => {
  const error = new std.AssertionError("x");
  ok(error instanceof Error);
  deepStrictEqual([error.name, error.message], ["AssertionError", "x"]);
  match(String(error), /^AssertionError: x$/);
});
