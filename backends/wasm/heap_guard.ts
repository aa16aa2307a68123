/**
 * The guard of the wasm heap. Where it is full, `malloc` gives 0 and tfjs writes to
 * address 0 without looking: wrong numbers first, a crash later. Here it throws
 * before anything is written.
 *
 * XNNPACK allocates inside wasm, where nothing can be wrapped: with a full heap a
 * matrix product then gives garbage, and a convolution aborts the whole module. So
 * tensors leave it some room, and kernels that need more ask for it first.
 *
 * @module
 */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";

/** What a wasm heap can hold, in bytes: four gibibytes less a page. */
export const HEAP_LIMIT = 4_294_901_760;

/** What tensors leave to XNNPACK, in bytes. */
const HEADROOM = 32 << 20;

/** The part of tfjs' emscripten module that the guard touches. */
interface Heap {
  _malloc(bytes: number): number;
  readonly _free: (address: number) => void;
  readonly HEAPU8: Uint8Array;
}

const heapOf = (backend: BackendWasm): Heap => backend.wasm as unknown as Heap;

const full = (bytes: number, { HEAPU8 }: Heap): RangeError =>
  new RangeError(
    `Expected ${bytes} bytes to fit the wasm heap but found ${HEAPU8.length} of at most ${HEAP_LIMIT} bytes in use: ` +
      "use a smaller batch",
  );

/** Whether `bytes` more can be allocated in one piece; asks only where growth alone does not settle it. */
function hasRoom(heap: Heap, allocate: (bytes: number) => number, bytes: number): boolean {
  if (HEAP_LIMIT - heap.HEAPU8.length >= bytes) return true;
  const address = allocate(bytes);
  heap._free(address);
  return address !== 0;
}

/**
 * Makes sure that XNNPACK can allocate `bytes`.
 *
 * @throws {RangeError} Where it cannot.
 */
export function reserve(backend: BackendWasm, bytes: number): void {
  const heap = heapOf(backend);
  if (!hasRoom(heap, allocators.get(heap) ?? heap._malloc, bytes)) throw full(bytes, heap);
}

/** What XNNPACK packs a matrix of weights into: panels of eight columns, a bias for each. */
export function packedBytes(rows: number, columns: number): number {
  return (rows + 1) * (columns + 7) * Float32Array.BYTES_PER_ELEMENT;
}

/** The allocators behind the guards. */
const allocators = new WeakMap<Heap, Heap["_malloc"]>();

/** Makes allocation on the heap of `backend` throw a RangeError where it fails; does nothing the second time. */
export function guardHeap(backend: BackendWasm): void {
  const heap = heapOf(backend);
  if (allocators.has(heap)) return;
  // Emscripten puts a stub there that replaces itself with the export on its first
  // call: wrapped before that, the wrapper would be lost.
  const { dataId } = backend.makeOutput([1], "float32");
  backend.disposeData(dataId);
  const allocate = heap._malloc;
  heap._malloc = (bytes) => {
    const address = allocate(bytes);
    if (bytes > 0 && (address === 0 || !hasRoom(heap, allocate, HEADROOM))) {
      heap._free(address);
      throw full(bytes, heap);
    }
    return address;
  };
  allocators.set(heap, allocate);
}
