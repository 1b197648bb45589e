import { GrowingBytes } from "./growingBytes.ts";
import type { Runs } from "./parquetRuns.ts";
import type { Column } from "./table.ts";

/** Parquet's numbers for the physical types and encodings used here. */
export const PHYSICAL = { int32: 1, double: 5, string: 6 } as const;
export const ENCODING = { plain: 0, rle: 3, delta: 5, rleDictionary: 8 } as const;

/** The values of one column chunk, ready to be put into pages. Valid until the builder's next `append`. */
export interface EncodedColumn {
  readonly physical: number;
  readonly encoding: number;
  /** PLAIN values of the dictionary page, where the encoding is RLE_DICTIONARY. */
  readonly dictionary: Uint8Array | undefined;
  readonly dictionaryEntries: number;
  /** Definition levels (RLE hybrid, one bit) with their length in front, then the values. */
  readonly page: Uint8Array;
  /** The values, where they are doubles that are written as they lie in memory: they follow the page and are not compressed. */
  readonly behind: Uint8Array | undefined;
  readonly nulls: number;
  /** Bounds as PLAIN bytes, without a length; absent where all values are null. */
  readonly min: Uint8Array | undefined;
  readonly max: Uint8Array | undefined;
}

/** Gathers the rows of one column of one row group. */
export interface ColumnBuilder {
  /** Takes rows `from` to `to`; `runs` are those of the column's index, where it has long ones. */
  append(column: Column, from: number, to: number, runs?: Runs): void;
  /** Encodes what was gathered and starts anew. */
  encode(): EncodedColumn;
}

/** Work space that the columns of a writer share, since they are encoded one after the other. */
export class Scratch {
  readonly page = new GrowingBytes(1 << 20);
  readonly dictionary = new GrowingBytes(1 << 16);
}

/** What a builder has gathered of a column chunk. */
export interface Gathered {
  readonly physical: number;
  readonly levels: Levels;
  readonly count: number;
  /** Where a dictionary pays: the entries of the `count` values, and the PLAIN dictionary in the scratch space. */
  readonly coded: { readonly codes: Int32Array; readonly entries: number } | undefined;
  /** What the values are written as where no dictionary pays. */
  readonly encoding: typeof ENCODING.plain | typeof ENCODING.delta;
  readonly min: Uint8Array | undefined;
  readonly max: Uint8Array | undefined;
}

/**
 * Puts the page of a column chunk together: levels, then codes or what `write` makes of the values. What it returns is
 * `behind` the page.
 */
export function encodePage(
  { page, dictionary }: Scratch,
  { physical, levels, count, coded, encoding, min, max }: Gathered,
  write: (page: GrowingBytes) => Uint8Array | undefined,
): EncodedColumn {
  const { nulls } = levels;
  levels.write(page);
  levels.clear();
  let behind: Uint8Array | undefined;
  if (coded === undefined) behind = write(page);
  else {
    const width = storedWidth(coded.entries);
    page.byte(width);
    writeHybrid(page, coded.codes, count, width);
  }
  return {
    physical,
    encoding: coded === undefined ? encoding : ENCODING.rleDictionary,
    dictionary: coded && dictionary.content(),
    dictionaryEntries: coded?.entries ?? 0,
    page: page.content(),
    behind,
    nulls,
    min,
    max,
  };
}

/**
 * Parquet's hybrid of runs and bit-packed groups of eight. `width` is at most 32, `count` values are taken.
 * https://parquet.apache.org/docs/file-format/data-pages/encodings/
 */
export function writeHybrid(out: GrowingBytes, values: Int32Array, count: number, width: number): void {
  let packedFrom = 0;
  let i = 0;
  while (i < count) {
    const end = runEnd(values, i, count);
    if (end - i < 8) {
      i += 8;
      continue;
    }
    packGroups(out, values, packedFrom, i, count, width);
    writeRun(out, values[i]!, end - i, width);
    i = end;
    packedFrom = end;
  }
  packGroups(out, values, packedFrom, i, count, width);
}

/** Where the run of equal values that starts at `from` ends. */
function runEnd(values: Int32Array, from: number, count: number): number {
  const value = values[from]!;
  let end = from + 1;
  while (end < count && values[end] === value) end++;
  return end;
}

/** Bit-packs values `from` to `to` in groups of eight, zeros past `count`. */
function packGroups(
  out: GrowingBytes,
  values: Int32Array,
  from: number,
  to: number,
  count: number,
  width: number,
): void {
  const groups = (to - from + 7) >> 3;
  if (groups === 0) return;
  out.varint((groups << 1) | 1);
  if (width !== 8 && width !== 16) {
    packBits(out, values, from, groups * 8, count, width);
    return;
  }
  // Eight values of `width` bits a group.
  const bytes = groups * width;
  out.ensure(bytes);
  const at = out.length;
  const end = Math.min(to, count);
  if (width === 8) for (let i = from; i < end; i++) out.bytes[at + i - from] = values[i]!;
  else writeWords(out.bytes, at, values, from, end);
  out.bytes.fill(0, at + ((end - from) * width) / 8, at + bytes);
  out.length = at + bytes;
}

function writeWords(bytes: Uint8Array, at: number, values: Int32Array, from: number, to: number): void {
  let next = at;
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    bytes[next++] = value;
    bytes[next++] = value >>> 8;
  }
}

/** Bit-packs `rows` (a multiple of 8) of `values` from `from` on, lowest bits first; zeros from `end` on. */
export function packBits(
  out: GrowingBytes,
  values: Int32Array,
  from: number,
  rows: number,
  end: number,
  width: number,
): void {
  out.ensure((rows / 8) * width);
  const { bytes } = out;
  let at = out.length;
  let word = 0;
  let filled = 0;
  for (let i = from; i < from + rows; i++) {
    const value = i < end ? values[i]! : 0;
    word |= value << filled;
    filled += width;
    if (filled < 32) continue;
    bytes[at] = word;
    bytes[at + 1] = word >>> 8;
    bytes[at + 2] = word >>> 16;
    bytes[at + 3] = word >>> 24;
    at += 4;
    filled -= 32;
    // What of the value did not fit; a shift by 32 would be one by 0.
    word = filled === 0 ? 0 : value >>> (width - filled);
  }
  for (; filled > 0; filled -= 8) {
    bytes[at++] = word;
    word >>>= 8;
  }
  out.length = at;
}

function writeRun(out: GrowingBytes, value: number, rows: number, width: number): void {
  out.varint(rows << 1);
  for (let bit = 0; bit < width; bit += 8) out.byte((value >>> bit) & 0xff);
}

/**
 * Bits that an index is written with: whole bytes. The windows of neighbouring genes repeat most of each other's
 * indices, which Snappy, that sees bytes, finds then; and bytes are copied where bits would have to be packed.
 */
function storedWidth(entries: number): number {
  return entries <= 1 << 8 ? 8 : entries <= 1 << 16 ? 16 : indexWidth(entries);
}

/** Bits that a dictionary index takes; never 0, which some readers do not take. */
export function indexWidth(entries: number): number {
  return Math.max(1, 32 - Math.clz32(entries - 1));
}

/** Which rows hold a value, and the page's definition levels made of that. */
export class Levels {
  /** By row, from the first null of the row group on: most columns have none. */
  private present = new Int32Array(0);
  private readonly groupRows: number;
  private rows = 0;
  nulls = 0;

  constructor(groupRows: number) {
    this.groupRows = groupRows;
  }

  addPresent(rows: number): void {
    if (this.nulls > 0) this.present.fill(1, this.rows, this.rows + rows);
    this.rows += rows;
  }

  addNull(): void {
    if (this.nulls++ === 0) {
      if (this.present.length === 0) this.present = new Int32Array(this.groupRows);
      this.present.fill(1, 0, this.rows);
    }
    this.present[this.rows++] = 0;
  }

  /** Starts `out` with the levels of the rows gathered. */
  write(out: GrowingBytes): void {
    out.clear();
    out.uint32(0);
    if (this.nulls === 0) writeRun(out, 1, this.rows, 1);
    else writeHybrid(out, this.present, this.rows, 1);
    out.setUint32(0, out.length - 4);
  }

  clear(): void {
    this.rows = 0;
    this.nulls = 0;
  }
}
