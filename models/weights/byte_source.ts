/**
 * Bytes that can be read at any place: a file, a Blob, or a stream that was put
 * aside first. None of them is ever in memory as a whole, where the runtime
 * offers another place.
 *
 * @module
 */
import { show } from "../errors.ts";

/** Bytes at rest. */
export interface ByteSource {
  /** How many there are. */
  readonly size: number;
  /**
   * Fills `target` with the bytes from `offset` on.
   *
   * @throws {RangeError} Where there are not that many.
   */
  read(target: Uint8Array<ArrayBuffer>, offset: number): Promise<void>;
  /** Lets go of files; what was put aside is removed. */
  close(): Promise<void>;
}

/** What weights are read from. */
export type WeightSource = string | Blob | ReadableStream<Uint8Array<ArrayBuffer>>;

/** The bytes of `source` from `offset` on, in memory: for headers. */
export async function readBytes(source: ByteSource, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  // Before the allocation: a length that a damaged header tells may be anything.
  if (offset + length > source.size) {
    throw new RangeError(`Expected the file to hold ${offset + length} bytes but found ${source.size}`);
  }
  const bytes = new Uint8Array(length);
  await source.read(bytes, offset);
  return bytes;
}

/** Bytes in memory. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read: (target, offset) => {
      target.set(bytes.subarray(offset, offset + target.length));
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}

function blobSource(blob: Blob): ByteSource {
  return {
    size: blob.size,
    read: async (target, offset) => {
      const piece = new Uint8Array(await blob.slice(offset, offset + target.length).arrayBuffer());
      if (piece.length !== target.length) throw endsAt(offset + piece.length, offset + target.length);
      target.set(piece);
    },
    close: () => Promise.resolve(),
  };
}

const endsAt = (end: number, expected: number): RangeError =>
  new RangeError(`Expected the file to hold ${expected} bytes but found it to end at ${end}`);

function fileSource(file: FileHandle, size: number, close: () => Promise<void>): ByteSource {
  return {
    size,
    read: async (target, offset) => {
      for (let done = 0; done < target.length;) {
        const { bytesRead } = await file.read(target, done, target.length - done, offset + done);
        if (bytesRead === 0) throw endsAt(offset + done, offset + target.length);
        done += bytesRead;
      }
    },
    close,
  };
}

/** Node's module where the runtime has it. Not an import: bundlers for the browser would look for it. */
const builtin = <Name extends "node:fs/promises" | "node:os" | "node:path">(name: Name) =>
  globalThis.process?.getBuiltinModule?.(name);

/** What Node opens. */
type FileHandle = Awaited<ReturnType<NonNullable<ReturnType<typeof builtin<"node:fs/promises">>>["open"]>>;

async function openPath(path: string): Promise<ByteSource> {
  const fs = builtin("node:fs/promises");
  if (fs === undefined) {
    throw new TypeError(`Expected weights to be a Blob or a stream here but found the path ${path}`);
  }
  const file = await fs.open(path, "r");
  try {
    const stats = await file.stat();
    if (stats.isDirectory()) throw new TypeError(`Expected ${path} to be a file but found a folder`);
    if (stats.isFile()) return fileSource(file, stats.size, () => file.close());
  } catch (error) {
    await file.close();
    throw error;
  }
  // A pipe has no places to go back to.
  try {
    return await stage(pieces(file));
  } finally {
    await file.close();
  }
}

async function* pieces(file: FileHandle): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const buffer = new Uint8Array(1 << 16);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

/** A file that only this process knows, or undefined where none may be made. */
async function temporaryFile(): Promise<{ file: FileHandle; remove: () => Promise<void> } | undefined> {
  const [fs, os, path] = [builtin("node:fs/promises"), builtin("node:os"), builtin("node:path")];
  if (fs === undefined || os === undefined || path === undefined) return undefined;
  let folder: string;
  try {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), "convbench-"));
  } catch {
    return undefined;
  }
  const remove = () => fs.rm(folder, { recursive: true, force: true });
  try {
    const file = await fs.open(path.join(folder, "weights"), "wx+", 0o600);
    return {
      file,
      remove: async () => {
        await file.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Puts a stream aside: in a temporary file, else wherever the runtime keeps its Blobs. */
async function stage(stream: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<ByteSource> {
  const temporary = await temporaryFile();
  if (temporary === undefined) {
    const parts: Blob[] = [];
    // A Blob for each piece: browsers move large ones out of memory.
    for await (const piece of stream) parts.push(new Blob([checked(piece)]));
    return blobSource(new Blob(parts));
  }
  const { file, remove } = temporary;
  try {
    let size = 0;
    for await (const piece of stream) {
      for (let done = 0; done < checked(piece).length;) {
        const { bytesWritten } = await file.write(piece, done, piece.length - done, size + done);
        done += bytesWritten;
      }
      size += piece.length;
    }
    return fileSource(file, size, remove);
  } catch (error) {
    await remove();
    throw error;
  }
}

function checked(piece: unknown): Uint8Array<ArrayBuffer> {
  if (!(piece instanceof Uint8Array)) {
    throw new TypeError(`Expected the stream to give bytes but found ${show(piece)}`);
  }
  return piece as Uint8Array<ArrayBuffer>;
}

async function* values<T>(stream: ReadableStream<T>): AsyncGenerator<T> {
  const reader = stream.getReader();
  let done = false;
  try {
    for (;;) {
      const result = await reader.read();
      done = result.done;
      if (result.done) return;
      yield result.value;
    }
  } finally {
    // Not all browsers can iterate a stream; one that is left early is not needed any more.
    if (!done) await reader.cancel().catch(() => {});
    reader.releaseLock();
  }
}

/**
 * Opens `source`; the caller closes it. Paths are for Deno, Node and Bun. A stream
 * is read to its end first.
 *
 * @throws {TypeError} Where a path is given and the runtime has no files, or the source is none of the three.
 */
export async function openSource(source: WeightSource): Promise<ByteSource> {
  if (typeof source === "string") return await openPath(source);
  if (source instanceof Blob) return blobSource(source);
  if (source instanceof ReadableStream) return await stage(values(source));
  throw new TypeError(`Expected weights to be a path, a Blob or a stream but found ${show(source)}`);
}
