/**
 * Attributes of an op, checked and set.
 *
 * @module
 */
import type { Status } from "../capi/status.ts";
import { cString, keptCString } from "../capi/strings.ts";
import type { CApi } from "../capi/symbols.ts";
import { ATTRIBUTE_TYPES } from "./constants.ts";

/** An attribute as tfjs-node's kernels write it: `type` is one of {@linkcode ATTRIBUTE_TYPES}. */
export interface OpAttribute {
  /** TensorFlow's name: `strides`. */
  readonly name: string;
  /** The kind; a list of it where `value` is an array. */
  readonly type: number;
  /** The value. */
  readonly value: unknown;
}

/** The functions that set attributes: those of an op that runs, or those of an operation of a graph. */
export interface AttributeFunctions {
  readonly string: CApi["TF_SetAttrString"];
  readonly int: CApi["TF_SetAttrInt"];
  readonly intList: CApi["TF_SetAttrIntList"];
  readonly float: CApi["TF_SetAttrFloat"];
  readonly floatList: CApi["TF_SetAttrFloatList"];
  readonly bool: CApi["TF_SetAttrBool"];
  readonly boolList: CApi["TF_SetAttrBoolList"];
  readonly type: CApi["TF_SetAttrType"];
  readonly shape: CApi["TF_SetAttrShape"];
}

/** The functions for ops that run. */
export function eagerAttributes(api: CApi, status: Status): AttributeFunctions {
  return {
    string: api.TFE_OpSetAttrString,
    int: api.TFE_OpSetAttrInt,
    intList: api.TFE_OpSetAttrIntList,
    float: api.TFE_OpSetAttrFloat,
    floatList: api.TFE_OpSetAttrFloatList,
    bool: api.TFE_OpSetAttrBool,
    boolList: api.TFE_OpSetAttrBoolList,
    type: api.TFE_OpSetAttrType,
    shape(op, name, dims, rank) {
      api.TFE_OpSetAttrShape(op, name, dims, rank, status.pointer);
      status.check(() => "Expected an attribute to be a shape but TensorFlow refused it");
    },
  };
}

/** The functions for operations of a graph. */
export function graphAttributes(api: CApi): AttributeFunctions {
  return {
    string: api.TF_SetAttrString,
    int: api.TF_SetAttrInt,
    intList: api.TF_SetAttrIntList,
    float: api.TF_SetAttrFloat,
    floatList: api.TF_SetAttrFloatList,
    bool: api.TF_SetAttrBool,
    boolList: api.TF_SetAttrBoolList,
    type: api.TF_SetAttrType,
    shape: api.TF_SetAttrShape,
  };
}

const int64s = (values: readonly number[]): BigInt64Array<ArrayBuffer> =>
  BigInt64Array.from(values, (value) => BigInt(value));

const isNumber = (value: unknown): value is number => typeof value === "number";
const isFinite = (value: unknown): value is number => Number.isFinite(value);
const isInteger = (value: unknown): value is number => Number.isInteger(value);
const isBoolean = (value: unknown): value is boolean => typeof value === "boolean";

function expect<T>(
  { name, value }: OpAttribute,
  kind: string,
  is: (value: unknown) => value is T,
): T {
  if (!is(value)) throw new TypeError(`Expected attribute ${name} to be ${kind} but found ${String(value)}`);
  return value;
}

function expectAll<T>({ name, value }: OpAttribute, kind: string, is: (value: unknown) => value is T): T[] {
  if (!Array.isArray(value) || !value.every(is)) {
    throw new TypeError(`Expected attribute ${name} to be ${kind} but found ${String(value)}`);
  }
  return value;
}

/** Sets one kind of attribute. */
type Setter = (
  op: Deno.PointerValue,
  name: Uint8Array<ArrayBuffer>,
  attribute: OpAttribute,
  set: AttributeFunctions,
) => void;

const SETTERS: Readonly<Record<number, Setter>> = {
  [ATTRIBUTE_TYPES.TF_ATTR_STRING](op, name, attribute, set) {
    const { value } = attribute;
    const bytes = value instanceof Uint8Array
      ? value as Uint8Array<ArrayBuffer>
      : cString(expect(attribute, "a string", (value) => typeof value === "string"));
    set.string(op, name, bytes, BigInt(value instanceof Uint8Array ? bytes.length : bytes.length - 1));
  },
  // tfjs-node's kernels hand over fractions, which its addon cuts off.
  [ATTRIBUTE_TYPES.TF_ATTR_INT](op, name, attribute, set) {
    if (!Array.isArray(attribute.value)) {
      return set.int(op, name, BigInt(Math.trunc(expect(attribute, "a finite number", isFinite))));
    }
    const values = int64s(expectAll(attribute, "a list of finite numbers", isFinite).map(Math.trunc));
    set.intList(op, name, values, values.length);
  },
  [ATTRIBUTE_TYPES.TF_ATTR_FLOAT](op, name, attribute, set) {
    if (!Array.isArray(attribute.value)) {
      return set.float(op, name, expect(attribute, "a number", isNumber));
    }
    const values = Float32Array.from(expectAll(attribute, "a list of numbers", isNumber));
    set.floatList(op, name, values, values.length);
  },
  [ATTRIBUTE_TYPES.TF_ATTR_BOOL](op, name, attribute, set) {
    if (!Array.isArray(attribute.value)) {
      return set.bool(op, name, Number(expect(attribute, "a boolean", isBoolean)));
    }
    const values = Uint8Array.from(expectAll(attribute, "a list of booleans", isBoolean), Number);
    set.boolList(op, name, values, values.length);
  },
  [ATTRIBUTE_TYPES.TF_ATTR_TYPE](op, name, attribute, set) {
    set.type(op, name, expect(attribute, "a number of TF_DataType", isInteger));
  },
  [ATTRIBUTE_TYPES.TF_ATTR_SHAPE](op, name, attribute, set) {
    const shape = int64s(expectAll(attribute, "a shape", isInteger));
    set.shape(op, name, shape, shape.length);
  },
};

/**
 * Sets `attribute` on `op`.
 *
 * @throws {TypeError} Where the value is not of the attribute's kind.
 * @throws {RangeError} Where there is no such kind.
 */
export function setAttribute(op: Deno.PointerValue, attribute: OpAttribute, set: AttributeFunctions): void {
  const setter = SETTERS[attribute.type];
  if (setter === undefined) {
    throw new RangeError(
      `Expected the type of attribute ${attribute.name} to be a TF_AttrType but found ${attribute.type}`,
    );
  }
  setter(op, keptCString(attribute.name), attribute, set);
}
