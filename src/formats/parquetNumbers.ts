import { CodedRows } from "./parquetCodes.ts";
import { writeDelta } from "./parquetDelta.ts";
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
import { NULL, type Runs, UNKNOWN } from "./parquetRuns.ts";
import type { Column, SchemaColumn } from "./table.ts";

type Numbers = Float64Array | Int32Array;

const FEWEST_SLOTS = 1024;

/**
 * Doubles and int32s: a dictionary where it pays (allele frequencies, counts, positions), else PLAIN.
 * Values are numbered as they come; with the first that is one too many for a dictionary to pay, the row
 * group goes on as plain values. A column whose schema names an encoding is never numbered.
 */
export class NumberBuilder implements ColumnBuilder {
  /** Plain values, or in the same memory the codes of the values so far. */
  private readonly values: Numbers;
  private readonly rows: CodedRows;
  private readonly distinct: DistinctNumbers;
  private readonly scratch: Scratch;
  private readonly wide: boolean;
  private readonly known: SchemaColumn["encoding"];
  private coded: boolean;
  /** Of the plain values so far: infinite where there is none. */
  private least = Number.POSITIVE_INFINITY;
  private greatest = Number.NEGATIVE_INFINITY;

  constructor({ type, encoding }: SchemaColumn, groupRows: number, scratch: Scratch) {
    this.wide = type === "double";
    this.values = numbers(this.wide, groupRows);
    this.rows = new CodedRows(new Int32Array(this.values.buffer), new Levels(groupRows));
    this.known = encoding;
    this.coded = encoding === undefined;
    this.distinct = new DistinctNumbers(this.wide, this.coded ? this.limit(groupRows) : 0);
    this.scratch = scratch;
  }

  append(column: Column, from: number, to: number, runs?: Runs): void {
    if (column.type !== "double" && column.type !== "int32") return;
    const { values, index } = column;
    // NaN equals nothing, itself included: nulls of doubles are found by that.
    const missing = column.type === "int32" ? column.missing : undefined;
    let at = from;
    if (this.coded) {
      const entryOf = this.entries(values, missing);
      at =
        index === undefined
          ? this.appendDistinct(entryOf, at, to)
          : this.rows.append({ values, index }, at, to, runs, entryOf);
      if (at < to) this.becomePlain();
    }
    if (at < to) this.appendPlain(values, index, missing, at, to);
  }

  /** The entry of one of `values` by its place. */
  private entries(values: Numbers, missing: number | undefined): (value: number) => number {
    const words = wordsOf(values);
    return (at) => {
      const value = values[at]!;
      return value === missing || Number.isNaN(value) ? NULL : this.distinct.entry(words, at);
    };
  }

  /** Rows as codes of values that come one a row; where it stopped: at the end, or before one without an entry. */
  private appendDistinct(entryOf: (value: number) => number, from: number, to: number): number {
    for (let i = from; i < to; i++) {
      const entry = entryOf(i);
      if (entry === UNKNOWN) return i;
      this.rows.add(entry);
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
    const { values: out, rows } = this;
    const { levels } = rows;
    if (index === undefined) {
      const run = values.subarray(from, to);
      const bounds = boundsOf(run, missing);
      if (!bounds.holes) {
        out.set(run, rows.count);
        rows.count += run.length;
        levels.addPresent(run.length);
        this.widen(bounds);
        return;
      }
    }
    const before = rows.count;
    let count = before;
    let start = count;
    for (let i = from; i < to; i++) {
      const value = values[index === undefined ? i : index[i]!]!;
      if (value === missing || Number.isNaN(value)) {
        levels.addPresent(count - start);
        start = count;
        levels.addNull();
      } else out[count++] = value;
    }
    levels.addPresent(count - start);
    rows.count = count;
    this.widen(boundsOf(out.subarray(before, count), undefined));
  }

  private widen({ min, max }: Bounds): void {
    if (min < this.least) this.least = min;
    if (max > this.greatest) this.greatest = max;
  }

  /** Codes to values in place, from the end: a value lies where only codes already read were. */
  private becomePlain(): void {
    const { values, distinct } = this;
    const { codes, count } = this.rows;
    for (let i = count - 1; i >= 0; i--) values[i] = distinct.values[codes[i]!]!;
    this.widen(boundsOf(distinct.values.subarray(0, distinct.count), undefined));
    this.coded = false;
  }

  /** Past this many entries a dictionary cannot save much, and giving up early keeps random columns cheap. */
  private limit(count: number): number {
    return Math.min(1 << 16, this.wide ? count >> 3 : count >> 1);
  }

  encode(): EncodedColumn {
    const { rows, wide, distinct, scratch } = this;
    const { codes, count, levels } = rows;
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
    if (pays) this.widen(boundsOf(distinct.values.subarray(0, entries), undefined));
    const { min, max } = plainBounds(this.least, this.greatest, count, wide);
    // The encoding of no values at all is one that every reader has.
    const delta = this.known === "delta" && this.values instanceof Int32Array && count > 0;
    const gathered = {
      physical: wide ? PHYSICAL.double : PHYSICAL.int32,
      levels,
      count,
      coded: pays ? { codes, entries } : undefined,
      encoding: delta ? ENCODING.delta : ENCODING.plain,
      ...{ min, max },
    };
    const { values } = this;
    const encoded = encodePage(scratch, gathered, (page) => {
      const plain = new Uint8Array(values.buffer, 0, count * size);
      if (wide) return plain;
      if (delta && values instanceof Int32Array) writeDelta(page, values, count);
      else page.append(plain);
      return undefined;
    });
    rows.clear();
    this.least = Number.POSITIVE_INFINITY;
    this.greatest = Number.NEGATIVE_INFINITY;
    this.coded = this.known === undefined;
    distinct.clear();
    return encoded;
  }
}

/**
 * Numbers the distinct values in order of appearance, by their bits. Int32s that come in rising order, windows of which come again
 * (positions do), are found by that order; with the first that does not fit, values are hashed.
 */
class DistinctNumbers {
  readonly values: Numbers;
  count = 0;
  private rising: boolean;
  /** The entry found last, while values rise. */
  private last = 0;
  private readonly words: Uint32Array;
  /** Entry by hash, at most half full: as large as the values of a row group made it, so that few of them stay in the processor's cache. */
  private slots = new Int32Array(FEWEST_SLOTS).fill(UNKNOWN);
  private readonly wide: boolean;
  private readonly limit: number;

  constructor(wide: boolean, limit: number) {
    this.wide = wide;
    this.limit = limit;
    this.rising = !wide;
    this.values = numbers(wide, limit);
    this.words = new Uint32Array(this.values.buffer);
  }

  /** The number of value `i`, whose bits are in `words`; {@link UNKNOWN} when it would be one too many. */
  entry(words: Uint32Array, i: number): number {
    if (!this.rising) return this.hashed(words, i);
    const { values, count } = this;
    const value = words[i]! | 0;
    if (count === 0 || value > values[count - 1]!) {
      if (count === this.limit) return UNKNOWN;
      values[count] = value;
      this.last = count;
      return this.count++;
    }
    const after = this.last + 1 < count ? this.last + 1 : 0;
    const entry = values[after] === value ? after : placeOf(values, count, value);
    if (values[entry] === value) {
      this.last = entry;
      return entry;
    }
    this.hashAll();
    return this.hashed(words, i);
  }

  /** Hashes the values so far. */
  private hashAll(): void {
    const { words, count } = this;
    this.rising = false;
    this.count = 0;
    for (let i = 0; i < count; i++) this.hashed(words, i);
  }

  private hashed(words: Uint32Array, i: number): number {
    const { slots, wide } = this;
    const low = wide ? words[2 * i]! : words[i]!;
    const high = wide ? words[2 * i + 1]! : 0;
    const mask = slots.length - 1;
    let slot = hashOf(low, high) & mask;
    for (;;) {
      const entry = slots[slot]!;
      if (entry < 0) {
        if (this.count === this.limit) return UNKNOWN;
        slots[slot] = this.count;
        if (wide) this.words[2 * this.count + 1] = high;
        this.words[wide ? 2 * this.count : this.count] = low;
        this.count++;
        if (2 * this.count > slots.length) this.widen();
        return this.count - 1;
      }
      const same = wide
        ? this.words[2 * entry] === low && this.words[2 * entry + 1] === high
        : this.words[entry] === low;
      if (same) return entry;
      slot = (slot + 1) & mask;
    }
  }

  private widen(): void {
    const { words, wide } = this;
    const slots = new Int32Array(2 * this.slots.length).fill(UNKNOWN);
    const mask = slots.length - 1;
    for (let entry = 0; entry < this.count; entry++) {
      let slot = (wide ? hashOf(words[2 * entry]!, words[2 * entry + 1]!) : hashOf(words[entry]!, 0)) & mask;
      while (slots[slot]! >= 0) slot = (slot + 1) & mask;
      slots[slot] = entry;
    }
    this.slots = slots;
  }

  bytes(): Uint8Array {
    return new Uint8Array(this.values.buffer, 0, this.count * this.values.BYTES_PER_ELEMENT);
  }

  clear(): void {
    this.count = 0;
    if (!this.rising) this.slots.fill(UNKNOWN);
    this.rising = !this.wide;
    this.last = 0;
  }
}

function hashOf(low: number, high: number): number {
  let hash = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

/** Where the first of `count` rising values that is at least `value` is. */
function placeOf(values: Numbers, count: number, value: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function numbers(wide: boolean, length: number): Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer> {
  return wide ? new Float64Array(length) : new Int32Array(length);
}

function wordsOf({ buffer, byteOffset, byteLength }: Numbers): Uint32Array {
  return new Uint32Array(buffer, byteOffset, byteLength / 4);
}

/** Least and greatest of `count` values as PLAIN bytes; absent where there is no value. */
function plainBounds(
  min: number,
  max: number,
  count: number,
  wide: boolean,
): { min: Uint8Array | undefined; max: Uint8Array | undefined } {
  if (count === 0) return { min: undefined, max: undefined };
  // The format wants -0 as a lower and +0 as an upper bound.
  const out = wide ? Float64Array.of(min === 0 ? -0 : min, max === 0 ? 0 : max) : Int32Array.of(min, max);
  const bytes = new Uint8Array(out.buffer);
  const half = bytes.length / 2;
  return { min: bytes.subarray(0, half), max: bytes.subarray(half) };
}

/** Least and greatest of some values (infinite where there is none), and whether one of them is a null. */
interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly holes: boolean;
}

function boundsOf(values: Numbers, missing: number | undefined): Bounds {
  return values instanceof Float64Array ? boundsOfDoubles(values) : boundsOfIntegers(values, missing);
}

function boundsOfDoubles(values: Float64Array): Bounds {
  // Read before the loop: code that the engine makes while it runs knows nothing of what only comes after, and is thrown away there.
  const { length } = values;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let numbers = 0;
  for (let i = 0; i < length; i++) {
    const value = values[i]!;
    if (value < min) min = value;
    if (value > max) max = value;
    // NaN is not even what it is itself.
    if (value >= min) numbers++;
  }
  return { min, max, holes: numbers < length };
}

/** The same loop: one for both kinds would be compiled for neither. */
function boundsOfIntegers(values: Int32Array, missing: number | undefined): Bounds {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let holes = false;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value < min) min = value;
    if (value > max) max = value;
    if (value === missing) holes = true;
  }
  return { min, max, holes };
}
