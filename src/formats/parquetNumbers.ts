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

/** Doubles and int32s: a dictionary where it pays (allele frequencies, counts, positions), else PLAIN. */
export class NumberBuilder implements ColumnBuilder {
  private readonly values: Float64Array | Int32Array;
  private readonly bytes: Uint8Array;
  private readonly levels: Levels;
  private readonly scratch: Scratch;
  private readonly wide: boolean;
  private count = 0;

  constructor(type: "double" | "int32", groupRows: number, scratch: Scratch) {
    this.wide = type === "double";
    this.values = this.wide ? new Float64Array(groupRows) : new Int32Array(groupRows);
    this.bytes = new Uint8Array(this.values.buffer);
    this.levels = new Levels(groupRows);
    this.scratch = scratch;
  }

  append(column: Column, from: number, to: number): void {
    if (column.type === "double") {
      for (let i = from; i < to; i++) {
        const value = column.values[i]!;
        const present = !Number.isNaN(value);
        if (present) this.values[this.count++] = value;
        this.levels.add(present);
      }
    } else if (column.type === "int32") {
      for (let i = from; i < to; i++) {
        const value = column.values[i]!;
        const present = value !== column.missing;
        if (present) this.values[this.count++] = value;
        this.levels.add(present);
      }
    }
  }

  encode(): EncodedColumn {
    const { page, dictionary, index, first } = this.scratch;
    const { count, wide } = this;
    const size = wide ? 8 : 4;
    const { nulls } = this.levels;
    this.levels.write(page);
    // Past these limits a dictionary cannot save much, and giving up early keeps random columns cheap.
    const entries = this.findDistinct(Math.min(1 << 16, wide ? count >> 3 : count >> 1));
    const width = entries > 0 ? indexWidth(entries) : 0;
    const pays = entries > 0 && entries * size + (count * width) / 8 < 0.75 * count * size;
    dictionary.clear();
    if (pays) {
      for (let e = 0; e < entries; e++) {
        dictionary.append(this.bytes.subarray(first[e]! * size, (first[e]! + 1) * size));
      }
      page.byte(width);
      writeHybrid(page, index, count, width);
    } else {
      page.append(this.bytes.subarray(0, count * size));
    }
    const { min, max } = this.bounds();
    this.count = 0;
    this.levels.clear();
    return {
      physical: wide ? PHYSICAL.double : PHYSICAL.int32,
      encoding: pays ? ENCODING.rleDictionary : ENCODING.plain,
      dictionary: pays ? dictionary.content() : undefined,
      dictionaryEntries: pays ? entries : 0,
      page: page.content(),
      nulls,
      min,
      max,
    };
  }

  /** Numbers the distinct values in order of appearance (by their bits); 0 when there are more than `limit`. */
  private findDistinct(limit: number): number {
    const { index, first, slots } = this.scratch;
    const words = new Uint32Array(this.values.buffer);
    const mask = slots.length - 1;
    slots.fill(-1);
    let entries = 0;
    for (let i = 0; i < this.count; i++) {
      const low = this.wide ? words[2 * i]! : words[i]!;
      const high = this.wide ? words[2 * i + 1]! : 0;
      let hash = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b);
      hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
      let slot = (hash ^ (hash >>> 13)) & mask;
      for (;;) {
        const entry = slots[slot]!;
        if (entry < 0) {
          if (entries === limit) return 0;
          slots[slot] = entries;
          first[entries] = i;
          index[i] = entries++;
          break;
        }
        const row = first[entry]!;
        const same = this.wide ? words[2 * row] === low && words[2 * row + 1] === high : words[row] === low;
        if (same) {
          index[i] = entry;
          break;
        }
        slot = (slot + 1) & mask;
      }
    }
    return entries;
  }

  private bounds(): { min: Uint8Array | undefined; max: Uint8Array | undefined } {
    if (this.count === 0) return { min: undefined, max: undefined };
    let min = this.values[0]!;
    let max = min;
    for (let i = 1; i < this.count; i++) {
      const value = this.values[i]!;
      if (value < min) min = value;
      if (value > max) max = value;
    }
    // The format wants -0 as a lower and +0 as an upper bound.
    const out = this.wide
      ? new Float64Array([min === 0 ? -0 : min, max === 0 ? 0 : max])
      : new Int32Array([min, max]);
    const bytes = new Uint8Array(out.buffer);
    const half = bytes.length / 2;
    return { min: bytes.subarray(0, half), max: bytes.subarray(half) };
  }
}
