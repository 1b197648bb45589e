import type { GrowingBytes } from "./growingBytes.ts";
import { CodedRows } from "./parquetCodes.ts";
import {
  type ColumnBuilder,
  ENCODING,
  type EncodedColumn,
  encodePage,
  indexWidth,
  Levels,
  PHYSICAL,
  type Scratch,
} from "./parquetPage.ts";
import { NULL, type Runs } from "./parquetRuns.ts";
import type { Column } from "./table.ts";

/** Longer bounds are left out of the statistics. */
const LONGEST_BOUND = 256;

/** Text: strings are looked up once a batch and distinct value, never once a row. */
export class TextBuilder implements ColumnBuilder {
  private readonly rows: CodedRows;
  private readonly scratch: Scratch;
  /** Entry of the row group by text. */
  private readonly entryOf = new Map<string, number>();
  private last = "";
  private lastEntry = NULL;

  constructor(groupRows: number, scratch: Scratch) {
    this.rows = new CodedRows(new Int32Array(groupRows), new Levels(groupRows));
    this.scratch = scratch;
  }

  append(column: Column, from: number, to: number, runs?: Runs): void {
    if (column.type === "dictionary") {
      const { values } = column;
      this.rows.append(column, from, to, runs, (value) => this.entry(values[value]!));
    } else if (column.type === "string") {
      for (let i = from; i < to; i++) this.rows.add(this.entry(column.values[i]!));
    }
  }

  private entry(text: string): number {
    if (text === "") return NULL;
    // Chromosomes, and half of all alleles, are the same as the one before.
    if (text === this.last) return this.lastEntry;
    let entry = this.entryOf.get(text);
    if (entry === undefined) {
      entry = this.entryOf.size;
      this.entryOf.set(text, entry);
    }
    this.last = text;
    this.lastEntry = entry;
    return entry;
  }

  encode(): EncodedColumn {
    const { scratch, rows } = this;
    const { codes, count, levels } = rows;
    const { dictionary } = scratch;
    const entries = this.entryOf.size;
    const starts = this.writeEntries(dictionary);
    const coded = dictionary.length + (count * indexWidth(entries)) / 8;
    const pays = entries > 0 && coded < this.plainBytes(starts, coded);
    const gathered = {
      physical: PHYSICAL.string,
      levels,
      count,
      coded: pays ? { codes, entries } : undefined,
      encoding: ENCODING.plain,
      ...textBounds(dictionary.bytes, starts, entries),
    };
    const encoded = encodePage(scratch, gathered, (page) => {
      for (let i = 0; i < count; i++) {
        const entry = codes[i]!;
        page.append(dictionary.bytes.subarray(starts[entry]!, starts[entry + 1]!));
      }
      return undefined;
    });
    this.entryOf.clear();
    this.last = "";
    this.lastEntry = NULL;
    rows.clear();
    return encoded;
  }

  /** Bytes of the rows without a dictionary, or a lower bound of them that is above `enough`. */
  private plainBytes(starts: Uint32Array, enough: number): number {
    const { codes, count } = this.rows;
    // A length of four bytes, and at least one of text.
    if (5 * count > enough) return 5 * count;
    let bytes = 0;
    for (let i = 0; i < count; i++) {
      const entry = codes[i]!;
      bytes += starts[entry + 1]! - starts[entry]!;
    }
    return bytes;
  }

  /** Writes length and UTF-8 of each entry; where each starts, and the end. */
  private writeEntries(out: GrowingBytes): Uint32Array {
    const starts = new Uint32Array(this.entryOf.size + 1);
    let e = 0;
    out.clear();
    for (const text of this.entryOf.keys()) {
      starts[e++] = out.length;
      const at = out.length;
      out.uint32(0);
      out.setUint32(at, out.text(text));
    }
    starts[e] = out.length;
    return starts;
  }
}

/** Least and greatest entry in the order of UTF-8 bytes, which is the format's. */
function textBounds(
  bytes: Uint8Array,
  starts: Uint32Array,
  entries: number,
): { min: Uint8Array | undefined; max: Uint8Array | undefined } {
  if (entries === 0) return { min: undefined, max: undefined };
  const entry = (e: number): Uint8Array => bytes.subarray(starts[e]! + 4, starts[e + 1]!);
  let min = entry(0);
  let max = min;
  for (let e = 1; e < entries; e++) {
    const value = entry(e);
    if (compareBytes(value, min) < 0) min = value;
    else if (compareBytes(value, max) > 0) max = value;
  }
  if (min.length > LONGEST_BOUND || max.length > LONGEST_BOUND) return { min: undefined, max: undefined };
  return { min: min.slice(), max: max.slice() };
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
