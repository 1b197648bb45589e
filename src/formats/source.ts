import { InputError, throwIfAborted } from "../errors.ts";

/**
 * All reading goes through this: a file, a Blob or an array of bytes. `read` returns exactly
 * `end - start` bytes (0 <= start <= end <= size) or throws {@link InputError}.
 */
export interface ByteSource {
  /** What messages call it: the path, or the file's name. */
  readonly name: string;
  readonly size: number;
  read(start: number, end: number): Promise<Uint8Array>;
  /** The same bytes from `start` on, as many as `into` has room for, where a reader uses its memory again. */
  readInto?(into: Uint8Array, start: number): Promise<void>;
  /** The same bytes as a whole, where a browser has them as that: to be handed on without being read. */
  readonly blob?: Blob;
}

/** Fills `into` with the bytes of `source` from `start` on. */
export async function readInto(source: ByteSource, into: Uint8Array, start: number): Promise<void> {
  if (source.readInto !== undefined) await source.readInto(into, start);
  else into.set(await source.read(start, start + into.length));
}

/**
 * Decompresses gzip of any number of members (BGZF too). Handed in by the edge (Node or page),
 * since neither platform's own decompressor runs on the other. Throws {@link InputError} naming `name`.
 */
export type Inflate = (chunks: AsyncIterable<Uint8Array>, name: string) => AsyncIterable<Uint8Array>;

/** A {@link ByteSource} over bytes in memory. */
export function bytesSource(bytes: Uint8Array, name: string): ByteSource {
  return {
    name,
    size: bytes.length,
    async read(start, end) {
      if (start < 0 || end > bytes.length || start > end) {
        throw new InputError(name, `bytes ${start}-${end} asked of a file of ${bytes.length} bytes`);
      }
      return bytes.subarray(start, end);
    },
  };
}

/** `source` until `signal` fires: every reader then ends with its next piece, by CancelledError. */
export function cancellable(source: ByteSource, signal: AbortSignal): ByteSource {
  return {
    name: source.name,
    size: source.size,
    read: async (start, end) => {
      throwIfAborted(signal);
      return source.read(start, end);
    },
    readInto: async (into, start) => {
      throwIfAborted(signal);
      await readInto(source, into, start);
    },
  };
}

/** A {@link ByteSource} over a browser File or Blob. */
export function blobSource(blob: Blob, name = "name" in blob ? String(blob.name) : "blob"): ByteSource {
  return {
    name,
    size: blob.size,
    blob,
    async read(start, end) {
      const bytes = new Uint8Array(await blob.slice(start, end).arrayBuffer());
      if (bytes.length !== end - start) {
        throw new InputError(name, `ended at byte ${start + bytes.length}, ${end} expected`);
      }
      return bytes;
    },
  };
}
