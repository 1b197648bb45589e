import type { GrowingBytes } from "./growingBytes.ts";
import {
  type ColumnBuilder,
  ENCODING,
  type EncodedColumn,
  indexWidth,
  Levels,
  PHYSICAL,
  type Scratch,
  writeHybrid,
} from "./parquetPage.ts";
import type { Column } from "./table.ts";

/** Longer bounds are left out of the statistics. */
const LONGEST_BOUND = 256;

/** Text: strings are looked up once a batch and distinct value, never once a row. */
export class TextBuilder implements ColumnBuilder {
  private readonly index: Uint32Array;
  private readonly levels: Levels;
  private readonly scratch: Scratch;
  private readonly entryOf = new Map<string, number>();
  /** From the index of the batch's values to the entry of the row group; -1 unknown, -2 null. */
  private entryOfValue = new Int32Array(0);
  private lastValues: readonly string[] | undefined;
  private count = 0;

  constructor(groupRows: number, scratch: Scratch) {
    this.index = new Uint32Array(groupRows);
    this.levels = new Levels(groupRows);
    this.scratch = scratch;
  }

  append(column: Column, from: number, to: number): void {
    if (column.type === "dictionary") {
      this.follow(column.values);
      for (let i = from; i < to; i++) this.add(this.entryAt(column.values, column.index[i]!));
    } else if (column.type === "string") {
      for (let i = from; i < to; i++) this.add(this.entry(column.values[i]!));
    }
  }

  private add(entry: number): void {
    if (entry >= 0) this.index[this.count++] = entry;
    this.levels.add(entry >= 0);
  }

  private follow(values: readonly string[]): void {
    if (values === this.lastValues) return;
    this.lastValues = values;
    if (this.entryOfValue.length < values.length) this.entryOfValue = new Int32Array(values.length);
    this.entryOfValue.fill(-1);
  }

  private entryAt(values: readonly string[], i: number): number {
    const known = this.entryOfValue[i]!;
    if (known !== -1) return known;
    const entry = this.entry(values[i]!);
    this.entryOfValue[i] = entry;
    return entry;
  }

  private entry(text: string): number {
    if (text === "") return -2;
    let entry = this.entryOf.get(text);
    if (entry === undefined) {
      entry = this.entryOf.size;
      this.entryOf.set(text, entry);
    }
    return entry;
  }

  encode(): EncodedColumn {
    const { page, dictionary } = this.scratch;
    const entries = this.entryOf.size;
    const { nulls } = this.levels;
    const starts = this.writeEntries(dictionary);
    let plainBytes = 0;
    for (let i = 0; i < this.count; i++) {
      const entry = this.index[i]!;
      plainBytes += starts[entry + 1]! - starts[entry]!;
    }
    const width = indexWidth(entries);
    const pays = entries > 0 && dictionary.length + (this.count * width) / 8 < plainBytes;
    this.levels.write(page);
    if (pays) {
      page.byte(width);
      writeHybrid(page, this.index, this.count, width);
    } else {
      for (let i = 0; i < this.count; i++) {
        const entry = this.index[i]!;
        page.append(dictionary.bytes.subarray(starts[entry]!, starts[entry + 1]!));
      }
    }
    const { min, max } = textBounds(dictionary.bytes, starts, entries);
    this.clear();
    return {
      physical: PHYSICAL.string,
      encoding: pays ? ENCODING.rleDictionary : ENCODING.plain,
      dictionary: pays ? dictionary.content() : undefined,
      dictionaryEntries: pays ? entries : 0,
      page: page.content(),
      nulls,
      min,
      max,
    };
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

  private clear(): void {
    this.entryOf.clear();
    this.lastValues = undefined;
    this.count = 0;
    this.levels.clear();
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
