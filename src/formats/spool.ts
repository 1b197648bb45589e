import { InputError } from "../errors.ts";
import type { ByteSource } from "./source.ts";

/**
 * A temporary store: written once from front to back, then read in any order. Handed in by the edge: a file
 * that the system forgets on Node, memory in a page and in tests.
 */
export interface Spool {
  /** Adds bytes, which may be changed once the promise has resolved. */
  append(bytes: Uint8Array): Promise<void>;
  /** Exactly the bytes `start` to `end` of what was appended. */
  read(start: number, end: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

export type OpenSpool = () => Promise<Spool>;

/** A {@link Spool} in memory. */
export const memorySpool: OpenSpool = async () => {
  let bytes = new Uint8Array(1 << 12);
  let size = 0;
  return {
    async append(more) {
      if (size + more.length > bytes.length) {
        const larger = new Uint8Array(Math.max(2 * bytes.length, size + more.length));
        larger.set(bytes.subarray(0, size));
        bytes = larger;
      }
      bytes.set(more, size);
      size += more.length;
    },
    async read(start, end) {
      if (!(start >= 0 && start <= end && end <= size)) {
        throw new InputError("spool", `bytes ${start}-${end} asked of ${size} bytes`);
      }
      return bytes.slice(start, end);
    },
    async close() {
      bytes = new Uint8Array(0);
      size = 0;
    },
  };
};

/** A spool to which all has been appended, as a source of `size` bytes; `name` is what messages call it. */
export function spooledSource(spool: Spool, size: number, name: string): ByteSource {
  return { name, size, read: (start, end) => spool.read(start, end) };
}
