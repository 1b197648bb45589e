import { Breather } from "../compute/pause.ts";

/** A symmetric matrix of items in some order, as means over cells of neighbouring items: what a picture of it needs. */
export interface OverlapCells {
  /** Cells on a side: as many as items, where these are few. */
  readonly side: number;
  /** `means[a * side + b]` over the pairs of different items of the two cells; NaN where there is none (the diagonal of cells of one item). */
  readonly means: Float64Array;
}

/** Cells on a side where more items share them. */
export const MOST_CELLS = 180;

/** The first place of a cell. */
export function cellStart(cell: number, side: number, items: number): number {
  return Math.floor((cell * items) / side);
}

/**
 * Means of `overlap` over cells of items that are neighbours in `order`: of every pair, none is sampled. Pairs are asked a < b in
 * order of a, then b, so that a condensed matrix is read from front to back; sums have that order.
 */
export async function overlapCells(
  order: ArrayLike<number>,
  overlap: (a: number, b: number) => number,
  { most = MOST_CELLS, signal }: { readonly most?: number; readonly signal?: AbortSignal | undefined } = {},
): Promise<OverlapCells> {
  const items = order.length;
  const side = Math.min(items, most);
  const cellOf = new Uint32Array(items);
  for (let cell = 0; cell < side; cell++) {
    const end = cellStart(cell + 1, side, items);
    for (let place = cellStart(cell, side, items); place < end; place++) cellOf[order[place]!] = cell;
  }
  const sums = new Float64Array(side * side);
  const breather = new Breather(signal);
  for (let a = 0; a < items; a++) {
    await breather.pause();
    const row = cellOf[a]!;
    for (let b = a + 1; b < items; b++) {
      // Of the two halves the lower one.
      const column = cellOf[b]!;
      const at = row > column ? row * side + column : column * side + row;
      sums[at] = sums[at]! + overlap(a, b);
    }
  }
  const size = (cell: number): number => cellStart(cell + 1, side, items) - cellStart(cell, side, items);
  for (let a = 0; a < side; a++) {
    for (let b = 0; b <= a; b++) {
      const pairs = a === b ? (size(a) * (size(a) - 1)) / 2 : size(a) * size(b);
      const mean = pairs === 0 ? Number.NaN : sums[a * side + b]! / pairs;
      sums[a * side + b] = sums[b * side + a] = mean;
    }
  }
  return { side, means: sums };
}
