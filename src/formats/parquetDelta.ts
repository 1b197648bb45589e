import type { GrowingBytes } from "./growingBytes.ts";
import { packBits } from "./parquetPage.ts";

/** Steps a block and a miniblock: the sizes that every known writer takes. */
const BLOCK = 128;
const MINIBLOCK = 32;

/** The steps of the block at hand. */
const steps = new Int32Array(BLOCK);

/**
 * DELTA_BINARY_PACKED of the first `count` (at least 1) of the int32 `values`: the first value, then blocks of
 * steps, each with its least step and 32 at a time in as many bits as their excess over it needs. Steps wrap
 * around at 32 bits, as the values do when they are added up again.
 * https://parquet.apache.org/docs/file-format/data-pages/encodings/
 */
export function writeDelta(out: GrowingBytes, values: Int32Array, count: number): void {
  out.varint(BLOCK);
  out.varint(BLOCK / MINIBLOCK);
  out.varint(count);
  out.varint(zigzag(values[0]!));
  let before = values[0]!;
  for (let from = 1; from < count; from += BLOCK) {
    const length = Math.min(BLOCK, count - from);
    let least = 0x7fffffff;
    for (let i = 0; i < length; i++) {
      const value = values[from + i]!;
      const step = (value - before) | 0;
      before = value;
      steps[i] = step;
      if (step < least) least = step;
    }
    writeBlock(out, length, least);
  }
}

/** The first `length` of `steps`. Miniblocks without any are left out, but for their width. */
function writeBlock(out: GrowingBytes, length: number, least: number): void {
  out.varint(zigzag(least));
  const widths = out.length;
  for (let m = 0; m < BLOCK; m += MINIBLOCK) out.byte(0);
  for (let m = 0; m < length; m += MINIBLOCK) {
    const end = Math.min(length, m + MINIBLOCK);
    let bits = 0;
    for (let i = m; i < end; i++) {
      steps[i]! -= least;
      bits |= steps[i]!;
    }
    const width = 32 - Math.clz32(bits);
    out.bytes[widths + m / MINIBLOCK] = width;
    packBits(out, steps, m, MINIBLOCK, end, width);
  }
}

/** Small numbers of either sign to small ones without. */
function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}
