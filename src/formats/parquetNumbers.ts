import { writeDelta } from "./parquetDelta.ts";
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
import type { Column, SchemaColumn } from "./table.ts";

type Numbers = Float64Array | Int32Array;

/**
 * Doubles and int32s: a dictionary where it pays (allele frequencies, counts, positions), else PLAIN.
 * Values are numbered as they come; with the first that is one too many for a dictionary to pay, the row
 * group goes on as plain values. A column whose schema names an encoding is never numbered.
 */
export class NumberBuilder implements ColumnBuilder {
  /** Plain values, or in the same memory the codes of the values so far. */
  private readonly values: Numbers;
  private readonly codes: Uint32Array;
  private readonly distinct: DistinctNumbers;
  private readonly entryOf = new EntryMap();
  private readonly levels: Levels;
  private readonly scratch: Scratch;
  private readonly wide: boolean;
  private count = 0;
  private readonly known: SchemaColumn["encoding"];
  private coded: boolean;

  constructor({ type, encoding }: SchemaColumn, groupRows: number, scratch: Scratch) {
    this.wide = type === "double";
    this.values = numbers(this.wide, groupRows);
    this.codes = new Uint32Array(this.values.buffer);
    this.known = encoding;
    this.coded = encoding === undefined;
    this.distinct = new DistinctNumbers(this.wide, this.coded ? this.limit(groupRows) : 0);
    this.levels = new Levels(groupRows);
    this.scratch = scratch;
  }

  append(column: Column, from: number, to: number): void {
    if (column.type !== "double" && column.type !== "int32") return;
    const { values, index } = column;
    // NaN equals nothing, itself included: nulls of doubles are found by that.
    const missing = column.type === "int32" ? column.missing : undefined;
    let at = from;
    if (this.coded) {
      if (index !== undefined) this.entryOf.follow(values);
      while (at < to && this.coded) {
        at =
          index === undefined
            ? this.appendDistinct(values, missing, at, to)
            : this.appendEntries(values, index, missing, at, to);
      }
    }
    if (at < to) this.appendPlain(values, index, missing, at, to);
  }

  /** Rows as codes of values looked up once each; where it stopped: at the end or when {@link coded} ended. */
  private appendEntries(
    values: Numbers,
    index: Uint32Array,
    missing: number | undefined,
    from: number,
    to: number,
  ): number {
    const { entries } = this.entryOf;
    const { codes } = this;
    const words = wordsOf(values);
    let i = from;
    while (i < to) {
      const start = i;
      let { count } = this;
      let entry = 0;
      for (; i < to; i++) {
        entry = entries[index[i]!]!;
        if (entry < 0) break;
        codes[count++] = entry;
      }
      this.count = count;
      this.levels.addPresent(i - start);
      if (i === to) break;
      if (entry === UNKNOWN) {
        const value = values[index[i]!]!;
        entry = value === missing || Number.isNaN(value) ? NULL : this.distinct.entry(words, index[i]!);
        if (entry === UNKNOWN) {
          this.becomePlain();
          return i;
        }
        entries[index[i]!] = entry;
      }
      if (entry === NULL) {
        this.levels.addNull();
        i++;
      }
    }
    return i;
  }

  /** The same for values that come one a row. */
  private appendDistinct(values: Numbers, missing: number | undefined, from: number, to: number): number {
    const words = wordsOf(values);
    for (let i = from; i < to; i++) {
      const value = values[i]!;
      if (value === missing || Number.isNaN(value)) {
        this.levels.addNull();
        continue;
      }
      const entry = this.distinct.entry(words, i);
      if (entry === UNKNOWN) {
        this.becomePlain();
        return i;
      }
      this.codes[this.count++] = entry;
      this.levels.addPresent(1);
    }
    return to;
  }

  private appendPlain(
    values: Numbers,
    index: Uint32Array | undefined,
    missing: number | undefined,
    from: number,
    to: number,
  ): void {
    const out = this.values;
    let { count } = this;
    let start = count;
    if (index === undefined) {
      const run = values.subarray(from, to);
      if (!run.includes(missing ?? Number.NaN)) {
        out.set(run, count);
        this.count += run.length;
        this.levels.addPresent(run.length);
        return;
      }
    }
    for (let i = from; i < to; i++) {
      const value = values[index === undefined ? i : index[i]!]!;
      if (value === missing || Number.isNaN(value)) {
        this.levels.addPresent(count - start);
        start = count;
        this.levels.addNull();
      } else out[count++] = value;
    }
    this.levels.addPresent(count - start);
    this.count = count;
  }

  /** Codes to values in place, from the end: a value lies where only codes already read were. */
  private becomePlain(): void {
    const { values, codes, distinct } = this;
    for (let i = this.count - 1; i >= 0; i--) values[i] = distinct.values[codes[i]!]!;
    this.coded = false;
  }

  /** Past this many entries a dictionary cannot save much, and giving up early keeps random columns cheap. */
  private limit(count: number): number {
    return Math.min(1 << 16, this.wide ? count >> 3 : count >> 1);
  }

  encode(): EncodedColumn {
    const { count, wide, distinct, scratch } = this;
    const size = wide ? 8 : 4;
    const entries = distinct.count;
    const pays =
      this.coded &&
      entries > 0 &&
      entries <= this.limit(count) &&
      entries * size + (count * indexWidth(entries)) / 8 < 0.75 * count * size;
    if (pays) {
      scratch.dictionary.clear();
      scratch.dictionary.append(distinct.bytes());
    } else if (this.coded) this.becomePlain();
    const { min, max } = boundsOf(
      pays ? distinct.values.subarray(0, entries) : this.values.subarray(0, count),
    );
    // The encoding of no values at all is one that every reader has.
    const delta = this.known === "delta" && !wide && count > 0;
    const gathered = {
      physical: wide ? PHYSICAL.double : PHYSICAL.int32,
      levels: this.levels,
      count,
      coded: pays ? { codes: this.codes, entries } : undefined,
      encoding: delta ? ENCODING.delta : ENCODING.plain,
      ...{ min, max },
    };
    const { values } = this;
    const encoded = encodePage(scratch, gathered, (page) => {
      if (delta) writeDelta(page, values, count);
      else page.append(new Uint8Array(values.buffer, 0, count * size));
    });
    this.count = 0;
    this.coded = this.known === undefined;
    distinct.clear();
    this.entryOf.forget();
    return encoded;
  }
}

/** Numbers the distinct values in order of appearance, by their bits. */
class DistinctNumbers {
  readonly values: Numbers;
  count = 0;
  private readonly words: Uint32Array;
  private readonly slots: Int32Array;
  private readonly wide: boolean;
  private readonly limit: number;

  constructor(wide: boolean, limit: number) {
    this.wide = wide;
    this.limit = limit;
    this.values = numbers(wide, limit);
    this.words = new Uint32Array(this.values.buffer);
    // Load at most a half.
    this.slots = new Int32Array(4 << (31 - Math.clz32(Math.max(limit, 1)))).fill(UNKNOWN);
  }

  /** The number of value `i`, whose bits are in `words`; {@link UNKNOWN} when it would be one too many. */
  entry(words: Uint32Array, i: number): number {
    const { slots, wide } = this;
    const low = wide ? words[2 * i]! : words[i]!;
    const high = wide ? words[2 * i + 1]! : 0;
    const mask = slots.length - 1;
    let hash = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    let slot = (hash ^ (hash >>> 13)) & mask;
    for (;;) {
      const entry = slots[slot]!;
      if (entry < 0) {
        if (this.count === this.limit) return UNKNOWN;
        slots[slot] = this.count;
        if (wide) this.words[2 * this.count + 1] = high;
        this.words[wide ? 2 * this.count : this.count] = low;
        return this.count++;
      }
      const same = wide
        ? this.words[2 * entry] === low && this.words[2 * entry + 1] === high
        : this.words[entry] === low;
      if (same) return entry;
      slot = (slot + 1) & mask;
    }
  }

  bytes(): Uint8Array {
    return new Uint8Array(this.values.buffer, 0, this.count * this.values.BYTES_PER_ELEMENT);
  }

  clear(): void {
    this.count = 0;
    this.slots.fill(UNKNOWN);
  }
}

function numbers(wide: boolean, length: number): Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer> {
  return wide ? new Float64Array(length) : new Int32Array(length);
}

function wordsOf({ buffer, byteOffset, byteLength }: Numbers): Uint32Array {
  return new Uint32Array(buffer, byteOffset, byteLength / 4);
}

/** Least and greatest of `values`, as PLAIN bytes. */
function boundsOf(values: Numbers): { min: Uint8Array | undefined; max: Uint8Array | undefined } {
  if (values.length === 0) return { min: undefined, max: undefined };
  let min = values[0]!;
  let max = min;
  for (let i = 1; i < values.length; i++) {
    const value = values[i]!;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  // The format wants -0 as a lower and +0 as an upper bound.
  const wide = values instanceof Float64Array;
  const out = wide ? Float64Array.of(min === 0 ? -0 : min, max === 0 ? 0 : max) : Int32Array.of(min, max);
  const bytes = new Uint8Array(out.buffer);
  const half = bytes.length / 2;
  return { min: bytes.subarray(0, half), max: bytes.subarray(half) };
}
