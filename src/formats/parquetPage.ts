import { GrowingBytes } from "./growingBytes.ts";
import type { Column } from "./table.ts";

/** Parquet's numbers for the physical types and encodings used here. */
export const PHYSICAL = { int32: 1, double: 5, string: 6 } as const;
export const ENCODING = { plain: 0, rle: 3, rleDictionary: 8 } as const;

/** The values of one column chunk, ready to be put into pages. Valid until the builder's next `append`. */
export interface EncodedColumn {
  readonly physical: number;
  readonly encoding: number;
  /** PLAIN values of the dictionary page, where the encoding is RLE_DICTIONARY. */
  readonly dictionary: Uint8Array | undefined;
  readonly dictionaryEntries: number;
  /** Definition levels (RLE hybrid, one bit) with their length in front, then the values. */
  readonly page: Uint8Array;
  readonly nulls: number;
  /** Bounds as PLAIN bytes, without a length; absent where all values are null. */
  readonly min: Uint8Array | undefined;
  readonly max: Uint8Array | undefined;
}

/** Gathers the rows of one column of one row group. */
export interface ColumnBuilder {
  append(column: Column, from: number, to: number): void;
  /** Encodes what was gathered and starts anew. */
  encode(): EncodedColumn;
}

/** Work space that the columns of a writer share, since they are encoded one after the other. */
export class Scratch {
  readonly page = new GrowingBytes(1 << 20);
  readonly dictionary = new GrowingBytes(1 << 16);
  readonly index: Uint32Array;
  /** Row of the first occurrence of each distinct number. */
  readonly first: Uint32Array;
  readonly slots: Int32Array;

  constructor(groupRows: number) {
    this.index = new Uint32Array(groupRows);
    this.first = new Uint32Array(groupRows);
    // Load at most a half: the next power of two above 2 x (groupRows / 2).
    this.slots = new Int32Array(2 << (31 - Math.clz32(Math.max(groupRows, 1))));
  }
}

/**
 * Parquet's hybrid of runs and bit-packed groups of eight. `width` is at most 24, `count` values are taken.
 * https://parquet.apache.org/docs/file-format/data-pages/encodings/
 */
export function writeHybrid(
  out: GrowingBytes,
  values: Uint32Array | Uint8Array,
  count: number,
  width: number,
): void {
  const runBytes = (width + 7) >> 3;
  let packedFrom = 0;
  let i = 0;
  while (i < count) {
    const value = values[i]!;
    let end = i + 1;
    while (end < count && values[end] === value) end++;
    if (end - i < 8) {
      i += 8;
      continue;
    }
    packGroups(out, values, packedFrom, i, count, width);
    out.varint((end - i) << 1);
    for (let b = 0; b < runBytes; b++) out.byte((value >>> (8 * b)) & 0xff);
    i = end;
    packedFrom = end;
  }
  packGroups(out, values, packedFrom, i, count, width);
}

/** Bit-packs values `from` to `to` in groups of eight, zeros past `count`. */
function packGroups(
  out: GrowingBytes,
  values: Uint32Array | Uint8Array,
  from: number,
  to: number,
  count: number,
  width: number,
): void {
  const groups = (to - from + 7) >> 3;
  if (groups === 0) return;
  out.varint((groups << 1) | 1);
  out.ensure(groups * width);
  const bytes = out.bytes;
  let at = out.length;
  let bits = 0;
  let filled = 0;
  for (let i = from; i < from + groups * 8; i++) {
    if (i < count) bits |= values[i]! << filled;
    filled += width;
    while (filled >= 8) {
      bytes[at++] = bits & 0xff;
      bits >>>= 8;
      filled -= 8;
    }
  }
  out.length = at;
}

/** Bits of a dictionary index; never 0, which some readers do not take. */
export function indexWidth(entries: number): number {
  return Math.max(1, 32 - Math.clz32(entries - 1));
}

/** Which rows hold a value, and the page's definition levels made of that. */
export class Levels {
  private readonly present: Uint8Array;
  rows = 0;
  nulls = 0;

  constructor(groupRows: number) {
    this.present = new Uint8Array(groupRows);
  }

  add(present: boolean): void {
    this.present[this.rows++] = present ? 1 : 0;
    if (!present) this.nulls++;
  }

  /** Starts `out` with the levels of the rows gathered. */
  write(out: GrowingBytes): void {
    out.clear();
    out.uint32(0);
    writeHybrid(out, this.present, this.rows, 1);
    out.setUint32(0, out.length - 4);
  }

  clear(): void {
    this.rows = 0;
    this.nulls = 0;
  }
}
