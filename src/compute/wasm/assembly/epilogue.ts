// What ends a tile of estimates.
// Why the comparisons are safe in f32 is shown in src/compute/screen/bound.ts.

/** What `select` writes before its first entry: (u32 next row, u32 entries). */
export const HEADER: usize = 8;
/** The rowBase of a row that no column meets. */
export const NO_PAIR: f32 = -f32.MAX_VALUE;

/** base[row] + sum over cohorts of rowFactor[cohort][row] * columnFactor[cohort][four columns at byte `at`]. */
@inline function bound(base: v128, cohorts: usize, rowFactor: usize, rowBytes: usize, columnFactor: usize, columnBytes: usize, at: usize): v128 {
  let sum = base;
  for (let cohort: usize = 0; cohort < cohorts; cohort++) {
    const factor = v128.load32_splat(rowFactor + cohort * rowBytes);
    sum = f32x4.add(sum, f32x4.mul(factor, v128.load(columnFactor + cohort * columnBytes + at)));
  }
  return sum;
}

/** Which of the four columns at byte `at` meet the row: first[column] <= row < last[column]. */
@inline export function met(row: v128, first: usize, last: usize, at: usize): v128 {
  return v128.and(i32x4.le_s(v128.load(first + at), row), i32x4.lt_s(row, v128.load(last + at)));
}

/**
 * The pairs with |estimate| + bound >= threshold, rows from `from` on, in order of row, then column.
 * rowBase [rows] f32 (NO_PAIR: no pair of the row); rowFactor [cohorts][rowBytes]; columnFactor
 * [cohorts][columnCount]; threshold, first, last [columnCount]. Writes at `found` the next row (rowCount when
 * it is done; less when the entries might not have found room), the number of entries and the entries
 * (u32 row << 16 | column). `capacity` >= columnCount entries.
 */
export function select(estimates: usize, rowCount: usize, columnCount: usize, cohorts: usize, rowBase: usize, rowFactor: usize, rowBytes: usize, columnFactor: usize, threshold: usize, first: usize, last: usize, from: usize, found: usize, capacity: usize): void {
  const bytes = columnCount * 4;
  let row = from;
  let count: usize = 0;
  for (; row < rowCount && count + columnCount <= capacity; row++) {
    const base = load<f32>(rowBase + row * 4);
    if (base == NO_PAIR) continue;
    const bases = f32x4.splat(base);
    const rows = i32x4.splat(<i32>row);
    for (let at: usize = 0; at < bytes; at += 16) {
      const upper = f32x4.add(
        f32x4.abs(v128.load(estimates + row * bytes + at)),
        bound(bases, cohorts, rowFactor + row * 4, rowBytes, columnFactor, bytes, at),
      );
      const hit = v128.and(f32x4.ge(upper, v128.load(threshold + at)), met(rows, first, last, at));
      let lanes = i32x4.bitmask(hit);
      while (lanes != 0) {
        store<u32>(found + HEADER + count * 4, <u32>((row << 16) | ((at >> 2) + <usize>ctz(lanes))));
        count++;
        lanes &= lanes - 1;
      }
    }
  }
  store<u32>(found, <u32>row);
  store<u32>(found, <u32>count, 4);
}

/**
 * floor[column] = the larger of itself and what the |statistic| of some met row is certain to reach:
 * (|estimate| - bound) * margin. Layout as in `select`; floor [columnCount] f32, >= 0.
 */
export function raise(estimates: usize, rowCount: usize, columnCount: usize, cohorts: usize, rowBase: usize, rowFactor: usize, rowBytes: usize, columnFactor: usize, floor: usize, first: usize, last: usize, margin: f32): void {
  const bytes = columnCount * 4;
  for (let row: usize = 0; row < rowCount; row++) {
    const base = load<f32>(rowBase + row * 4);
    if (base == NO_PAIR) continue;
    const bases = f32x4.splat(base);
    const rows = i32x4.splat(<i32>row);
    for (let at: usize = 0; at < bytes; at += 16) {
      const lower = f32x4.sub(
        f32x4.abs(v128.load(estimates + row * bytes + at)),
        bound(bases, cohorts, rowFactor + row * 4, rowBytes, columnFactor, bytes, at),
      );
      const certain = v128.and(f32x4.mul(lower, f32x4.splat(margin)), met(rows, first, last, at));
      v128.store(floor + at, f32x4.max(v128.load(floor + at), certain));
    }
  }
}
