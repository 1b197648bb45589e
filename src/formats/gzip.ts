import { InputError } from "../errors.ts";
import type { ByteSource, Inflate } from "./source.ts";

/**
 * Packed bytes read at once. Small: what lives through two of V8's quick collections waits for a slow one, and with
 * larger pieces the whole packed file did (peak memory grew by its size).
 */
const CHUNK = 1 << 16;

/** The empty block that ends every complete BGZF file (SAM specification, section 4.1.2). */
const BGZF_END = [
  0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 6, 0, 0x42, 0x43, 2, 0, 0x1b, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0,
];

/** Other ways of packing a file, by their first bytes. */
const OTHER_PACKING: readonly (readonly [string, readonly number[]])[] = [
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["bzip2", [0x42, 0x5a, 0x68]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ["zip", [0x50, 0x4b, 3, 4]],
];

/**
 * The decompressed bytes of a gzip file of any number of members, told by its first bytes and not by its
 * name; undefined for a file that is not gzip. Throws {@link InputError} where the name promises gzip and
 * the bytes do not keep it, on other packings, and on BGZF that was cut between two blocks (which no
 * decompressor can see).
 */
export async function gzipBytes(
  source: ByteSource,
  inflate: Inflate,
): Promise<AsyncIterable<Uint8Array> | undefined> {
  const head = await source.read(0, Math.min(18, source.size));
  if (!isGzip(head)) {
    for (const [packing, magic] of OTHER_PACKING) {
      if (startsWith(head, magic)) {
        throw new InputError(source.name, `is packed with ${packing}`, "unpack it, or use gzip or bgzip");
      }
    }
    if (/\.b?gz$/i.test(source.name) && source.size > 0) {
      throw new InputError(
        source.name,
        "not gzip although named .gz",
        "rename it if it is plain text, or compress it with gzip or bgzip",
      );
    }
    return undefined;
  }
  if (isBgzf(head)) await requireBgzfEnd(source);
  return inflate(packedBytes(source), source.name);
}

/** Whether a file that starts with `head` is gzip. */
export function isGzip(head: Uint8Array): boolean {
  return startsWith(head, [0x1f, 0x8b]);
}

/** Whether a file that starts with `head` is blocked gzip (BGZF), so that a place in it can be named. */
export function isBgzf(head: Uint8Array): boolean {
  return head.length >= 18 && (head[3]! & 4) !== 0 && head[12] === 0x42 && head[13] === 0x43;
}

/** Throws {@link InputError} where the block that ends every complete BGZF file is not there. */
export async function requireBgzfEnd(source: ByteSource): Promise<void> {
  const tail = await source.read(Math.max(0, source.size - BGZF_END.length), source.size);
  if (!startsWith(tail, BGZF_END)) {
    throw new InputError(
      source.name,
      "truncated gzip (a BGZF file without its end-of-file block)",
      "copy or compress it again",
    );
  }
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return bytes.length >= magic.length && magic.every((byte, i) => bytes[i] === byte);
}

async function* packedBytes(source: ByteSource): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < source.size; at += CHUNK) {
    yield await source.read(at, Math.min(at + CHUNK, source.size));
  }
}
