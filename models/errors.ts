/**
 * Errors of this project: they name the argument, what was expected and what came.
 *
 * @module
 */
import type { z } from "zod";

/** An input is smaller than a layer's window; carries nothing but its kind, for {@linkcode minimumInput}. */
export class InputTooSmallError extends RangeError {
  override readonly name = "InputTooSmallError";
}

/** `value` as an error message shows it: short, and strings quoted. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (typeof value === "object" && value !== null) return "an object";
  return String(value);
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "too_small":
      return issue.origin === "array"
        ? `to have at least ${issue.minimum} entries`
        : `to be ${issue.inclusive ? "at least" : "greater than"} ${issue.minimum}`;
    case "too_big":
      return issue.origin === "array"
        ? `to have at most ${issue.maximum} entries`
        : `to be ${issue.inclusive ? "at most" : "less than"} ${issue.maximum}`;
    case "invalid_type":
      return `to be of type ${issue.expected}`;
    case "invalid_value":
      return `to be one of ${issue.values.map(show).join(", ")}`;
    default:
      return `to be valid (${issue.message})`;
  }
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) => typeof at === "object" && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}

/** `path` as far as `value` goes: a schema may have made a list of one number. */
function pathWithin(value: unknown, path: readonly PropertyKey[]): readonly PropertyKey[] {
  const end = path.findIndex((key, i) => typeof key === "number" && !Array.isArray(valueAt(value, path.slice(0, i))));
  return end < 0 ? path : path.slice(0, end);
}

function argumentName(path: readonly PropertyKey[]): string {
  return path.map((key, i) => typeof key === "number" ? `[${key}]` : i === 0 ? String(key) : `.${String(key)}`).join(
    "",
  );
}

/**
 * `value` checked and completed by `schema`; `subject` is what the value
 * configures ("Conv2d", "createModel()").
 *
 * @throws {TypeError} Where an argument is of the wrong type or unknown.
 * @throws {RangeError} Where an argument is out of range.
 */
export function parseConfig<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  subject: string,
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue === undefined) throw new TypeError(`Expected valid options of ${subject}`);
  if (issue.code === "unrecognized_keys") {
    throw new TypeError(`Expected options of ${subject} to be known but found ${issue.keys.map(show).join(", ")}`);
  }
  const path = pathWithin(value, issue.path);
  const came = valueAt(value, path);
  const name = path.length === 0 ? "options" : argumentName(path);
  const message = `Expected ${name} of ${subject} ${expectation(issue)} but found ${show(came)}`;
  if (issue.code !== "invalid_type") throw new RangeError(message);
  // NaN and fractions are numbers, though not the ones that were expected.
  const isNumber = typeof came === "number" && (issue.expected === "number" || issue.expected === "int");
  throw isNumber ? new RangeError(message) : new TypeError(message);
}
