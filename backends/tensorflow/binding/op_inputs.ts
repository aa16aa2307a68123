/**
 * How many inputs TensorFlow's ops take. TensorFlow itself does not look, and a call
 * with more of them than that ends the process.
 *
 * @module
 */
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import type { CApi } from "../capi/symbols.ts";

/** Numbers of fields of `OpList`, `OpDef` and `ArgDef` in tensorflow/core/framework/op_def.proto. */
const OP_LIST = { op: 1 } as const;
const OP_DEF = { name: 1, inputArg: 2 } as const;
const ARG_DEF = { numberAttr: 5, typeListAttr: 6 } as const;

/** Reads a message field by field; `visit` says whether it has read a field. */
function fields(bytes: Uint8Array, visit: (field: number, reader: BinaryReader) => boolean): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (wireType !== WireType.LengthDelimited || !visit(field, reader)) reader.skip(wireType);
  }
}

function readOp(bytes: Uint8Array): [name: string, inputs: number] {
  let [name, inputs] = ["", 0];
  fields(bytes, (field, reader) => {
    if (field === OP_DEF.name) name = reader.string();
    else if (field === OP_DEF.inputArg) inputs += isList(reader.bytes()) ? Infinity : 1;
    else return false;
    return true;
  });
  return [name, inputs];
}

function isList(argument: Uint8Array): boolean {
  let list = false;
  fields(argument, (field) => {
    list ||= field === ARG_DEF.numberAttr || field === ARG_DEF.typeListAttr;
    return false;
  });
  return list;
}

/** The most inputs that each op takes, by its name; without a limit where it takes lists. */
export function readInputCounts(api: CApi): Map<string, number> {
  const buffer = api.TF_GetAllOpList();
  if (buffer === null) return new Map();
  // `TF_Buffer`: where the bytes are, how many, and what frees them.
  const view = new Deno.UnsafePointerView(buffer);
  const data = view.getPointer(0);
  const length = Number(view.getBigUint64(8));
  const bytes = data === null ? new Uint8Array() : new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(data, length));
  const counts = new Map<string, number>();
  fields(bytes, (field, reader) => {
    if (field !== OP_LIST.op) return false;
    counts.set(...readOp(reader.bytes()));
    return true;
  });
  api.TF_DeleteBuffer(buffer);
  return counts;
}
