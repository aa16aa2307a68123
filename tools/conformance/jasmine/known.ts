/**
 * Specs of tfjs that fail on the tensorflow backend, each with the reason.
 *
 * @module
 */

/** Specs that fail for one reason. */
export interface KnownFailure {
  /** Names of specs, or of suites all of whose specs fail. */
  readonly specs: readonly string[];
  /** Specs of these suites that pass: they expect an error, and any error will do. */
  readonly but?: readonly string[];
  /** Part of the message: another failure under the same name is not excused. */
  readonly message: string;
  /** Why they fail. */
  readonly reason: string;
  /** Whether they pass where the files are at hand that tfjs keeps in its repository and leaves out of its packages. */
  readonly passesWithFixtures?: boolean;
}

/** Suites of ops that tfjs-node has no kernel for; nothing in this project uses one. */
const missing = (kernel: string, specs: readonly string[], but: readonly string[] = []): KnownFailure => ({
  specs,
  but,
  message: `Kernel '${kernel}' not registered for backend 'tensorflow'`,
  reason: "tfjs-node has no kernel for it",
});

const NO_FIXTURES = "tfjs keeps the file that it reads in its repository and leaves it out of its packages";

/** The list. */
export const KNOWN_FAILURES: readonly KnownFailure[] = [
  missing("BitwiseAnd", ["bitwiseAnd a bitwiseAnd b"]),
  missing("DenseBincount", ["denseBincount"], [
    "denseBincount throws error for non int x tensor.",
    "denseBincount throws error if size is negative.",
    "denseBincount throws error when shape is different for 1d.",
    "denseBincount throws error when shape is different for 2d.",
  ]),
  missing("MaxPoolWithArgmax", ["maxPoolWithArgmax"], [
    "maxPoolWithArgmax throws when x is not rank 4",
    "maxPoolWithArgmax throws when passed a non-tensor",
  ]),
  missing("RaggedGather", ["raggedGather"]),
  missing("RaggedRange", ["raggedRange"]),
  missing("RaggedTensorToTensor", ["raggedTensorToTensor"]),
  missing("SearchSorted", ["searchSorted", "lowerBound", "upperBound"]),
  missing("SparseFillEmptyRows", ["sparseFillEmptyRows"]),
  missing("SparseReshape", ["sparseReshape"]),
  missing("SparseSegmentMean", ["sparseSegmentMean"], [
    "sparseSegmentMean 0 dimensional input invalid",
    "sparseSegmentMean throw error if indices has invalid rank",
    "sparseSegmentMean throw error if segments has invalid rank",
  ]),
  missing("SparseSegmentSum", ["sparseSegmentSum"], [
    "sparseSegmentSum 0 dimensional input invalid",
    "sparseSegmentSum indices invalid rank",
    "sparseSegmentSum segments invalid rank",
  ]),
  missing("StringNGrams", ["stringNGrams"]),
  missing("StringSplit", ["stringSplit"]),
  missing("StringToHashBucketFast", ["stringToHashBucketFast"], [
    "stringToHashBucketFast throw error if negative buckets",
    "stringToHashBucketFast throw error if zero buckets",
  ]),
  missing("Transform", ["image.transform"], [
    "image.transform throws when input is int32.",
    "image.transform throws when transforms is int32.",
  ]),
  {
    specs: [
      "avgPool3d x=[1,2,2,2,1] f=[2,2,2] s=1 p=1 roundingMode=floor",
      "avgPool3d x=[1,1,1,1,1] f=[2,2,2] s=1 p=2",
      "maxPool3d x=[1,2,2,2,1] f=[2,2,2] s=1 p=1 roundingMode=floor",
    ],
    message: "TF Backend supports only 'valid' and 'same' padding while padding was NUMBER",
    reason: "tfjs-node's kernels of three dimensions refuse padding in numbers; nothing here pools volumes",
  },
  {
    specs: ["avgPool3d x=[1,1,1,1,1] f=[1,1,3] s=1 p=valid"],
    message: "Computed output size would be negative",
    reason: "the spec wants an empty result of a window that is larger than the input; TensorFlow refuses it",
  },
  {
    specs: ["avgPool gradient x=[3,3,1] f=[3,3] s=1 p=explicit"],
    message: "Arrays differ: actual[1] = 1.75, expected[1] = 1.",
    reason: "the spec wants tfjs' gradient, which divides by the whole window where its own forward pass divides by " +
      "what lies inside; ours is the derivative (docs/decisions/wasm-kernels.md)",
  },
  {
    specs: ["pool max x=[2,2,3] f=[1,1] s=2 p=1 fractional outputs default rounding"],
    message: "Arrays differ: actual[0] = -3.4028234663852886e+38, expected[0] = 1.",
    reason: "tfjs hands the input through where a window of 1 by 1 leaves the shape as it is, though it strides over " +
      "padding; there is no maximum of nothing",
  },
  {
    specs: ["pool avg x=[2,2,3] f=[1,1] s=2 p=1 fractional outputs default rounding"],
    message: "Arrays differ: actual[0] = 0, expected[0] = 1.",
    reason: "as for the maximum: three of its four windows hold padding only",
  },
  {
    specs: ["conv2dTranspose input=8x8x8,output=4x4x8,f=8,s=1,inDepth=8,p=same vec4"],
    message: "Conv2DBackpropInput",
    reason:
      "the spec asks for an output of 4 by 4 from an input of 8 by 8 at stride 1: no convolution is its transpose",
  },
  {
    specs: ["conv3d dilations CPU should throw error on dilations >1"],
    message: "Expected function to throw an Error.",
    reason: "this TensorFlow computes dilated convolutions of volumes on the CPU, and rightly",
  },
  {
    specs: ["diag bool"],
    message: "Value for attr 'T' of bool is not in the list of allowed values",
    reason: "TensorFlow's Diag takes no booleans",
  },
  {
    specs: [
      "einsum 2d matrix calculate trace: duplicate axes not implemented yet",
      "einsum nonexistent dimension throws error",
    ],
    message: "Expected function to throw an Error.",
    reason: "the spec wants an error that tfjs' own kernels throw; TensorFlow computes it",
  },
  {
    specs: ["fused conv2d basic in NCHW", "fused conv2d im2row in NCHW", "fused conv2d batch in NCHW"],
    message: "to be NHWC but found NCHW",
    reason: "TensorFlow fuses convolutions over NHWC only on the CPU; nothing here is NCHW",
  },
  {
    specs: ["greater", "greaterEqual", "less", "lessEqual"].map((op) => `${op} should support string comparison`),
    message: "Value for attr 'T' of string is not in the list of allowed values",
    reason: "TensorFlow compares strings for equality only",
  },
  {
    specs: ["leakyrelu int32", "step kernel with int32 tensor"],
    message: "Value for attr 'T' of int32 is not in the list of allowed values",
    reason: "TensorFlow's LeakyRelu and IsNan, which tfjs-node's Step asks, take no integers",
  },
  {
    specs: ["multinomial creates the same data given the same seed"],
    message: "Arrays differ",
    reason: "TensorFlow's Multinomial goes on from call to call where tfjs starts anew with the seed",
  },
  {
    specs: [
      "scatterND should work for 2d",
      "scatterND should work for simple 1d",
      "scatterND should work for multiple 1d",
      "scatterND should sum the duplicated indices",
      "scatterND should work for tensorLike input",
    ],
    message: "must match dimensions",
    reason: "the spec's indices lack their last axis; TensorFlow refuses them",
  },
  {
    specs: ["sign basic", "sign does not propagate NaNs", "sign accepts a tensor-like object"],
    message: "= NaN, expected",
    reason: "TensorFlow's Sign of NaN is NaN, tfjs' is 0",
  },
  {
    specs: ["tan numbers exceed float32 precision"],
    message: "Arrays differ: actual[2] = 30144.177734375, expected[2] = 30144.17578125.",
    reason: "one unit in the last place of a float32 is more than the spec's tolerance there",
  },
  {
    specs: ["unique 1d tensor with NaN and Infinity"],
    message: "Expected $[0] = 3 to equal 2.",
    reason: "in TensorFlow no NaN is another's equal, in tfjs all are one",
  },
  {
    specs: ["decode images"],
    message: "no such file or directory, open",
    reason: NO_FIXTURES,
    passesWithFixtures: true,
  },
  {
    specs: ["SavedModel"],
    but: ["SavedModel get enum key based on value", "SavedModel read non-exist file"],
    message: "There is no saved_model.pb file in the directory",
    reason: NO_FIXTURES,
    passesWithFixtures: true,
  },
];
