import type { GrowingBytes } from "./growingBytes.ts";

/** Entries of the table of places by hash: what stays in a core's own cache. */
const HASH_BITS = 14;
/** A copy reaches back this far at most, as every known writer has it. */
const MAX_OFFSET = 0xffff;
/** Matches are not looked for in the last bytes, so that words can be read without care. */
const MARGIN = 15;
/** The longest copy of one element. */
const LONGEST_COPY = 64;
/** Literals of up to this many bytes have their length in the tag. */
const SHORT_LITERAL = 60;

/** Kept, since it is filled anew for each page. */
const places = new Int32Array(1 << HASH_BITS);

/**
 * Appends `input` as a Snappy block: matches of four bytes and more, found by the hash of their first four, first come. The bytes
 * depend on `input` alone. Words are compared where one byte at a time would do, since a page of dictionary indices is for the
 * most part one long match after another (the windows of neighbouring genes).
 * https://github.com/google/snappy/blob/main/format_description.txt
 */
export function snappyCompress(out: GrowingBytes, input: Uint8Array): void {
  const { length } = input;
  out.ensure(longestBlock(length));
  out.varint(length);
  const { bytes } = out;
  let at = out.length;
  let emitted = 0;
  if (length >= MARGIN) {
    const words = new DataView(input.buffer, input.byteOffset, length);
    const limit = length - MARGIN;
    places.fill(0);
    let misses = 32;
    for (let here = 1; here <= limit; ) {
      const word = words.getInt32(here, true);
      const slot = slotOf(word);
      let there = places[slot]!;
      places[slot] = here;
      if (here - there > MAX_OFFSET || words.getInt32(there, true) !== word) {
        // The longer nothing is found, the larger the steps.
        here += misses++ >>> 5;
        continue;
      }
      misses = 32;
      const end = matchEnd(words, there + 4, here + 4);
      // What a step has passed over.
      while (here > emitted && there > 0 && input[here - 1] === input[there - 1]) {
        here--;
        there--;
      }
      if (here > emitted) at = writeLiteral(bytes, at, input, emitted, here);
      at = writeCopy(bytes, at, here - there, end - here);
      if (end <= limit) places[slotOf(words.getInt32(end - 1, true))] = end - 1;
      here = end;
      emitted = end;
    }
  }
  if (emitted < length) at = writeLiteral(bytes, at, input, emitted, length);
  out.length = at;
}

/** Bytes that a block of `length` bytes takes at most, its length in front counted in. */
function longestBlock(length: number): number {
  return 32 + length + Math.ceil(length / 6);
}

/** The hash of a word, as the format's own library has it. */
function slotOf(word: number): number {
  return Math.imul(word, 0x1e35a7bd) >>> (32 - HASH_BITS);
}

/** Where the bytes at `here` and on stop to be those at `there` and on. */
function matchEnd(words: DataView, there: number, here: number): number {
  const last = words.byteLength - 4;
  const back = here - there;
  let end = here;
  while (end <= last) {
    const difference = words.getInt32(end, true) ^ words.getInt32(end - back, true);
    // The lowest bit that differs lies in the first byte that does.
    if (difference !== 0) return end + ((31 - Math.clz32(difference & -difference)) >>> 3);
    end += 4;
  }
  while (end < words.byteLength && words.getUint8(end) === words.getUint8(end - back)) end++;
  return end;
}

function writeLiteral(out: Uint8Array, from: number, input: Uint8Array, start: number, end: number): number {
  const rest = end - start - 1;
  let at = from;
  if (rest < SHORT_LITERAL) out[at++] = rest << 2;
  else {
    const size = rest < 1 << 8 ? 1 : rest < 1 << 16 ? 2 : rest < 1 << 24 ? 3 : 4;
    out[at++] = (SHORT_LITERAL - 1 + size) << 2;
    for (let i = 0; i < size; i++) out[at++] = rest >>> (8 * i);
  }
  if (rest >= SHORT_LITERAL) {
    out.set(input.subarray(start, end), at);
    return at + rest + 1;
  }
  for (let i = start; i < end; i++) out[at++] = input[i]!;
  return at;
}

/** Elements of at most 64 bytes, none shorter than 4. */
function writeCopy(out: Uint8Array, from: number, offset: number, length: number): number {
  let at = from;
  let left = length;
  while (left > 0) {
    const size = left <= LONGEST_COPY ? left : left < LONGEST_COPY + 4 ? LONGEST_COPY - 4 : LONGEST_COPY;
    if (size < 12 && offset < 1 << 11) {
      out[at++] = 1 | ((size - 4) << 2) | ((offset >>> 8) << 5);
      out[at++] = offset;
    } else {
      out[at++] = 2 | ((size - 1) << 2);
      out[at++] = offset;
      out[at++] = offset >>> 8;
    }
    left -= size;
  }
  return at;
}
