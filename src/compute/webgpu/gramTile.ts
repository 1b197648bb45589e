import type { Block } from "./variants.ts";

/** Bytes of a pair's sums: high, both, low. */
export const PAIR_BYTES = 12;
/** Bytes that come back from a submit at most. */
const MOST_BYTES = 2 ** 26;
/** Products of four numbers that a word takes: high and low digits with each other. */
const PRODUCTS = 4;
/** Words of a dispatch at least, where a submit cannot do a line's: as many as make the rest of its cost small. */
const LEAST_WORDS = 64;

export interface GramShape {
  readonly columns: number;
  readonly words: number;
}

/**
 * How many columns, and words of them, rows meet in a submit of `work` products of four numbers: whole blocks, and at least
 * one, of all words where that can be.
 */
export function gramShape(
  rows: number,
  columns: number,
  words: number,
  { block, work, binding }: { readonly block: Block; readonly work: number; readonly binding: number },
): GramShape {
  const padded = Math.ceil(rows / block.rows) * block.rows;
  const room = Math.max(1, Math.floor(Math.min(MOST_BYTES, binding) / (PAIR_BYTES * rows)));
  const byWork = work / (PRODUCTS * padded * Math.max(1, words));
  const whole = Math.max(block.columns, Math.floor(byWork / block.columns) * block.columns);
  const wide = Math.min(columns, room, whole);
  const deep = work / (PRODUCTS * padded * Math.ceil(wide / block.columns) * block.columns);
  return { columns: wide, words: Math.min(words, Math.max(LEAST_WORDS, Math.floor(deep))) };
}

/** What a submit of that shape is: products of four numbers, blocks that are not full counted whole. */
export function gramWork(rows: number, { columns, words }: GramShape, block: Block): number {
  const lines = (count: number, size: number) => Math.ceil(count / size) * size;
  return PRODUCTS * lines(rows, block.rows) * lines(columns, block.columns) * words;
}
