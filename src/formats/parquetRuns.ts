/** Rows that point at values one after the other (step 1: the variants of a window) or at the same value (step 0: its gene). */
export interface Runs {
  /** First row of each run, and the number of rows. */
  readonly start: Uint32Array;
  /** 0 or 1 for each run. */
  readonly step: Uint8Array;
}

/** Runs shorter than this on average save nothing. */
const SHORTEST = 32;

/** The runs of `index`; absent where it has too many for them to be of use. */
export function runsOf(index: Uint32Array): Runs | undefined {
  const most = index.length / SHORTEST;
  const start: number[] = [];
  const step: number[] = [];
  for (let i = 0; i < index.length; ) {
    if (start.length >= most) return undefined;
    const by = index[i + 1] === index[i] ? 0 : 1;
    start.push(i);
    step.push(by);
    let value = index[i++]! + by;
    while (i < index.length && index[i] === value) {
      i++;
      value += by;
    }
  }
  start.push(index.length);
  return { start: Uint32Array.from(start), step: Uint8Array.from(step) };
}

/** Entries of an {@link EntryMap} that are none. */
export const UNKNOWN = -1;
export const NULL = -2;

/**
 * From the values of an indexed column to their entries in the row group's dictionary: a value is looked up
 * once for as long as the same values come, whatever the number of rows.
 */
export class EntryMap {
  /** Entry by index of the value. */
  entries = new Int32Array(0);
  private values: unknown;
  /** Values of which all have an entry. */
  private first = 0;
  private last = 0;

  /** Takes `values` over, forgetting other ones. */
  follow(values: { readonly length: number }): void {
    if (values === this.values) return;
    this.values = values;
    if (this.entries.length < values.length) this.entries = new Int32Array(values.length);
    this.entries.fill(UNKNOWN, 0, values.length);
    this.first = 0;
    this.last = 0;
  }

  forget(): void {
    this.values = undefined;
  }

  /**
   * Gives values `from` to `to` entries by `entryOf`, in this order, where they have none yet; false when one is null,
   * or gets none: then the values before it have theirs.
   */
  enter(from: number, to: number, entryOf: (value: number) => number): boolean {
    const { first, last } = this;
    const joins = from >= first && from <= last;
    if (!enterEach(this.entries, joins ? last : from, to, entryOf)) return false;
    if (!joins) this.first = from;
    this.last = joins ? Math.max(last, to) : to;
    return true;
  }
}

/** {@link EntryMap.enter} of values whose entries are not known. By itself: code made while it runs knows nothing of what comes after, and is thrown away there. */
function enterEach(
  entries: Int32Array,
  from: number,
  to: number,
  entryOf: (value: number) => number,
): boolean {
  for (let value = from; value < to; value++) {
    if (entries[value] === UNKNOWN) entries[value] = entryOf(value);
    if (entries[value]! < 0) return false;
  }
  return true;
}

/** The run that `row` lies in. */
export function runAt({ start }: Runs, row: number): number {
  let low = 0;
  let high = start.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (start[middle]! <= row) low = middle;
    else high = middle;
  }
  return low;
}
