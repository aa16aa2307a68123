/**
 * A stand-in for `@std/assert` where JSR cannot be reached: the assertions that
 * this project's tests use, with the signatures and the meaning of the real
 * ones, on `node:util`. Never published, never used where JSR answers.
 *
 * @module
 */
import { inspect, isDeepStrictEqual, types } from "node:util";

/** Thrown by a failed assertion. */
export class AssertionError extends Error {
  override name = "AssertionError";
}

// deno-lint-ignore no-explicit-any -- as the real signatures: any constructor will do
type Constructor<T> = abstract new (...args: any[]) => T;

function refuse(message: string, msg: string | undefined): never {
  throw new AssertionError(`${message}${msg ? `: ${msg}` : "."}`);
}

function show(value: unknown): string {
  return inspect(value, { depth: 6, maxArrayLength: 40, sorted: true });
}

/** The real assertions take -0 for 0, and a null prototype for Object's; node's do not. */
function normalized(value: unknown, seen: Map<unknown, unknown> = new Map()): unknown {
  if (value === 0) return 0;
  if (typeof value !== "object" || value === null) return value;
  const known = seen.get(value);
  if (known !== undefined) return known;
  if (types.isFloat32Array(value) || types.isFloat64Array(value)) return value.map((x) => x + 0);
  if (types.isMap(value)) {
    const copy = new Map<unknown, unknown>();
    seen.set(value, copy);
    for (const [key, item] of value) copy.set(normalized(key, seen), normalized(item, seen));
    return copy;
  }
  if (types.isSet(value)) {
    const copy = new Set<unknown>();
    seen.set(value, copy);
    for (const item of value) copy.add(normalized(item, seen));
    return copy;
  }
  const prototype = Object.getPrototypeOf(value);
  const isArray = Array.isArray(value);
  if (!isArray && prototype !== Object.prototype && prototype !== null) return value;
  const copy: object = isArray ? new Array(value.length) : {};
  seen.set(value, copy);
  for (const key of Reflect.ownKeys(value)) {
    if (isArray && key === "length") continue;
    const descriptor = Object.getOwnPropertyDescriptor(value, key);
    Object.defineProperty(copy, key, {
      value: normalized(Reflect.get(value, key), seen),
      enumerable: descriptor?.enumerable ?? true,
    });
  }
  return copy;
}

function equal(actual: unknown, expected: unknown): boolean {
  return isDeepStrictEqual(actual, expected) || isDeepStrictEqual(normalized(actual), normalized(expected));
}

/** Asserts that `expr` is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

/** Asserts that two values are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) return;
  throw new AssertionError(
    `Values are not equal${msg ? `: ${msg}` : "."}\n\n  actual: ${show(actual)}\nexpected: ${show(expected)}`,
  );
}

/** Asserts that two values are not deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) refuse(`Expected actual: ${show(actual)} not to be: ${show(expected)}`, msg);
}

/** Asserts that two values are the same (`Object.is`). */
export function assertStrictEquals<T>(actual: unknown, expected: T, msg?: string): asserts actual is T {
  if (Object.is(actual, expected)) return;
  throw new AssertionError(
    `Values are not strictly equal${msg ? `: ${msg}` : "."}\n\n  actual: ${show(actual)}\nexpected: ${show(expected)}`,
  );
}

/** Asserts that |actual − expected| ≤ tolerance, by default 1e-7 of the expected value. */
export function assertAlmostEquals(actual: number, expected: number, tolerance?: number, msg?: string): void {
  if (Object.is(actual, expected)) return;
  const delta = Math.abs(expected - actual);
  const limit = tolerance ?? (isFinite(expected) ? Math.abs(expected * 1e-7) : 1e-7);
  if (delta <= limit) return;
  refuse(`Expected actual: "${actual}" to be close to "${expected}": delta "${delta}" is greater than "${limit}"`, msg);
}

/** Asserts that the function throws; gives what it threw. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
/** Asserts that the function throws an error of that class whose message includes the text. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: Constructor<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows(
  fn: () => unknown,
  classOrMsg?: Constructor<Error> | string,
  msgIncludes?: string,
  msg?: string,
): unknown {
  try {
    fn();
  } catch (error) {
    if (typeof classOrMsg === "function") checkError(error, classOrMsg, msgIncludes, msg);
    return error;
  }
  refuse("Expected function to throw", typeof classOrMsg === "string" ? classOrMsg : msg);
}

/** Asserts that the promise rejects; gives what it rejected with. */
export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
/** Asserts that the promise rejects with an error of that class whose message includes the text. */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: Constructor<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  classOrMsg?: Constructor<Error> | string,
  msgIncludes?: string,
  msg?: string,
): Promise<unknown> {
  const suffix = typeof classOrMsg === "string" ? classOrMsg : msg;
  let promise: unknown;
  try {
    promise = fn();
  } catch {
    refuse("Function throws when expected to reject", suffix);
  }
  if (typeof (promise as PromiseLike<unknown> | undefined)?.then !== "function") {
    refuse("Function throws when expected to reject", suffix);
  }
  try {
    await promise;
  } catch (error) {
    if (typeof classOrMsg === "function") checkError(error, classOrMsg, msgIncludes, msg);
    return error;
  }
  refuse("Expected function to reject", suffix);
}

function checkError(error: unknown, ErrorClass: Constructor<Error>, includes = "", msg?: string): void {
  if (!(error instanceof Error)) refuse("A non-Error object was thrown", msg);
  const { name } = error.constructor;
  if (!(error instanceof ErrorClass)) {
    refuse(`Expected error to be instance of "${ErrorClass.name}", but was "${name}"`, msg);
  }
  if (!error.message.includes(includes)) {
    refuse(`Expected error message to include ${JSON.stringify(includes)}, but got ${show(error.message)}`, msg);
  }
}

/** Asserts that the text matches. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (!expected.test(actual)) refuse(`Expected actual: "${actual}" to match: "${expected}"`, msg);
}

/** Asserts that the text contains the other one. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (!actual.includes(expected)) refuse(`Expected actual: "${actual}" to contain: "${expected}"`, msg);
}

/** Asserts that each expected item is, by deep equality, among the actual ones. */
export function assertArrayIncludes<T>(
  actual: ArrayLike<T> & object,
  expected: ArrayLike<T> & object,
  msg?: string,
): void {
  const missing = Array.from(expected).filter((item) => !Array.from(actual).some((other) => equal(other, item)));
  if (missing.length > 0) {
    refuse(`Expected actual: "${show(actual)}" to include: "${show(expected)}"; missing: ${show(missing)}`, msg);
  }
}

/** Asserts that the value is an instance of the class. */
export function assertInstanceOf<T extends Constructor<unknown>>(
  actual: unknown,
  expectedType: T,
  msg?: string,
): asserts actual is InstanceType<T> {
  if (!(actual instanceof expectedType)) {
    refuse(`Expected object to be an instance of "${expectedType.name}" but was ${show(actual)}`, msg);
  }
}

/** Asserts actual > expected. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual > expected)) throw new AssertionError(msg ?? `Expect ${show(actual)} > ${show(expected)}`);
}

/** Asserts actual ≥ expected. */
export function assertGreaterOrEqual<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual >= expected)) throw new AssertionError(msg ?? `Expect ${show(actual)} >= ${show(expected)}`);
}

/** Asserts actual < expected. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual < expected)) throw new AssertionError(msg ?? `Expect ${show(actual)} < ${show(expected)}`);
}

/** Asserts actual ≤ expected. */
export function assertLessOrEqual<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual <= expected)) throw new AssertionError(msg ?? `Expect ${show(actual)} <= ${show(expected)}`);
}

/** Asserts that the value is neither null nor undefined. */
export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T> {
  if (actual === undefined || actual === null) {
    refuse(`Expected actual: "${actual}" to not be null or undefined`, msg);
  }
}

/** Fails. */
export function fail(msg?: string): never {
  refuse("Failed assertion", msg);
}
