/**
 * Levels of detail: of points sorted by x, which to draw at which zoom. On a grid of `columns` x `rows` cells over the whole plot each cell's
 * strongest point comes first (level 0); each further level halves the cells and adds what is the strongest of its new cell; the last adds
 * the rest. All levels up to one, together, hold the strongest point of every cell of that level.
 */

export interface Dots {
  /** Ascending. */
  readonly x: Float64Array;
  /** Points whose y is no number are never drawn. */
  readonly y: Float32Array;
  /** What decides which of a cell is drawn; of equals the first. */
  readonly strength: Float32Array;
  /** Which of the raster's styles a point has, 0 to 7; a higher one lies above. */
  readonly kind: Uint8Array;
}

/** What the grid covers. */
export interface Extent {
  readonly x0: number;
  readonly x1: number;
  readonly y0: number;
  readonly y1: number;
}

/** Points of one level, by x; copies, so that drawing reads memory in order. */
export interface DetailLevel {
  readonly index: Uint32Array;
  readonly x: Float64Array;
  readonly y: Float32Array;
  readonly kind: Uint8Array;
}

export interface Detail {
  readonly extent: Extent;
  readonly columns: number;
  readonly rows: number;
  readonly levels: readonly DetailLevel[];
}

export interface Grid {
  readonly columns: number;
  readonly rows: number;
  /** Levels with cells, before that of the rest. */
  readonly depth: number;
}

/** Cells about as wide as high on a plot four times as wide as high, which the Manhattan plot is. */
const GRID: Grid = { columns: 256, rows: 64, depth: 8 };

export function detailOf(dots: Dots, extent: Extent, grid: Grid = GRID): Detail {
  const n = dots.x.length;
  /** Level of each point; `grid.depth` is the last. 255: not drawn. */
  const level = new Uint8Array(n).fill(grid.depth);
  for (let i = 0; i < n; i++) if (Number.isNaN(dots.y[i]!) || Number.isNaN(dots.x[i]!)) level[i] = 255;
  // Fine to coarse: the strongest of a coarse cell is the strongest of its fine one too, and is given the coarser level.
  for (let depth = grid.depth - 1; depth >= 0; depth--) {
    const { columns, rows } = cells(grid, depth);
    markStrongest(dots, extent, columns, rows, level, depth);
  }
  const counts = new Uint32Array(256);
  for (let i = 0; i < n; i++) counts[level[i]!]!++;
  const levels = Array.from({ length: grid.depth + 1 }, (_, depth) =>
    gather(dots, level, depth, counts[depth]!),
  );
  return { extent, columns: grid.columns, rows: grid.rows, levels };
}

function cells(grid: Pick<Grid, "columns" | "rows">, depth: number): { columns: number; rows: number } {
  return { columns: grid.columns * 2 ** depth, rows: grid.rows * 2 ** depth };
}

/** Column by column, which x's order allows: a column's cells are all that is held. */
function markStrongest(
  { x, y, strength }: Dots,
  { x0, x1, y0, y1 }: Extent,
  columns: number,
  rows: number,
  level: Uint8Array,
  depth: number,
): void {
  const best = new Int32Array(rows).fill(-1);
  let touched: number[] = [];
  const close = (): void => {
    for (const row of touched) {
      level[best[row]!] = depth;
      best[row] = -1;
    }
    touched = [];
  };
  let column = -1;
  for (let i = 0; i < x.length; i++) {
    if (level[i] === 255) continue;
    const here = cellOf(x[i]!, x0, x1, columns);
    if (here !== column) {
      close();
      column = here;
    }
    const row = cellOf(y[i]!, y0, y1, rows);
    const before = best[row]!;
    if (before < 0) touched.push(row);
    if (before < 0 || strength[i]! > strength[before]!) best[row] = i;
  }
  close();
}

/** The cell of `value`; what lies outside goes to the outer ones. */
export function cellOf(value: number, low: number, high: number, cells: number): number {
  const at = Math.floor(((value - low) / (high - low)) * cells);
  return at < 0 ? 0 : at < cells ? at : cells - 1;
}

function gather(dots: Dots, level: Uint8Array, depth: number, count: number): DetailLevel {
  const index = new Uint32Array(count);
  let at = 0;
  for (let i = 0; i < level.length; i++) if (level[i] === depth) index[at++] = i;
  return {
    index,
    x: Float64Array.from(index, (i) => dots.x[i]!),
    y: Float32Array.from(index, (i) => dots.y[i]!),
    kind: Uint8Array.from(index, (i) => dots.kind[i]!),
  };
}

/** A stretch of one level to draw. */
export interface Slice {
  readonly level: DetailLevel;
  readonly from: number;
  readonly to: number;
}

export interface Choice {
  readonly slices: readonly Slice[];
  /** Points in the slices: what a frame touches. */
  readonly touched: number;
  /** Levels in use. */
  readonly depth: number;
}

export interface Wanted extends Extent {
  /** Of the frame, in device pixels. */
  readonly width: number;
  readonly height: number;
}

/**
 * What to draw of a stretch: levels until cells are smaller than `cell` pixels, but no more than `budget` points; level 0, at most one point
 * a cell of the coarsest grid, is drawn whatever the budget.
 */
export function choose(detail: Detail, wanted: Wanted, budget: number, cell = 1): Choice {
  const { extent, columns, rows, levels } = detail;
  const across = (wanted.width * (extent.x1 - extent.x0)) / (wanted.x1 - wanted.x0) / columns;
  const up = (wanted.height * (extent.y1 - extent.y0)) / (wanted.y1 - wanted.y0) / rows;
  const slices: Slice[] = [];
  let touched = 0;
  for (const [depth, level] of levels.entries()) {
    // Cells of the level before are small enough already.
    if (depth > 0 && Math.max(across, up) / 2 ** (depth - 1) <= cell) break;
    const from = firstAtLeast(level.x, wanted.x0);
    const to = firstAbove(level.x, wanted.x1);
    if (depth > 0 && touched + to - from > budget) break;
    slices.push({ level, from, to });
    touched += to - from;
  }
  return { slices, touched, depth: slices.length };
}

/** First index of ascending `x` with x >= value. */
export function firstAtLeast(x: Float64Array, value: number): number {
  let low = 0;
  let high = x.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** First index of ascending `x` with x > value. */
export function firstAbove(x: Float64Array, value: number): number {
  let low = 0;
  let high = x.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
