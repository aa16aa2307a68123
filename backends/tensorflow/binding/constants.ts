/**
 * TensorFlow's numbers for data types and kinds of attributes
 * (tensorflow/c/tf_datatype.h, tf_attrtype.h), under the names that tfjs-node's
 * kernels use.
 *
 * @module
 */

/** `TF_DataType`. */
export const DATA_TYPES = {
  TF_FLOAT: 1,
  TF_INT32: 3,
  TF_UINT8: 4,
  TF_STRING: 7,
  TF_COMPLEX64: 8,
  TF_INT64: 9,
  TF_BOOL: 10,
  TF_RESOURCE: 20,
} as const;

/** `TF_AttrType`. */
export const ATTRIBUTE_TYPES = {
  TF_ATTR_STRING: 0,
  TF_ATTR_INT: 1,
  TF_ATTR_FLOAT: 2,
  TF_ATTR_BOOL: 3,
  TF_ATTR_TYPE: 4,
  TF_ATTR_SHAPE: 5,
  TF_ATTR_RESOURCE: 10,
} as const;

/** Bytes of one value, for the types whose values have one size. */
export const BYTES_PER_VALUE: Readonly<Record<number, number>> = {
  [DATA_TYPES.TF_FLOAT]: 4,
  [DATA_TYPES.TF_INT32]: 4,
  [DATA_TYPES.TF_UINT8]: 1,
  [DATA_TYPES.TF_COMPLEX64]: 8,
  [DATA_TYPES.TF_INT64]: 8,
  [DATA_TYPES.TF_BOOL]: 1,
};

/** The name of a data type, for messages: `FLOAT`. */
export function dataTypeName(type: number): string {
  const name = Object.entries(DATA_TYPES).find(([, number]) => number === type)?.[0];
  return name?.slice("TF_".length) ?? `type ${type}`;
}
