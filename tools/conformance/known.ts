/**
 * Cases that fail for a reason that is not this project's, by name.
 *
 * @module
 */

/** Why a case fails, and what its error has to say: another failure under the same name is not excused. */
export interface KnownGap {
  /** Part of the message. */
  readonly message: string;
  /** Whose gap it is. */
  readonly reason: string;
}

const dilated: KnownGap = {
  message: "dilation rates greater than 1 are not yet supported in gradients",
  reason: "tfjs-core refuses gradients of dilated convolutions on every backend",
};

/** The gaps, by the case's name. */
export const KNOWN_GAPS: ReadonlyMap<string, KnownGap> = new Map([
  ["conv2d kernel 3 stride 1 padding same dilation 2", dilated],
  ["conv2d kernel 3 stride 1 padding 2 dilation 2", dilated],
  ["stridedSlice", {
    message: "gradient function not found for StridedSlice",
    reason: "tfjs-core has no gradient of it on any backend",
  }],
  ["einsum", {
    message: "Kernel 'Einsum' not registered for backend 'wasm'",
    reason: "tfjs' wasm backend has no kernel for it, and tfjs-core no gradient; nothing here uses it",
  }],
  ["where", {
    message: "gradient function not found for Greater",
    reason: "tfjs-core has no gradient of the comparison that makes the condition, on any backend",
  }],
]);
