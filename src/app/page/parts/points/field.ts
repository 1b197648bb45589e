/** Points of a plot too many to draw one by one: sorted along x, thinned level by level so that a frame touches what a screen can show. */

export interface PointColumns {
  /** Ascending. */
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  /** Of points that share a spot the one with the largest is kept, and drawn last. */
  readonly strength: ArrayLike<number>;
}

/** A level keeps at most one point of each cell of `columns` x {@link ROWS} over the whole plane. */
export interface Level {
  readonly columns: number;
  /** Indices of its points, ascending: along x. */
  readonly points: Uint32Array;
}

export interface Field {
  readonly points: PointColumns;
  readonly count: number;
  /** The plane: x from 0 to `width`, y from 0 to `height`. */
  readonly width: number;
  readonly height: number;
  /** Coarsest first; the last has all points. */
  readonly levels: readonly Level[];
}

/** Cells up a level's column: about the pixels of a tall plot on a fine screen. */
export const ROWS = 1_024;
const COARSEST = 1_024;

/** `width` and `height` are those of the plane; points beyond it are drawn at its edge. */
export function fieldOf(points: PointColumns, width: number, height: number): Field {
  const count = points.x.length;
  let current = new Uint32Array(count);
  for (let i = 0; i < count; i++) current[i] = i;
  const levels: Level[] = [{ columns: Number.POSITIVE_INFINITY, points: current }];
  let columns = COARSEST;
  // A level finer than half its points' number of columns would leave out next to none.
  while (columns * 4 < count) columns *= 2;
  for (; columns >= COARSEST && count > COARSEST; columns /= 2) {
    const thinned = thin(points, current, columns / width, ROWS / height);
    if (thinned.length < 0.9 * current.length) levels.unshift({ columns, points: thinned });
    current = thinned;
  }
  return { points, count, width, height, levels };
}

/** The strongest of `indices` in each cell; of equally strong ones the first. */
function thin(
  { x, y, strength }: PointColumns,
  indices: Uint32Array<ArrayBuffer>,
  across: number,
  up: number,
): Uint32Array<ArrayBuffer> {
  const best = new Int32Array(ROWS).fill(-1);
  const kept = new Uint32Array(indices.length);
  let filled: number[] = [];
  let count = 0;
  let column = -1;
  const flush = (): void => {
    const from = count;
    for (const row of filled) {
      kept[count++] = best[row]!;
      best[row] = -1;
    }
    kept.subarray(from, count).sort();
    filled = [];
  };
  for (const i of indices) {
    const cell = Math.floor(x[i]! * across);
    if (cell !== column) {
      flush();
      column = cell;
    }
    const row = Math.min(ROWS - 1, Math.max(0, Math.floor(y[i]! * up)));
    const before = best[row]!;
    if (before < 0) filled.push(row);
    if (before < 0 || strength[i]! > strength[before]!) best[row] = i;
  }
  flush();
  return kept.slice(0, count);
}

/** What is looked at: a stretch of x and y, and the pixels it is shown on. */
export interface Viewport {
  readonly x0: number;
  readonly x1: number;
  readonly y0: number;
  readonly y1: number;
  readonly width: number;
  readonly height: number;
}

/** The coarsest level whose columns are no wider than half a pixel, or all points. */
export function levelFor(field: Field, { x0, x1, width }: Viewport): Level {
  const needed = (2 * width * field.width) / (x1 - x0);
  return field.levels.find(({ columns }) => columns >= needed) ?? field.levels[field.levels.length - 1]!;
}

/** The first place in `indices` (ascending along x) whose point is not left of `at`. */
export function firstFrom(x: ArrayLike<number>, indices: Uint32Array, at: number): number {
  let low = 0;
  let high = indices.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (x[indices[middle]!]! < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The point nearest to (`px`, `py`), pixels of the viewport, within `radius` pixels; of equally near ones the strongest. -1 where there is none.
 * What is drawn is searched, so the point found is one that is seen.
 */
export function nearest(field: Field, view: Viewport, px: number, py: number, radius: number): number {
  const { x, y, strength } = field.points;
  const across = view.width / (view.x1 - view.x0);
  const up = view.height / (view.y1 - view.y0);
  const { points } = levelFor(field, view);
  const at = view.x0 + px / across;
  const reach = radius / across;
  let found = -1;
  let least = radius * radius;
  for (let k = firstFrom(x, points, at - reach); k < points.length; k++) {
    const i = points[k]!;
    if (x[i]! > at + reach) break;
    const dx = (x[i]! - view.x0) * across - px;
    const dy = view.height - (Math.min(field.height, y[i]!) - view.y0) * up - py;
    const distance = dx * dx + dy * dy;
    if (distance > least || (distance === least && found >= 0 && strength[i]! <= strength[found]!)) continue;
    least = distance;
    found = i;
  }
  return found;
}
