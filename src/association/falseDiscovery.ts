import { pow10 } from "../statistics/elementary.ts";
import { type PartStore, partLog10P } from "./parts.ts";

/** q-values of all hits of a map, handed out in the order of its rows. */
export interface RowQValues {
  /** q of the next `log10P.length` rows, whose log10 p these are; good until the next call. */
  next(log10P: Float64Array): Promise<Float64Array>;
}

/**
 * Benjamini-Hochberg q = min over p' >= p of p' tests / rank(p') (METHODS 4.5), exact over `tests`, of
 * which `hits` rows are kept in the parts `names` of `store` (all others have a larger p). What it
 * holds is at most a quarter of `memory` bytes (more only where very many hits share their leading 9
 * bits): with few hits the sorted p-values, else p-values are dealt into ranges on `store`, each
 * range is ranked by itself, from the largest p down, and rows take their q back from their range in
 * turn. Both ways do the same arithmetic on the same ranks, so q does not depend on `memory`.
 */
export async function falseDiscovery(
  store: PartStore,
  names: readonly string[],
  tests: number,
  memory: number,
): Promise<RowQValues> {
  const histogram = await countByRange(store, names);
  let hits = 0;
  for (const count of histogram) hits += count;
  if (hits * 16 <= memory / 4) return inMemory(store, names, tests, hits);
  return onStore(store, names, tests, memory, histogram);
}

/** p to q as a step function: q of x is that of the first threshold >= x, `ceiling` past the last. */
export interface QSteps {
  readonly thresholds: Float64Array;
  readonly q: Float64Array;
  readonly ceiling: number;
  /** Least q: the ceiling of smaller p. */
  readonly floor: number;
}

/** How many false hits are expected to have a p of at most this. */
export type FalseHits = (log10P: number) => number;

/** Of so many tests, all of them null: Benjamini-Hochberg. */
export function ofTests(tests: number): FalseHits {
  return (log10P) => pow10(log10P) * tests;
}

/**
 * Steps of the hits `sorted` (log10 p ascending; overwritten), of which `before` others have a smaller
 * p and none of those with a larger p has a q below `ceiling`: q = false hits expected / hits found, made monotone.
 */
export function qSteps(sorted: Float64Array, falseHits: FalseHits, before: number, ceiling: number): QSteps {
  let q = new Float64Array(1024);
  let steps = 0;
  let least = ceiling;
  let write = sorted.length;
  for (let i = sorted.length - 1; i >= 0; i--) {
    const log10P = sorted[i]!;
    const candidate = falseHits(log10P) / (before + i + 1);
    if (candidate >= least) continue;
    least = candidate;
    if (steps === q.length) {
      const larger = new Float64Array(Math.min(sorted.length, steps * 2));
      larger.set(q);
      q = larger;
    }
    q[steps++] = candidate;
    // Thresholds gather at the end of `sorted`, where all has been read.
    sorted[--write] = log10P;
  }
  const kept = q.subarray(0, steps);
  kept.reverse();
  return { thresholds: sorted.subarray(write), q: kept, ceiling, floor: least };
}

/** q of a hit with this log10 p. */
export function qAt(steps: QSteps, log10P: number): number {
  const { thresholds } = steps;
  let low = 0;
  let high = thresholds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (thresholds[middle]! < log10P) low = middle + 1;
    else high = middle;
  }
  return low < thresholds.length ? steps.q[low]! : steps.ceiling;
}

/** Sign, exponent and eight bits of mantissa of |log10 p|: numbers grow as p falls. */
const RANGES = 1 << 19;
const NUMBER = new Float64Array(1);
const WORDS = new Uint32Array(NUMBER.buffer);

function rangeOf(log10P: number): number {
  NUMBER[0] = Math.abs(log10P);
  return WORDS[1]! >>> 12;
}

/** Calls `visit` with the log10 p-values of each part in order; the array is good until the next. */
async function eachPart(
  store: PartStore,
  names: readonly string[],
  visit: (log10P: Float64Array) => Promise<void> | void,
): Promise<void> {
  let buffer: Uint8Array | undefined;
  for (const name of names) {
    const bytes = await store.get(name, buffer);
    if (buffer === undefined || bytes.length > buffer.length) buffer = bytes;
    await visit(partLog10P(bytes, name));
  }
}

async function countByRange(store: PartStore, names: readonly string[]): Promise<Float64Array> {
  const histogram = new Float64Array(RANGES);
  await eachPart(store, names, (log10P) => {
    for (let i = 0; i < log10P.length; i++) histogram[rangeOf(log10P[i]!)]!++;
  });
  return histogram;
}

async function inMemory(
  store: PartStore,
  names: readonly string[],
  tests: number,
  hits: number,
): Promise<RowQValues> {
  const all = new Float64Array(hits);
  let at = 0;
  await eachPart(store, names, (log10P) => {
    all.set(log10P, at);
    at += log10P.length;
  });
  const steps = qSteps(all.sort(), ofTests(tests), 0, 1);
  let out = new Float64Array(0);
  return {
    async next(log10P) {
      if (out.length < log10P.length) out = new Float64Array(log10P.length);
      for (let i = 0; i < log10P.length; i++) out[i] = qAt(steps, log10P[i]!);
      return out.subarray(0, log10P.length);
    },
  };
}

/** Neighbouring ranges of at most `capacity` hits together; group 0 has the largest p. */
function groupRanges(histogram: Float64Array, capacity: number): { of: Uint32Array; sizes: number[] } {
  const of = new Uint32Array(histogram.length);
  const sizes = [0];
  histogram.forEach((count, range) => {
    const last = sizes.length - 1;
    if (sizes[last]! > 0 && sizes[last]! + count > capacity) sizes.push(0);
    sizes[sizes.length - 1]! += count;
    of[range] = sizes.length - 1;
  });
  return { of, sizes };
}

async function onStore(
  store: PartStore,
  names: readonly string[],
  tests: number,
  memory: number,
  histogram: Float64Array,
): Promise<RowQValues> {
  const { of, sizes } = groupRanges(histogram, Math.max(4096, Math.floor(memory / 64)));
  const blockRows = Math.max(512, Math.min(65_536, Math.floor(memory / 128 / sizes.length)));
  const files = new GroupFiles(store, sizes.length, blockRows);
  await eachPart(store, names, async (log10P) => {
    for (let i = 0; i < log10P.length; i++) {
      const group = of[rangeOf(log10P[i]!)]!;
      if (files.add(group, log10P[i]!)) await files.flush(group);
    }
  });
  for (let group = 0; group < sizes.length; group++) await files.flush(group);

  let before = sizes.reduce((sum, size) => sum + size, 0);
  let ceiling = 1;
  for (let group = 0; group < sizes.length; group++) {
    before -= sizes[group]!;
    const sorted = (await files.load(group, sizes[group]!)).sort();
    const steps = qSteps(sorted, ofTests(tests), before, ceiling);
    await files.replace(group, (log10P) => qAt(steps, log10P));
    ceiling = steps.floor;
  }
  let out = new Float64Array(0);
  return {
    async next(log10P) {
      if (out.length < log10P.length) out = new Float64Array(log10P.length);
      for (let i = 0; i < log10P.length; i++) {
        const group = of[rangeOf(log10P[i]!)]!;
        if (files.atEnd(group)) await files.advance(group);
        out[i] = files.take(group);
      }
      return out.subarray(0, log10P.length);
    },
  };
}

/** Runs of numbers, one a group, kept on a store in blocks: written once, replaced, read once in order. */
class GroupFiles {
  private readonly store: PartStore;
  private readonly block: Float64Array[];
  /** Numbers in each block in memory, the next one to take, and blocks on the store (or read from it). */
  private readonly filled: Uint32Array;
  private readonly cursor: Uint32Array;
  private readonly blocks: Uint32Array;
  private readonly opened: Uint32Array;

  constructor(store: PartStore, groups: number, blockRows: number) {
    this.store = store;
    this.block = Array.from({ length: groups }, () => new Float64Array(blockRows));
    this.filled = new Uint32Array(groups);
    this.cursor = new Uint32Array(groups);
    this.blocks = new Uint32Array(groups);
    this.opened = new Uint32Array(groups);
  }

  /** True when the block is full and must be flushed. */
  add(group: number, value: number): boolean {
    const block = this.block[group]!;
    block[this.filled[group]!++] = value;
    return this.filled[group] === block.length;
  }

  async flush(group: number): Promise<void> {
    const filled = this.filled[group]!;
    if (filled === 0) return;
    await this.put(group, this.blocks[group]!++, filled);
    this.filled[group] = 0;
  }

  /** All numbers of a group. */
  async load(group: number, size: number): Promise<Float64Array> {
    const all = new Float64Array(size);
    let at = 0;
    for (let b = 0; b < this.blocks[group]!; b++) {
      const rows = await this.read(group, b);
      all.set(this.block[group]!.subarray(0, rows), at);
      at += rows;
    }
    return all;
  }

  async replace(group: number, change: (value: number) => number): Promise<void> {
    const block = this.block[group]!;
    for (let b = 0; b < this.blocks[group]!; b++) {
      const rows = await this.read(group, b);
      for (let i = 0; i < rows; i++) block[i] = change(block[i]!);
      await this.put(group, b, rows);
    }
  }

  atEnd(group: number): boolean {
    return this.cursor[group] === this.filled[group];
  }

  /** Reads the group's next block and deletes it from the store. */
  async advance(group: number): Promise<void> {
    const b = this.opened[group]!++;
    this.filled[group] = await this.read(group, b);
    this.cursor[group] = 0;
    await this.store.delete(name(group, b));
  }

  take(group: number): number {
    return this.block[group]![this.cursor[group]!++]!;
  }

  private async put(group: number, b: number, rows: number): Promise<void> {
    const block = this.block[group]!;
    await this.store.put(name(group, b), new Uint8Array(block.buffer, 0, rows * 8));
  }

  private async read(group: number, b: number): Promise<number> {
    const block = this.block[group]!;
    const into = new Uint8Array(block.buffer);
    const bytes = await this.store.get(name(group, b), into);
    if (bytes.buffer !== block.buffer) into.set(bytes);
    return bytes.length / 8;
  }
}

function name(group: number, block: number): string {
  return `range-${group}-${block}`;
}
