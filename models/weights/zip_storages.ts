/**
 * The ZIP archives of `torch.save`: `name/data.pkl` and `name/data/0`, `…/1`, …, all of
 * them stored as they are, so that values can be read where they lie.
 *
 * @module
 */
import { type FileEntry, type ReadableReader, ZipReader } from "@zip.js/zip.js/lib/zip-core-reader.js";
import crc32 from "crc-32";
import { show } from "../errors.ts";
import { type ByteSource, readBytes } from "./byte_source.ts";
import type { PieceReader } from "./stored_tensor.ts";

/** A member that is stored as it is. */
export interface Member {
  /** Its length. */
  readonly size: number;
  /**
   * Reads all of it, compares its checksum, and says where in the file it begins.
   *
   * @throws {RangeError} Where it is damaged.
   */
  verify(): Promise<number>;
}

/** The members of an archive of `torch.save`, without the name that all of them begin with. */
export type Members = ReadonlyMap<string, Member>;

/** More than any network has; an entry takes far more memory than it takes bytes. */
const MAX_MEMBERS = 100_000;

/**
 * `source` with the methods of zip.js' own `Reader`, which would bring its writers along. It remembers what reading
 * itself throws: zip.js might pass it on as something else.
 */
class SourceReader implements ReadableReader {
  failure: unknown;
  readonly size: number;

  constructor(readonly source: ByteSource) {
    this.size = source.size;
  }

  get readable(): ReadableStream {
    return this.createReadable();
  }

  /** Members are never read through zip.js: its streams leave behind garbage of several times their size. */
  createReadable(): ReadableStream {
    return new ReadableStream({ start: (controller) => controller.close() });
  }

  async readUint8Array(offset: number, length: number): Promise<Uint8Array> {
    try {
      return await readBytes(this.source, offset, Math.max(0, Math.min(length, this.size - offset)));
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }
}

/** Runs `read`; what zip.js throws becomes an error of this project. */
async function reading<T>(source: SourceReader, what: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (source.failure !== undefined) throw source.failure;
    if (cause instanceof RangeError || cause instanceof TypeError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new RangeError(`Expected ${what} to be whole but found it damaged (${message})`, { cause });
  }
}

function memberOf(entry: FileEntry, zip: SourceReader, reader: PieceReader): Member {
  const { filename, uncompressedSize, compressedSize, compressionMethod, encrypted } = entry;
  if (compressionMethod !== 0 || encrypted || compressedSize !== uncompressedSize) {
    throw new RangeError(
      `Expected ${filename} to be stored as it is, as torch.save() stores it, but found it compressed or encrypted ` +
        `(${compressedSize} bytes that become ${uncompressedSize})`,
    );
  }
  const begin = async () => {
    // Reads the member's own header, and compares its place with those of the others.
    const only = { checkOverlappingEntryOnly: true, useWebWorkers: false };
    await reading(zip, filename, () => entry.getData(new WritableStream(), only));
    const { dataOffset } = entry.localDirectory ?? {};
    if (dataOffset === undefined) throw new RangeError(`Expected ${filename} to have a header but found none`);
    return dataOffset;
  };
  const verify = async () => {
    const at = await begin();
    const expected = entry.signature ?? 0;
    let found = 0;
    await reader.skim(at, uncompressedSize, (piece) => found = crc32.buf(piece, found));
    // None (zero) is what torch.serialization.set_crc32_options(False) writes.
    if (expected !== 0 && expected !== found >>> 0) {
      throw new RangeError(`Expected ${filename} to have the checksum ${expected} but found ${found >>> 0}`);
    }
    return at;
  };
  let verified: Promise<number> | undefined;
  return { size: uncompressedSize, verify: () => verified ??= verify() };
}

/**
 * Lists the members of the archive that `reader` reads; those that are not of `torch.save` are left out.
 *
 * @throws {RangeError} Where it is damaged, compressed or holds no pickle of tensors.
 */
export async function openMembers(reader: PieceReader): Promise<Members> {
  const source = new SourceReader(reader.source);
  const zip = new ZipReader(source);
  const entries = await reading(source, "the ZIP archive", async () => {
    const found = new Map<string, FileEntry>();
    for await (const entry of zip.getEntriesGenerator()) {
      if (entry.directory) continue;
      if (found.has(entry.filename)) {
        throw new RangeError(`Expected ${show(entry.filename)} to be in the archive once but found it twice`);
      }
      found.set(entry.filename, entry);
      if (found.size > MAX_MEMBERS) {
        throw new RangeError(`Expected the archive to hold at most ${MAX_MEMBERS} members but found more`);
      }
    }
    return found;
  });
  const PICKLE = "data.pkl";
  const pickle = [...entries.keys()].find((name) => name === PICKLE || name.endsWith(`/${PICKLE}`));
  if (pickle === undefined) {
    throw new RangeError("Expected the archive to hold data.pkl, as those of torch.save() do, but found none");
  }
  const prefix = pickle.slice(0, -PICKLE.length);
  const members = new Map<string, Member>();
  for (const [name, entry] of entries) {
    const own = name.startsWith(prefix) ? name.slice(prefix.length) : undefined;
    if (own === PICKLE || own === "byteorder" || own?.startsWith("data/")) {
      members.set(own, memberOf(entry, source, reader));
    }
  }
  return members;
}
