import type { Levels } from "./parquetPage.ts";
import { EntryMap, NULL, type Runs, runAt, UNKNOWN } from "./parquetRuns.ts";

/** Rows as the entries of their values: of one column of one row group. */
export class CodedRows {
  readonly codes: Int32Array;
  readonly levels: Levels;
  /** Rows with a value. */
  count = 0;
  private readonly map = new EntryMap();

  /** `codes` may be memory that holds something else once the rows are no longer coded. */
  constructor(codes: Int32Array, levels: Levels) {
    this.codes = codes;
    this.levels = levels;
  }

  /**
   * Adds rows `from` to `to`. `entryOf` gives the entry of a value that came up first, or NULL, or UNKNOWN where it can
   * have none: there the rows end. Returns the row that it ended before.
   */
  append(
    { values, index }: { readonly values: { readonly length: number }; readonly index: Uint32Array },
    from: number,
    to: number,
    runs: Runs | undefined,
    entryOf: (value: number) => number,
  ): number {
    this.map.follow(values);
    if (runs === undefined) return this.appendSingly(index, from, to, entryOf);
    let row = from;
    for (let run = runAt(runs, from); row < to; run++) {
      const end = Math.min(to, runs.start[run + 1]!);
      const value = index[row]!;
      const last = runs.step[run] === 0 ? value + 1 : value + end - row;
      if (this.map.enter(value, last, entryOf)) {
        const { entries } = this.map;
        if (runs.step[run] === 0) this.codes.fill(entries[value]!, this.count, this.count + end - row);
        else this.codes.set(entries.subarray(value, last), this.count);
        this.count += end - row;
        this.levels.addPresent(end - row);
        row = end;
      } else {
        row = this.appendSingly(index, row, end, entryOf);
        if (row < end) break;
      }
    }
    return row;
  }

  private appendSingly(
    index: Uint32Array,
    from: number,
    to: number,
    entryOf: (value: number) => number,
  ): number {
    const { codes } = this;
    const { entries } = this.map;
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
      const value = index[i]!;
      if (entry === UNKNOWN) {
        entry = entryOf(value);
        if (entry === UNKNOWN) break;
        entries[value] = entry;
      }
      this.add(entry);
      i++;
    }
    return i;
  }

  /** One row: its entry, or NULL. */
  add(entry: number): void {
    if (entry === NULL) this.levels.addNull();
    else {
      this.codes[this.count++] = entry;
      this.levels.addPresent(1);
    }
  }

  /** For the next row group. */
  clear(): void {
    this.count = 0;
    this.map.forget();
  }
}
