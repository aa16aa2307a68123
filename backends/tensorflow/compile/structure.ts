/**
 * Arguments and results of compiled functions: tensors in lists and records, and
 * values beside them.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { show } from "../../../models/errors.ts";
import type { Nested } from "../../compiler.ts";

/** A value with its tensors taken out. */
export interface Flattened {
  /** The tensors, in the order of the value. */
  readonly tensors: tf.Tensor[];
  /** What the value is apart from them: equal for values that one function serves. */
  readonly signature: string;
  /** Puts others in their places. */
  readonly rebuild: (tensors: readonly tf.Tensor[]) => Nested;
}

/**
 * Takes the tensors out of `value`.
 *
 * @throws {TypeError} Where it holds something that is neither a tensor nor a plain value.
 */
export function flatten(value: Nested, what: string): Flattened {
  const tensors: tf.Tensor[] = [];
  const visit = (value: Nested, path: string): [signature: string, rebuild: Flattened["rebuild"]] => {
    if (value instanceof tf.Tensor) {
      const at = tensors.push(value) - 1;
      return [`${value.dtype}[${value.shape}]`, (others) => others[at]];
    }
    if (Array.isArray(value)) {
      const parts = (value as readonly Nested[]).map((part, i) => visit(part, `${path}[${i}]`));
      return [
        `(${parts.map(([signature]) => signature).join(",")})`,
        (others) => parts.map(([, rebuild]) => rebuild(others)),
      ];
    }
    if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
      const parts = Object.entries(value).map(([name, part]) => [name, visit(part, `${path}.${name}`)] as const);
      return [
        `{${parts.map(([name, [signature]]) => `${JSON.stringify(name)}:${signature}`).join(",")}}`,
        (others) => Object.fromEntries(parts.map(([name, [, rebuild]]) => [name, rebuild(others)])),
      ];
    }
    if (value == null || ["number", "string", "boolean"].includes(typeof value)) {
      return [typeof value === "string" ? JSON.stringify(value) : String(value), () => value];
    }
    throw new TypeError(`Expected ${path} to hold tensors and plain values but found ${show(value)}`);
  };
  const [signature, rebuild] = visit(value, what);
  return { tensors, signature, rebuild };
}
