/**
 * The functions of TensorFlow's C API that this project calls, as `Deno.dlopen`
 * takes them (tensorflow/c/c_api.h, tf_tensor.h, tf_status.h, tf_tstring.h and
 * eager/c_api.h).
 *
 * @module
 */

const POINTER = "pointer";
/** An argument that TensorFlow reads or fills during the call, and no longer. */
const BUFFER = "buffer";
const INT = "i32";
const INT64 = "i64";
const SIZE = "usize";
const VOID = "void";
/** `TF_Output`: an operation of a graph and the number of its output. */
const OUTPUT = { struct: [POINTER, INT] } as const;

/** Every function, by its name; those that end in `Async` run on a thread of their own and leave the event loop free. */
export const SYMBOLS = {
  TF_Version: { parameters: [], result: POINTER },
  TF_GetAllOpList: { parameters: [], result: POINTER },
  TF_DeleteBuffer: { parameters: [POINTER], result: VOID },

  TF_NewStatus: { parameters: [], result: POINTER },
  TF_DeleteStatus: { parameters: [POINTER], result: VOID },
  TF_SetStatus: { parameters: [POINTER, INT, BUFFER], result: VOID },
  TF_GetCode: { parameters: [POINTER], result: INT },
  TF_Message: { parameters: [POINTER], result: POINTER },

  TFE_NewContextOptions: { parameters: [], result: POINTER },
  TFE_ContextOptionsSetConfig: { parameters: [POINTER, BUFFER, SIZE, POINTER], result: VOID },
  TFE_DeleteContextOptions: { parameters: [POINTER], result: VOID },
  TFE_NewContext: { parameters: [POINTER, POINTER], result: POINTER },
  TFE_ContextListDevices: { parameters: [POINTER, POINTER], result: POINTER },
  TF_DeviceListCount: { parameters: [POINTER], result: INT },
  TF_DeviceListName: { parameters: [POINTER, INT, POINTER], result: POINTER },
  TF_DeviceListType: { parameters: [POINTER, INT, POINTER], result: POINTER },
  TF_DeviceListMemoryBytes: { parameters: [POINTER, INT, POINTER], result: INT64 },
  TF_DeleteDeviceList: { parameters: [POINTER], result: VOID },

  TF_AllocateTensor: { parameters: [INT, BUFFER, INT, SIZE], result: POINTER },
  TF_DeleteTensor: { parameters: [POINTER], result: VOID },
  TF_TensorData: { parameters: [POINTER], result: POINTER },
  TF_TensorByteSize: { parameters: [POINTER], result: SIZE },
  TF_TensorElementCount: { parameters: [POINTER], result: INT64 },
  TF_StringInit: { parameters: [POINTER], result: VOID },
  TF_StringCopy: { parameters: [POINTER, BUFFER, SIZE], result: VOID },
  TF_StringDealloc: { parameters: [POINTER], result: VOID },
  TF_StringGetDataPointer: { parameters: [POINTER], result: POINTER },
  TF_StringGetSize: { parameters: [POINTER], result: SIZE },

  TFE_NewTensorHandle: { parameters: [POINTER, POINTER], result: POINTER },
  TFE_DeleteTensorHandle: { parameters: [POINTER], result: VOID },
  TFE_TensorHandleCopyToDevice: { parameters: [POINTER, POINTER, BUFFER, POINTER], result: POINTER },
  TFE_TensorHandleDataType: { parameters: [POINTER], result: INT },
  TFE_TensorHandleNumDims: { parameters: [POINTER, POINTER], result: INT },
  TFE_TensorHandleDim: { parameters: [POINTER, INT, POINTER], result: INT64 },
  TFE_TensorHandleBackingDeviceName: { parameters: [POINTER, POINTER], result: POINTER },
  TFE_TensorHandleResolve: { parameters: [POINTER, POINTER], result: POINTER },
  TFE_TensorHandleResolveAsync: {
    name: "TFE_TensorHandleResolve",
    parameters: [POINTER, POINTER],
    result: POINTER,
    nonblocking: true,
  },

  TFE_NewOp: { parameters: [POINTER, BUFFER, POINTER], result: POINTER },
  TFE_DeleteOp: { parameters: [POINTER], result: VOID },
  TFE_OpSetDevice: { parameters: [POINTER, BUFFER, POINTER], result: VOID },
  TFE_OpAddInput: { parameters: [POINTER, POINTER, POINTER], result: VOID },
  TFE_OpSetAttrString: { parameters: [POINTER, BUFFER, BUFFER, SIZE], result: VOID },
  TFE_OpSetAttrInt: { parameters: [POINTER, BUFFER, INT64], result: VOID },
  TFE_OpSetAttrIntList: { parameters: [POINTER, BUFFER, BUFFER, INT], result: VOID },
  TFE_OpSetAttrFloat: { parameters: [POINTER, BUFFER, "f32"], result: VOID },
  TFE_OpSetAttrFloatList: { parameters: [POINTER, BUFFER, BUFFER, INT], result: VOID },
  TFE_OpSetAttrBool: { parameters: [POINTER, BUFFER, "u8"], result: VOID },
  TFE_OpSetAttrBoolList: { parameters: [POINTER, BUFFER, BUFFER, INT], result: VOID },
  TFE_OpSetAttrType: { parameters: [POINTER, BUFFER, INT], result: VOID },
  TFE_OpSetAttrShape: { parameters: [POINTER, BUFFER, BUFFER, INT, POINTER], result: VOID },
  TFE_Execute: { parameters: [POINTER, BUFFER, BUFFER, POINTER], result: VOID },
  TFE_ExecuteAsync: {
    name: "TFE_Execute",
    parameters: [POINTER, BUFFER, BUFFER, POINTER],
    result: VOID,
    nonblocking: true,
  },

  TF_NewOperation: { parameters: [POINTER, BUFFER, BUFFER], result: POINTER },
  TF_AddInput: { parameters: [POINTER, OUTPUT], result: VOID },
  TF_AddInputList: { parameters: [POINTER, BUFFER, INT], result: VOID },
  TF_SetAttrString: { parameters: [POINTER, BUFFER, BUFFER, SIZE], result: VOID },
  TF_SetAttrInt: { parameters: [POINTER, BUFFER, INT64], result: VOID },
  TF_SetAttrIntList: { parameters: [POINTER, BUFFER, BUFFER, INT], result: VOID },
  TF_SetAttrFloat: { parameters: [POINTER, BUFFER, "f32"], result: VOID },
  TF_SetAttrFloatList: { parameters: [POINTER, BUFFER, BUFFER, INT], result: VOID },
  TF_SetAttrBool: { parameters: [POINTER, BUFFER, "u8"], result: VOID },
  TF_SetAttrBoolList: { parameters: [POINTER, BUFFER, BUFFER, INT], result: VOID },
  TF_SetAttrType: { parameters: [POINTER, BUFFER, INT], result: VOID },
  TF_SetAttrShape: { parameters: [POINTER, BUFFER, BUFFER, INT], result: VOID },
  TF_SetAttrTensor: { parameters: [POINTER, BUFFER, POINTER, POINTER], result: VOID },
  TF_FinishOperation: { parameters: [POINTER, POINTER], result: POINTER },
  TF_OperationOutputType: { parameters: [OUTPUT], result: INT },
  TF_GraphGetTensorNumDims: { parameters: [POINTER, OUTPUT, POINTER], result: INT },
  TF_GraphGetTensorShape: { parameters: [POINTER, OUTPUT, BUFFER, INT, POINTER], result: VOID },
  TF_GraphToFunction: {
    parameters: [
      POINTER,
      BUFFER,
      "u8",
      INT,
      POINTER,
      INT,
      BUFFER,
      INT,
      BUFFER,
      POINTER,
      POINTER,
      POINTER,
      POINTER,
    ],
    result: POINTER,
  },
  TF_DeleteFunction: { parameters: [POINTER], result: VOID },
  TFE_ContextAddFunction: { parameters: [POINTER, POINTER, POINTER], result: VOID },
  TFE_ContextRemoveFunction: { parameters: [POINTER, BUFFER, POINTER], result: VOID },

  TF_NewSessionOptions: { parameters: [], result: POINTER },
  TF_DeleteSessionOptions: { parameters: [POINTER], result: VOID },
  TF_NewGraph: { parameters: [], result: POINTER },
  TF_DeleteGraph: { parameters: [POINTER], result: VOID },
  TF_GraphOperationByName: { parameters: [POINTER, BUFFER], result: POINTER },
  TF_LoadSessionFromSavedModel: {
    parameters: [POINTER, POINTER, BUFFER, BUFFER, INT, POINTER, POINTER, POINTER],
    result: POINTER,
  },
  TF_SessionRun: {
    parameters: [POINTER, POINTER, BUFFER, BUFFER, INT, BUFFER, BUFFER, INT, POINTER, INT, POINTER, POINTER],
    result: VOID,
  },
  TF_CloseSession: { parameters: [POINTER, POINTER], result: VOID },
  TF_DeleteSession: { parameters: [POINTER, POINTER], result: VOID },
} as const satisfies Deno.ForeignLibraryInterface;

/** The loaded functions. */
export type CApi = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];
