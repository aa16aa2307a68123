/**
 * The guard of the wasm heap. Where it is full, `malloc` gives 0 and tfjs writes to
 * address 0 without looking: wrong numbers first, a crash later. Here it throws
 * before anything is written.
 *
 * @module
 */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";

/** What a wasm heap can hold, in bytes: four gibibytes less a page. */
export const HEAP_LIMIT = 4_294_901_760;

/** The part of tfjs' emscripten module that the guard touches. */
interface Heap {
  _malloc(bytes: number): number;
  readonly HEAPU8: Uint8Array;
}

const guarded = new WeakSet<object>();

/** Makes allocation on the heap of `backend` throw a RangeError where it fails; does nothing the second time. */
export function guardHeap(backend: BackendWasm): void {
  const heap = backend.wasm as unknown as Heap;
  if (guarded.has(heap)) return;
  // Emscripten puts a stub there that replaces itself with the export on its first
  // call: wrapped before that, the wrapper would be lost.
  const { dataId } = backend.makeOutput([1], "float32");
  backend.disposeData(dataId);
  const allocate = heap._malloc;
  heap._malloc = (bytes) => {
    const address = allocate(bytes);
    if (address === 0 && bytes > 0) {
      throw new RangeError(
        `Expected ${bytes} bytes to fit the wasm heap but found ${heap.HEAPU8.length} of at most ${HEAP_LIMIT} bytes in use: ` +
          "use a smaller batch",
      );
    }
    return address;
  };
  guarded.add(heap);
}
