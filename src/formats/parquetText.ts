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
  /** Text by entry. */
  private readonly texts: string[] = [];
  private lastEntry = 0;

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
    const { texts, lastEntry } = this;
    // Chromosomes, and half of all alleles, are the same as the one before; variants of a window come again in the order in which they came first.
    if (text === texts[lastEntry]) return lastEntry;
    if (text === texts[lastEntry + 1]) return ++this.lastEntry;
    let entry = this.entryOf.get(text);
    if (entry === undefined) {
      entry = texts.length;
      this.entryOf.set(text, entry);
      texts.push(text);
    }
    this.lastEntry = entry;
    return entry;
  }

  encode(): EncodedColumn {
    const { scratch, rows } = this;
    const { codes, count, levels } = rows;
    const { dictionary } = scratch;
    const entries = this.texts.length;
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
    this.texts.length = 0;
    this.lastEntry = 0;
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
    const { texts } = this;
    const starts = new Uint32Array(texts.length + 1);
    out.clear();
    for (let e = 0; e < texts.length; e++) {
      const at = out.length;
      starts[e] = at;
      out.uint32(0);
      out.setUint32(at, out.text(texts[e]!));
    }
    starts[texts.length] = out.length;
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
  let min = 0;
  let max = 0;
  for (let e = 1; e < entries; e++) {
    if (compareEntries(bytes, starts, e, min) < 0) min = e;
    else if (compareEntries(bytes, starts, e, max) > 0) max = e;
  }
  const entry = (e: number): Uint8Array => bytes.slice(starts[e]! + 4, starts[e + 1]!);
  const bounds = { min: entry(min), max: entry(max) };
  const long = bounds.min.length > LONGEST_BOUND || bounds.max.length > LONGEST_BOUND;
  return long ? { min: undefined, max: undefined } : bounds;
}

/** In place: a view an entry would take longer than the comparison. */
function compareEntries(bytes: Uint8Array, starts: Uint32Array, a: number, b: number): number {
  const aStart = starts[a]! + 4;
  const bStart = starts[b]! + 4;
  const aLength = starts[a + 1]! - aStart;
  const bLength = starts[b + 1]! - bStart;
  const length = Math.min(aLength, bLength);
  for (let i = 0; i < length; i++) {
    const difference = bytes[aStart + i]! - bytes[bStart + i]!;
    if (difference !== 0) return difference;
  }
  return aLength - bLength;
}
