import type { GrowingBytes } from "./growingBytes.ts";
import {
  type ColumnBuilder,
  ENCODING,
  type EncodedColumn,
  EntryMap,
  encodePage,
  indexWidth,
  Levels,
  NULL,
  PHYSICAL,
  type Scratch,
  UNKNOWN,
} from "./parquetPage.ts";
import type { Column } from "./table.ts";

/** Longer bounds are left out of the statistics. */
const LONGEST_BOUND = 256;

/** Text: strings are looked up once a batch and distinct value, never once a row. */
export class TextBuilder implements ColumnBuilder {
  private readonly codes: Uint32Array;
  private readonly levels: Levels;
  private readonly scratch: Scratch;
  /** Entry of the row group by text. */
  private readonly entryOf = new Map<string, number>();
  private readonly entryAt = new EntryMap();
  private count = 0;

  constructor(groupRows: number, scratch: Scratch) {
    this.codes = new Uint32Array(groupRows);
    this.levels = new Levels(groupRows);
    this.scratch = scratch;
  }

  append(column: Column, from: number, to: number): void {
    if (column.type === "dictionary") this.appendEntries(column.values, column.index, from, to);
    else if (column.type === "string") {
      for (let i = from; i < to; i++) this.add(this.entry(column.values[i]!));
    }
  }

  private appendEntries(values: readonly string[], index: Uint32Array, from: number, to: number): void {
    this.entryAt.follow(values);
    const { entries } = this.entryAt;
    const { codes } = this;
    let i = from;
    while (i < to) {
      const start = i;
      let { count } = this;
      for (; i < to; i++) {
        const entry = entries[index[i]!]!;
        if (entry < 0) break;
        codes[count++] = entry;
      }
      this.count = count;
      this.levels.addPresent(i - start);
      if (i === to) return;
      const value = index[i++]!;
      if (entries[value] === UNKNOWN) entries[value] = this.entry(values[value]!);
      this.add(entries[value]!);
    }
  }

  private add(entry: number): void {
    if (entry === NULL) this.levels.addNull();
    else {
      this.codes[this.count++] = entry;
      this.levels.addPresent(1);
    }
  }

  private entry(text: string): number {
    if (text === "") return NULL;
    let entry = this.entryOf.get(text);
    if (entry === undefined) {
      entry = this.entryOf.size;
      this.entryOf.set(text, entry);
    }
    return entry;
  }

  encode(): EncodedColumn {
    const { scratch, codes, count } = this;
    const { dictionary } = scratch;
    const entries = this.entryOf.size;
    const starts = this.writeEntries(dictionary);
    const coded = dictionary.length + (count * indexWidth(entries)) / 8;
    const pays = entries > 0 && coded < this.plainBytes(starts, coded);
    const gathered = {
      physical: PHYSICAL.string,
      levels: this.levels,
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
    });
    this.entryOf.clear();
    this.entryAt.forget();
    this.count = 0;
    return encoded;
  }

  /** Bytes of the rows without a dictionary, or a lower bound of them that is above `enough`. */
  private plainBytes(starts: Uint32Array, enough: number): number {
    // A length of four bytes, and at least one of text.
    if (5 * this.count > enough) return 5 * this.count;
    let bytes = 0;
    for (let i = 0; i < this.count; i++) {
      const entry = this.codes[i]!;
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
