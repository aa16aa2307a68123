/**
 * Strings as C has them.
 *
 * @module
 */

const encoder = new TextEncoder();
const kept = new Map<string, Uint8Array<ArrayBuffer>>();

/** `text` with a NUL behind it. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(`${text}\0`);
}

/**
 * As {@linkcode cString}, made once and kept: for names of ops and attributes, of
 * which there are few and which TensorFlow may go on pointing to.
 */
export function keptCString(text: string): Uint8Array<ArrayBuffer> {
  let bytes = kept.get(text);
  if (bytes === undefined) kept.set(text, bytes = cString(text));
  return bytes;
}

/** The text that a pointer of C's points to; none for null. */
export function textAt(pointer: Deno.PointerValue): string {
  return pointer === null ? "" : Deno.UnsafePointerView.getCString(pointer);
}
